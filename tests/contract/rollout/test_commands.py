"""`penstock rollout` against a real server: what it shows, changes, asks and refuses."""

import json
import os
import re
import uuid
from collections.abc import Iterator

import pytest

from penstock import MlflowClient
from penstock.cli.app import app
from penstock.cli.outcome import run
from penstock.rest.entities import Metric, Param
from penstock.rollout.codec import plan_tag
from penstock.rollout.scope import Scope
from penstock.rollout.store import find_store
from penstock.semver import parse_version
from servers import clean_environment, penstock
from terminals import at_terminal


@pytest.fixture
def client(mlflow_url, monkeypatch, tmp_path) -> Iterator[MlflowClient]:
    """A client of the server that the commands speak to."""
    for name in os.environ:
        if name.startswith(("MLFLOW_", "PENSTOCK_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_url)
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ann@example.com")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "the server asks for none")
    monkeypatch.chdir(tmp_path)
    with MlflowClient() as client:
        yield client


@pytest.fixture
def experiment(client) -> str:
    """The name of a new experiment."""
    name = f"rollout-{uuid.uuid4().hex[:8]}"
    client.create_experiment(name)
    return name


@pytest.fixture
def saved(client, experiment):
    """Save a run of a version, without a model: none is loaded here."""
    experiment_id = client.get_experiment_by_name(experiment).experiment_id

    def save(name: str, version: str = "1.4.0", submodel: str = experiment) -> str:
        scope = Scope(experiment_id, submodel, parse_version(version))
        numbers = zip(("major", "minor", "micro"), version.split("."), strict=True)
        params = [Param("submodel_name", submodel)]
        params += [Param(f"{part}_version", number) for part, number in numbers]
        run_id: str = client.create_run(experiment_id, run_name=name).info.run_id
        client.log_batch(run_id, [Metric("auc", 0.9, 0, 0)], params, (), synchronous=True)
        find_store(client).declare_new(scope, run_id)
        client.set_terminated(run_id)
        return run_id

    return save


def rollout(capsys, *arguments: str) -> str:
    """Run a command that ends well; return what it says."""
    assert 0 == run(app, ["rollout", *arguments]), capsys.readouterr().err
    return str(capsys.readouterr().out)


def refused(capsys, *arguments: str) -> str:
    """Run a command that fails; return its one line."""
    assert 1 == run(app, ["rollout", *arguments])
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert "" == captured.out
    return str(line)


def test_shares_are_set_shown_and_taken_back(capsys, experiment, saved):
    """The way of a release, by the beginnings of ids alone."""
    old, new = saved("old"), saved("new")
    rollout(capsys, "enable", old[:12])
    said = rollout(capsys, "set", f"{old[:12]}=80", f"{new[:12]}=20", "--experiment", experiment)
    rows = [line.split() for line in said.splitlines()[2:]]
    assert [
        ["old", "Active", "100", "%", "Active", "80", "%"],
        ["new", "New", "Active", "20", "%"],
    ] == [row[1:-1] for row in rows]
    shown = rollout(capsys, "show", "--experiment", experiment)
    assert "revision 2, " in shown
    assert "by ann@example.com" in shown
    assert "auc" in shown
    rollout(capsys, "rollback", "1", "--experiment", experiment)
    (live,) = json.loads(rollout(capsys, "list", "--experiment", experiment, "--json"))
    assert (old, "Active", 1.0) == (live["run_id"], live["status"], live["fraction"])


def test_a_plan_that_cannot_be_read_hinders_no_other(capsys, client, experiment, saved):
    """Its runs are listed as unreadable, with the reason; asked for alone, it is refused."""
    good, bad = saved("good"), saved("bad", "2.0.0")
    found = client.get_experiment_by_name(experiment)
    tag = plan_tag(Scope(found.experiment_id, experiment, parse_version("2.0.0")))
    client.set_experiment_tag(found.experiment_id, tag, "no plan")
    rollout(capsys, "enable", good)
    assert 0 == run(app, ["rollout", "list", "--experiment", experiment])
    told = capsys.readouterr()
    statuses = {line.split()[4]: line.split()[5] for line in told.out.splitlines()[1:]}
    assert {"good": "Active", "bad": "unreadable"} == statuses
    assert f"warning: experiment {found.experiment_id}, tag '{tag}': no plan" in told.err
    rows = json.loads(rollout(capsys, "list", "--experiment", experiment, "--json"))
    assert {good: True, bad: False} == {row["run_id"]: not row["unreadable"] for row in rows}
    assert "delete the tag" in refused(capsys, "show", "2.0.0", "--experiment", experiment)
    assert "good" in rollout(capsys, "show", "--experiment", experiment)


def test_a_live_run_that_was_deleted_is_disabled(capsys, client, experiment, saved):
    """By the beginning of its id, as it is listed; what changes is shown."""
    stays, gone = saved("stays"), saved("gone")
    rollout(capsys, "set", f"{stays}=1", f"{gone}=3")
    client.delete_run(gone)
    foreseen = json.loads(rollout(capsys, "disable", gone[:12], "--dry-run", "--json"))
    done = json.loads(rollout(capsys, "disable", gone[:12], "--json"))
    for document in (foreseen, done):
        assert (True, 1, 2) == (
            document["changed"],
            document["before"]["revision"],
            document["after"]["revision"],
        )
        fractions = {
            one["run_id"]: (one["before"]["fraction"], one["after"]["fraction"])
            for one in document["differences"]
        }
        assert {stays: (0.25, 1.0), gone: (0.75, 0.0)} == fractions
    listed = rollout(capsys, "list", "--experiment", experiment, "--all")
    assert ("stays" in listed, "deleted" in listed) == (True, False)


def test_a_dry_run_writes_nothing(capsys, client, experiment, saved):
    """It shows what the command would."""
    run_id = saved("only")
    tags = client.get_experiment_by_name(experiment).tags
    said = rollout(capsys, "enable", run_id, "--dry-run")
    assert "Active 100 %" in said
    assert "nothing was changed: this was a dry run" in said
    document = json.loads(rollout(capsys, "enable", run_id, "--dry-run", "--json"))
    assert (True, True, 0, 1) == (
        document["dry_run"],
        document["changed"],
        document["before"]["revision"],
        document["after"]["revision"],
    )
    assert tags == client.get_experiment_by_name(experiment).tags


def test_a_change_to_what_is_there_is_no_revision(capsys, experiment, saved):
    """The command may be repeated."""
    run_id = saved("only")
    first = json.loads(rollout(capsys, "canary", run_id, "--json"))
    again = json.loads(rollout(capsys, "canary", run_id, "--json"))
    assert (True, False) == (first["changed"], again["changed"])
    assert first["after"] == again["after"] == again["before"]
    assert "nothing changes" in rollout(capsys, "canary", run_id, "--experiment", experiment)


def test_a_run_may_be_enabled_beside_others(capsys, saved):
    """Those that are Active share what is left."""
    old, new = saved("old"), saved("new")
    rollout(capsys, "enable", old)
    document = json.loads(rollout(capsys, "enable", new, "--fraction", "0.1", "--json"))
    fractions = {run: live["fraction"] for run, live in document["after"]["runs"].items()}
    assert {old: 0.9, new: 0.1} == fractions
    document = json.loads(rollout(capsys, "disable", old, "--json"))
    assert {
        new: {"status": "Active", "fraction": 1.0},
        old: {"status": "Disabled", "fraction": 0.0},
    } == document["after"]["runs"]


def test_what_was_live_is_shown(capsys, experiment, saved):
    """By revision, by time, and as the difference of two revisions."""
    old, new = saved("old"), saved("new")
    rollout(capsys, "enable", old)
    rollout(capsys, "enable", new)
    of = ("--experiment", experiment)
    first = json.loads(rollout(capsys, "show", "--revision", "1", "--json", *of))
    assert [old] == [one["run_id"] for one in first["runs"]]
    assert "nothing was released yet" in rollout(capsys, "show", "--at", "1h", *of)
    assert "no such run" in rollout(capsys, "at", "1h", *of)
    told = json.loads(rollout(capsys, "history", "--json", *of))
    assert [2, 1] == [plan["revision"] for plan in told]
    assert [[new], [old]] == [list(plan["runs"]) for plan in told]
    assert [new, old] == [
        one["run_id"] for one in json.loads(rollout(capsys, "diff", "1", "2", "--json", *of))
    ]
    shown = rollout(capsys, "diff", "1", "2", *of)
    assert "both revisions have the same" in rollout(capsys, "diff", "2", "2", *of)
    assert "not live" in shown
    assert "Active 100 %" in shown


def test_a_live_run_that_was_deleted_is_still_shown(capsys, client, experiment, saved):
    """The plan counts on it, and whoever looks should see that."""
    gone, there = saved("gone"), saved("there")
    rollout(capsys, "set", f"{gone}=3", f"{there}=1")
    client.delete_run(gone)
    for command in ("list", "show"):
        lines = rollout(capsys, command, "--experiment", experiment).splitlines()
        (line,) = (line for line in lines if gone[:8] in line)
        assert ["(deleted)", "Active"] == re.findall(r"\(deleted\)|Active", line)
        assert "75 %" in line


def test_submodels_and_versions_are_told_apart(capsys, experiment, saved):
    """Of several, one has to be said; a range chooses among versions."""
    for submodel, version in (("eu", "1.0.0"), ("eu", "2.0.0"), ("us", "1.0.0")):
        rollout(capsys, "enable", saved("x", version, submodel))
    of = ("--experiment", experiment)
    listed = json.loads(rollout(capsys, "list", "--json", *of))
    assert [("eu", "2.0.0"), ("eu", "1.0.0"), ("us", "1.0.0")] == [
        (one["submodel_name"], one["version"]) for one in listed
    ]
    found = json.loads(rollout(capsys, "list", "--version", "<2", "--json", *of))
    assert ["1.0.0", "1.0.0"] == [one["version"] for one in found]
    assert "say which" in refused(capsys, "show", "1.0.0", *of)
    shown = json.loads(rollout(capsys, "show", "2.0.0", "--json", *of))
    assert ("eu", "2.0.0") == (shown["submodel_name"], shown["version"])
    rollout(capsys, "show", "1.0.0", "--submodel", "us", *of)


def test_what_there_is_not_is_told_with_what_there_is(capsys, experiment, saved):
    """One line that says what to do next."""
    run_id = saved("only")
    of = ("--experiment", experiment)
    said = refused(capsys, "show", "--experiment", f"{experiment}x")
    assert f"did you mean '{experiment}'" in said
    assert "has no version 9.9.9; there is '1.4.0'" in refused(capsys, "show", "9.9.9", *of)
    assert "no submodel 'other'" in refused(capsys, "show", "--submodel", "other", *of)
    assert "no experiment with the id" in refused(capsys, "list", "--experiment-id", "987654")
    assert "not both" in refused(capsys, "list", "--experiment-id", "0", *of)
    assert "there is no revision 9" in refused(capsys, "rollback", "9", *of)
    assert "begins with 'zzzz'" in refused(capsys, "enable", "zzzz", *of)
    assert "at least 4 characters" in refused(capsys, "enable", run_id[:3], *of)
    assert "is no id of a run" in refused(capsys, "enable", "x' OR 'a' = 'a", *of)
    assert "not what the options say" in refused(
        capsys, "set", f"{run_id}=1", "--version", "1.4.1", *of
    )
    assert "has two shares" in refused(capsys, "set", f"{run_id}=1", f"{run_id[:9]}=2", *of)
    assert "1.4.x" in refused(capsys, "list", "--version", "1.4.x", *of)


def test_an_underscore_is_no_wildcard(capsys, experiment, saved):
    """MLflow's search takes it for any character."""
    run_id = saved("only")
    of = ("--experiment", experiment)
    assert "no id of a run" in refused(capsys, "enable", "____", *of)
    said = refused(capsys, "enable", f"{run_id[:3]}_{run_id[4:10]}", *of)
    assert "no saved run's id begins" in said


def test_a_change_may_say_why(experiment, saved, capsys):
    """In the history and beside the plan; what changes nothing says nothing."""
    one, two = saved("one"), saved("two")
    of = ("--experiment", experiment)
    rollout(capsys, "enable", one, "--note", "the first\tmodel")
    assert "nothing changes" in rollout(capsys, "enable", one, "--note", "again")
    assert ": the first model" in rollout(capsys, "show", *of)
    rollout(capsys, "set", f"{one}=1", f"{two}=1", "--note", "half of it")
    newest, first = json.loads(rollout(capsys, "history", "--json", *of))
    assert "half of it" == newest["note"]
    assert first["note"] in {"the first model", None}  # a stock server keeps the newest alone
    assert "half of it" in rollout(capsys, "history", *of)


def test_somebody_at_a_terminal_is_asked(client, saved, tmp_path):
    """No is the answer of who only presses return; yes makes the change that was shown."""
    first, second = saved("first"), saved("second")
    environment = clean_environment(MLFLOW_TRACKING_URI=client.tracking_uri, COLUMNS="200")
    for answer, said in (("\n", b"nothing was changed"), ("y\n", b"revision 1 is live")):
        command = penstock("rollout", "enable", first)
        with at_terminal(command, tmp_path, environment) as terminal:
            terminal.read_until(b"Change it?")
            assert b"Active 100 %" in terminal.shown
            terminal.type(answer)
            terminal.read_until(said)
            terminal.process.wait(60)
    with at_terminal(penstock("rollout", "enable", second, "--yes"), tmp_path, environment) as told:
        told.read_until(b"from revision 1 to 2")
        assert 0 == told.process.wait(60)
        assert b"Change it?" not in told.shown


def test_what_was_agreed_to_is_done_to_what_was_shown(client, saved, tmp_path, capsys):
    """When somebody else was faster the change is not made."""
    mine, theirs = saved("mine"), saved("theirs")
    environment = clean_environment(MLFLOW_TRACKING_URI=client.tracking_uri, COLUMNS="200")
    with at_terminal(penstock("rollout", "enable", mine), tmp_path, environment) as terminal:
        terminal.read_until(b"Change it?")
        rollout(capsys, "enable", theirs)
        terminal.type("y\n")
        terminal.read_until(b"nothing was changed; look at it")
        assert 1 == terminal.process.wait(60)
    assert "nothing changes" in rollout(capsys, "enable", theirs)


def test_a_run_that_was_disabled_by_mistake_is_new_again(saved, capsys):
    """And is shown as the others that nobody has judged."""
    one, two = saved("one"), saved("two")
    for command in (("enable", one), ("disable", two), ("reset", two)):
        rollout(capsys, *command)
    rows = json.loads(rollout(capsys, "list", "--json"))
    assert {one: "Active", two: "New"} == {
        row["run_id"]: row["status"] for row in rows if row["run_id"] in {one, two}
    }
    assert "nothing changes" in rollout(capsys, "reset", two)


def test_the_shell_completes_what_there_is(experiment, saved, capsys):
    """Experiments with a rollout, their versions, their runs; and nothing where no server is."""
    run_id = saved("only")
    rollout(capsys, "enable", run_id)
    of = ("--experiment", experiment)
    assert experiment in completed(capsys, "rollout", "show", "--experiment", experiment[:-1])
    assert "1.4.0" in completed(capsys, "rollout", "show", *of, "1.")
    assert run_id in completed(capsys, "rollout", "disable", *of, run_id[:5])
    assert "" == completed(capsys, "rollout", "disable", "--uri", "http://127.0.0.1:1", "a")


def test_the_shell_completes_shares(experiment, saved, capsys):
    """Runs, then an equals sign; after the first run the others of its version alone."""
    one, two, other = saved("one"), saved("two"), saved("three", "2.0.0")
    enabled = rollout(capsys, "enable", one)
    assert one[:8] in enabled
    of = ("rollout", "set", "--experiment", experiment)
    offered = completed(capsys, *of, "").split()
    assert {f"{run_id}=" for run_id in (one, two, other)} == set(offered)
    assert f"{two}=" == completed(capsys, *of, f"{one[:8]}=0.8", "")
    assert f"{other}=" == completed(capsys, *of, other[:6])
    assert "" == completed(capsys, *of, f"{one}=0.8", other[:6])
    assert f"{one}=" == completed(capsys, *of, f"{one}=")


def completed(capsys, *words: str) -> str:
    """Return what the shell would offer for the last of the words."""
    line = " ".join(["penstock", *words])
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("_PENSTOCK_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        with pytest.raises(SystemExit):
            run(app, [])
    return str(capsys.readouterr().out).strip()

"""Graphs of what is on a real server, and the commands that show them."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from event_schema import check_event
from penstock.cli.app import app
from penstock.cli.lineage_form import complete_experiment
from penstock.cli.outcome import run
from penstock.errors import UnknownResource
from penstock.lineage import LineageCatalog
from servers import penstock


@pytest.fixture
def trained(begin, client):
    """Make a finished version of `churn` with everything that belongs to one."""

    def make(commit: str):
        tracker = begin()
        data = tracker.create_resource("train", type="dataset_version")
        tracker.register_vc_resource(data, {"hexsha": commit, "uri": "s3://b/train"})
        model = tracker.create_resource("churn", type="model_version")
        tried = [tracker.create_resource(None, type="experiment", parent=model) for _ in range(2)]
        for number, experiment in enumerate(tried):
            tracker.log_metadata(experiment, "training_params", {"C": f"{commit}{number}"})
            tracker.log_metadata(experiment, "model_trainer", "clinic.Trainer")
        tracker.log_metadata(model, "winning_experiment_id", tried[1][0])
        tracker.register_vc_resource(model, {"hexsha": f"x{commit}"}, key="X_train")
        tracker.build_model_lineage(model, [data])
        tracker.log_metadata(model, "status", "DEPLOYED")
        tracker.create_resource("churn_predictions", type="prediction_job", parent=model)
        tracker.stop()
        client.log_metric(tracker.run.info.run_id, "churn.f1", len(commit))
        return tracker, model, tried

    return make


def kinds(graph) -> list[str]:
    return sorted(f"{node.kind.value} {node.name}" for node in graph.nodes)


def test_a_graph_holds_all_that_belongs_to_a_version(trained, client, name):
    """Data, commits, experiments, winner, registered version, deployment, predictions."""
    tracker, model, (loser, winner) = trained("abc")
    run_id = tracker.run.info.run_id
    client.create_registered_model(f"{name}_reg")
    client.create_model_version(f"{name}_reg", f"runs:/{run_id}/model", run_id)
    graph = tracker.lineage(model)
    assert sorted(
        [
            "dataset train",
            "commit abc",
            "commit xabc",
            "model version churn",
            f"experiment {loser[0]}",
            f"experiment {winner[0]}",
            f"registered version {name}_reg version 1",
            "deployment churn",
            "prediction job churn_predictions",
        ]
    ) == kinds(graph)
    edges = {(edge.kind.value, graph.node(edge.source).name) for edge in graph.edges}
    assert {("winner", winner[0]), ("candidate", loser[0]), ("made from", "train")} <= edges
    assert run_id in graph.to_text()


def test_each_model_of_a_run_has_the_registered_version_of_its_name(begin, client, name):
    """One run may make several models, and register each as `{id}_reg`."""
    tracker = begin()
    ids = [f"{name}-{letter}" for letter in "ab"]
    models = [tracker.create_resource(id_, type="model_version") for id_ in ids]
    tracker.stop()
    run_id = tracker.run.info.run_id
    for id_ in ids:
        client.create_registered_model(f"{id_}_reg")
        client.create_model_version(f"{id_}_reg", f"runs:/{run_id}/model", run_id)
    graphs = [tracker.lineage(model) for model in models]
    assert [[f"{id_}_reg version 1"] for id_ in ids] == [
        [node.name for node in graph.nodes if node.kind == "registered version"] for graph in graphs
    ]


def test_parts_lead_to_the_graph_of_their_version(trained):
    """An experiment and a prediction job belong to a model version."""
    tracker, model, (loser, _) = trained("abc")
    job = ("churn_predictions", model[1])
    whole = tracker.lineage(model)
    assert whole == tracker.lineage(loser) == tracker.lineage(job)


def test_a_dataset_leads_to_what_was_made_from_it(trained):
    """The versions that name it with its run."""
    tracker, model, _ = trained("abc")
    trained("abd")
    graph = tracker.lineage(("train", model[1]))
    expected = ["commit abc", "commit xabc", "dataset train", "deployment churn"]
    assert [*expected, "model version churn"] == kinds(graph)


def test_the_predictions_of_another_run_belong_to_the_version(begin, trained):
    """A pipeline that only predicts has a run of its own."""
    tracker, model, _ = trained("abc")
    later = begin()
    later.create_resource("churn_predictions", type="prediction_job", parent=model)
    later.stop()
    runs = {node.run_id for node in tracker.lineage(model).nodes if "prediction" in node.kind}
    assert {tracker.run.info.run_id, later.run.info.run_id} == runs


def test_nothing_is_said_of_what_was_not_made(tracker):
    """An empty graph would tell a lie."""
    with pytest.raises(UnknownResource, match="made no 'ghost'"):
        tracker.lineage(("ghost", tracker.run))


def test_reading_begins_no_run(trained, client, name):
    """A catalogue needs nothing but a client."""
    tracker, _, _ = trained("abc")
    experiment_id = tracker.run.info.experiment_id
    before = len(client.search_runs([experiment_id]))
    assert "churn" in LineageCatalog(client).graph_of_what("churn", name).to_text()
    assert before == len(client.search_runs([experiment_id]))


@pytest.fixture
def shown(mlflow_url, monkeypatch, capsys):
    """Run a command that must succeed, and return what it prints."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_url)

    def show(*arguments: str) -> str:
        assert 0 == run(app, ["lineage", *arguments]), capsys.readouterr().err
        return capsys.readouterr().out

    return show


def test_show_takes_a_run_or_a_resource(trained, shown, name):
    """In each of its forms."""
    tracker, _, (_, winner) = trained("abc")
    run_id = tracker.run.info.run_id
    tree = shown("show", run_id)
    assert tree == shown("show", "churn", "--experiment", name) == shown("show", winner[0])
    assert f"winner: experiment {winner[0]}" in tree
    assert shown("show", run_id, "--format", "mermaid").startswith("flowchart LR")
    assert json.loads(shown("show", run_id, "--json")) == json.loads(
        shown("show", run_id, "--format", "json")
    )
    events = [
        json.loads(line)
        for line in shown("show", run_id, "--format", "openlineage").split("\n")
        if line
    ]
    assert {"START", "COMPLETE"} == {event["eventType"] for event in events}
    for event in events:
        check_event(event)


def test_list_shows_the_versions_newest_first(trained, shown, name):
    """Of a whole experiment, of one resource, or of a run."""
    runs = [trained(commit)[0].run.info.run_id for commit in ("a", "b")]
    rows = json.loads(shown("list", "churn", "--experiment", name, "--json"))
    assert [("churn", "DEPLOYED", run) for run in reversed(runs)] == [
        (row["resource"], row["status"], row["run_id"]) for row in rows
    ]
    table = shown("list", "--experiment", name, "--limit", "1")
    assert runs[1] in table
    assert runs[0] not in table
    assert ["churn", "churn_predictions", "train"] == [
        row["resource"] for row in json.loads(shown("list", runs[0], "--json"))
    ]


def test_compare_shows_what_differs(trained, shown, name):
    """And with --all also what does not."""
    runs = [trained(commit)[0].run.info.run_id for commit in ("a", "bc")]
    rows = {row["what"]: row for row in json.loads(shown("compare", *runs, "--json"))}
    assert {"what": "param C", "first": "a1", "second": "bc1"} == rows["param C"]
    assert ("xa", "xbc") == tuple(rows["commit of X_train"][side] for side in ("first", "second"))
    assert ("a", "bc") == tuple(rows["commit of train"][side] for side in ("first", "second"))
    assert (1, 2) == tuple(rows["metric f1"][side] for side in ("first", "second"))
    assert "trainer" not in rows
    assert "clinic.Trainer" in shown("compare", *runs, "--all")
    newest = json.loads(shown("compare", "churn", "train", "--experiment", name, "--json"))
    assert {"what": "metric f1", "first": 2, "second": None} in newest


def test_export_writes_a_file(trained, shown, name, tmp_path):
    """Events, one in a line; without a file to standard output."""
    tracker, _, _ = trained("abc")
    file = tmp_path / "events.jsonl"
    assert "8 lines written" in shown("export", tracker.run.info.run_id, str(file))
    assert 8 == len([json.loads(line) for line in file.read_text().splitlines()])
    assert file.read_text() == shown("export", tracker.run.info.run_id)
    assert file.read_text() == shown("export", "churn", "--experiment", name)
    assert shown("export", "churn", "--experiment", name, "--format", "mermaid") == shown(
        "show", tracker.run.info.run_id, "--format", "mermaid"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "f" * 32], "--experiment"),
        (["show", "churn", "--experiment", "no such"], "no experiment 'no such'"),
        (["list"], "--experiment NAME"),
        (["show", "x", "--uri", "http://127.0.0.1:9"], "--uri"),
    ],
)
def test_errors_are_one_line_that_says_what_to_do(mlflow_url, tmp_path, arguments, said):
    """And exit code 1."""
    ended = subprocess.run(
        penstock("lineage", *arguments),
        cwd=tmp_path,
        env={**os.environ, "MLFLOW_TRACKING_URI": mlflow_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (1, "") == (ended.returncode, ended.stdout)
    assert said in ended.stderr
    assert 1 == ended.stderr.count("\n")


@pytest.mark.usefixtures("shown")
def test_tab_completes_experiments(trained, name, monkeypatch):
    """By how they begin; without a server there is nothing to offer."""
    trained("abc")
    assert [name] == complete_experiment(name[:-2])
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert [] == complete_experiment(name)


def test_a_tracker_works_through_the_gateway(stack, monkeypatch, begin):
    """With the login of the environment."""
    for setting, value in stack.environment.items():
        if setting.startswith("MLFLOW_TRACKING"):
            monkeypatch.setenv(setting, value)
    tracker = begin(mlflow_tracking_uri=stack.gateway_url)
    model = tracker.create_resource('it\'s "odd"', type="model_version")
    tracker.log_metadata(model, "big", "x" * 9000)
    Path("a.txt").write_text("a")
    tracker.log_artifact(model, "a b", "a.txt")
    tracker.stop()
    later = begin(mlflow_tracking_uri=stack.gateway_url)
    previous = later.get_prev_resource_version(later.create_resource('it\'s "odd"'))
    assert ("x" * 9000, "a") == (
        later.get_metadata(previous, "big"),
        Path(later.get_artifact(previous, "a b")).read_text(),
    )
    assert "model version it's" in later.lineage(previous).to_text()

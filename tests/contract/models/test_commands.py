"""`penstock model`, as it is typed."""

import gc
import json
import shlex

import pytest

from contract.models.stations import NAME, constant
from penstock import ModelManager
from penstock.cli.app import app
from penstock.cli.outcome import run
from servers import free_port


@pytest.fixture
def name(client, unique, tmp_path, no_settings, mlflow_url):
    """A registered model with two versions, and the settings of a user of it."""
    no_settings.setenv("PENSTOCK_URL", mlflow_url)
    no_settings.setenv("PENSTOCK_CACHE_DIR", str(tmp_path / "cache"))
    no_settings.setenv("PENSTOCK_LOCAL_MODELS_DIR", str(tmp_path / "local"))
    manager = ModelManager(unique, client=client)
    for number in (1, 2):
        extra = {"params": {"depth": number}, "metrics": {"rmse": 1 / number, "mae": 0.5}}
        made = manager.register_model_in_mlflow(1, NAME, constant(number, **extra))
    return made.name


@pytest.fixture
def typed(capsys):
    """Run a command and return its exit code and what it writes."""

    def type_in(line: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(app, shlex.split(line))
        written = capsys.readouterr()
        return code, written.out, written.err

    return type_in


def told(answer: tuple[int, str, str]) -> object:
    code, out, err = answer
    assert (0, "") == (code, err)
    return json.loads(out)


def test_the_latest_version_is_told(name, typed):
    """With the source that knows it."""
    facts = told(typed(f"model info {name} --json"))
    assert ("mlflow", "2", f"models:/{name}/2") == (
        facts["source"],
        facts["version"],
        facts["uri"],
    )
    assert "source   mlflow" in typed(f"model info {name}/1")[1]


def test_a_model_is_loaded_and_then_in_the_cache(name, typed):
    """A second process reads it there; so does one that finds no server."""
    loaded = told(typed(f"model load {name}/1 --json"))
    assert ("mlflow", "mlflow.pyfunc.PyFuncModel") == (loaded["source"], loaded["type"])
    assert "cache" == told(typed(f"model load {name}/1 --json"))["source"]
    assert [f"models:/{name}/1"] == [one["uri"] for one in told(typed("model cache list --json"))]


def test_without_a_server_a_copy_is_loaded_or_nothing_is_found(name, typed, no_settings, tmp_path):
    """And each source says why."""
    nobody = f"--uri http://127.0.0.1:{free_port()}"
    assert "local" == told(typed(f"model info {name} {nobody} --json"))["source"]
    no_settings.setenv("PENSTOCK_LOCAL_MODELS_DIR", str(tmp_path / "elsewhere"))
    code, out, err = typed(f"model load {name} {nobody}")
    assert (1, "") == (code, out)
    assert "no source has" in err


def test_the_files_are_copied(name, typed, tmp_path):
    """To where one wants them; and a folder is a model too."""
    facts = told(typed(f"model download {name}/1 {tmp_path}/copy --json"))
    assert (tmp_path / "copy" / "MLmodel").exists()
    assert ["python_function"] == facts["flavours"]
    assert "local" == told(typed("model info ./copy --json"))["source"]
    assert " files, " in typed(f"model download {name}/1 {tmp_path}/copy")[1]
    assert 0 == typed(f"model download ./copy {tmp_path}/again")[0]
    for line in (f"model download ./nothing {tmp_path}/again", f"model compare ./copy {name}"):
        code, out, err = typed(line)
        assert (1, "", 1) == (code, out, err.count("\n"))


def test_two_versions_are_compared(name, typed):
    """What differs is marked."""
    found = told(typed(f"model compare {name}/1 {name}/2 --json"))
    assert [f"{name}/1", f"{name}/2"] == found["models"]
    assert {"depth": ["1", "2"]} == found["params"]
    assert (["depth"], ["rmse"]) == (found["different"]["params"], found["different"]["metrics"])
    lines = typed(f"model compare {name}/1 {name}/2")[1].splitlines()
    rows = {line[3:].split("  ")[0]: line[0] for line in lines[1:]}
    assert ("≠", "≠", " ") == (rows["params depth"], rows["metrics rmse"], rows["metrics mae"])


def test_models_of_which_nothing_is_known_are_not_compared(name, typed, client):
    """That is said, instead of an empty table."""
    ModelManager(name, client=client).register_model_in_mlflow(1, NAME, constant(1))
    bare = f"{name}-station-1-{NAME}"
    code, out, _ = typed(f"model compare {bare}/1 {bare}/1")
    assert (0, 1) == (code, out.count("\n"))
    assert "have no params, metrics, data" in out


def test_the_cache_is_verified_and_cleared(name, typed, tmp_path):
    """A damage is told, and nothing is removed by that."""
    typed(f"model load {name}/1")
    assert (0, "1 of 1 are as they were downloaded\n", "") == typed("model cache verify")
    next(tmp_path.glob("cache/entries/*/model/python_model.pkl")).write_bytes(b"X")
    code, out, err = typed("model cache verify")
    assert (1, "0 of 1 are as they were downloaded\n") == (code, out)
    assert "its sum differs; it is fetched again" in err
    gc.collect()  # what was loaded in this process would have ended with its own
    cleared = told(typed("model cache clear --json"))
    assert (0, [name]) == (cleared["in_use"], [one["name"] for one in cleared["removed"]])
    assert "nothing is in the cache" in typed("model cache list")[1]


def test_a_model_that_is_none_is_one_line(name, typed):
    """Exit code 1, and what is wrong."""
    code, out, err = typed(f"model info {name}/99")
    assert (1, "", 1) == (code, out, err.count("\n"))
    assert "penstock: nothing is known of" in err

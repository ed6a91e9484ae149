"""Files and reports of resources on a real server."""

from pathlib import Path

import pytest

from contract.lineage.conftest import ODD_IDS
from penstock.errors import LocalFileError, UnknownResource


def test_a_file_lies_in_the_folder_of_its_id_and_comes_back(tracker, client, file):
    """At `{resource id}/{id}/`."""
    model = tracker.create_resource("model", type="model_version")
    tracker.log_artifact(model, "drift", file, external=False)
    run_id = tracker.run.info.run_id
    assert ["model/drift/report.html"] == [
        found.path for found in client.list_artifacts(run_id, "model/drift")
    ]
    found = Path(tracker.get_artifact(model, "drift"))
    assert ("report.html", "<p>fine</p>") == (found.name, found.read_text())


def test_a_folder_comes_back_as_one(tracker, tmp_path):
    """With all that is in it, wherever it is wanted."""
    folder = tmp_path / "plots"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.txt").write_text("a")
    model = tracker.create_resource("model")
    tracker.log_artifact(model, "plots", str(folder))
    found = Path(tracker.get_artifact(model, "plots", dst_path=tmp_path / "there"))
    assert "a" == (found / "deep" / "a.txt").read_text()
    assert tmp_path / "there" in found.parents


@pytest.mark.parametrize("odd", ODD_IDS, ids=lambda odd: odd[:12])
def test_any_text_is_the_id_of_an_artifact(tracker, file, odd):
    """None leads out of the folder of its run."""
    resource = tracker.create_resource(odd)
    tracker.log_artifact(resource, odd, file)
    assert "<p>fine</p>" == Path(tracker.get_artifact(resource, odd)).read_text()
    tracker.log_data_profile(resource, file)
    assert "<p>fine</p>" == Path(tracker.get_data_profile(resource, "report")).read_text()


def test_a_missing_file_is_said(tracker):
    """Before anything is sent."""
    model = tracker.create_resource("model")
    with pytest.raises(LocalFileError, match="there is no nothing"):
        tracker.log_artifact(model, "drift", "nothing")


@pytest.mark.parametrize("kind", ["data_profile", "data_checks"])
def test_reports_are_found_by_their_stem_or_the_newest(begin, tmp_path, kind):
    """By any tracker; an unknown stem is said."""
    tracker = begin()
    data = tracker.create_resource("data", type="dataset_version")
    log = tracker.log_data_profile if kind == "data_profile" else tracker.log_checks
    for name in ("b.html", "a.html"):
        (tmp_path / name).write_text(name)
        log(data, file_path=str(tmp_path / name), report=object(), checker_class="X")
    tracker.stop()
    get = getattr(begin(), f"get_{kind}")
    assert ["a.html", "b.html", "a.html"] == [
        Path(path).read_text() for path in (get(data), get(data, "b"), get(data, id="a"))
    ]
    with pytest.raises(UnknownResource, match="'c'"):
        get(data, "c")


def test_reports_lie_in_fixed_folders(tracker, client, file):
    """One for each kind, whatever their files are called."""
    model = tracker.create_resource("model")
    tracker.log_data_profile(model, file)
    tracker.log_checks(model, file)
    tracker.log_checks(model, file, type="model")
    tracker.log_data_comparison(model, file)
    kinds = ("data_checks_report", "data_comparison", "data_profile", "model_checks_report")
    assert [f"model/model_{kind}" for kind in kinds] == [
        found.path for found in client.list_artifacts(tracker.run.info.run_id, "model")
    ]


def test_checks_of_models_and_data_are_apart(tracker, file, tmp_path):
    """Each kind is found by its type, and so is the comparison."""
    model = tracker.create_resource("model")
    other = tmp_path / "other.html"
    other.write_text("other")
    tracker.log_checks(model, file, type="model")
    tracker.log_checks(model, other)
    tracker.log_data_comparison(model, file_path=other, profiler_class="X")
    assert "<p>fine</p>" == Path(tracker.get_data_checks(model, type="model")).read_text()
    assert "other" == Path(tracker.get_data_checks(model)).read_text()
    assert "other" == Path(tracker.get_artifact(model, "model_data_comparison")).read_text()

"""The data folder of one `penstock up`."""

import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import make_url

from penstock.cli.up.folder import DataFolder
from penstock.errors import SupervisionError


def test_missing_folders_are_made_for_the_owner_alone(tmp_path):
    """Databases and logs are nobody else's business."""
    folder = DataFolder(tmp_path / "some" / "data")

    folder.prepare()

    for made in (folder.path, folder.artifacts, folder.logs):
        assert 0o700 == stat.S_IMODE(made.stat().st_mode)


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path):
    """Preparing again changes nothing."""
    folder = DataFolder(tmp_path)
    folder.prepare()
    (tmp_path / "artifacts" / "file").write_text("kept")

    folder.prepare()

    assert "kept" == (tmp_path / "artifacts" / "file").read_text()


@pytest.mark.parametrize("below", ["", "data", "data/deeper"])
def test_a_file_in_the_way_is_said(tmp_path, below):
    """Where a folder cannot be made, the message names the path and the option."""
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(SupervisionError, match="a file is in its way; choose another one with"):
        DataFolder(tmp_path / "file" / below).prepare()


def test_a_folder_that_may_not_be_made_is_said():
    """Where nobody may write, not even root, the message names the path and the option."""
    with pytest.raises(SupervisionError, match=r"folder /proc/penstock: .*another one with --data"):
        DataFolder(Path("/proc/penstock")).prepare()


@pytest.mark.parametrize("mark", ["?", "#", "%", "\n", "\x7f", "\udcff"])
def test_a_path_that_no_database_url_can_hold_is_refused(tmp_path, mark):
    """MLflow would cut the path short or read it otherwise, and keep its database elsewhere."""
    with pytest.raises(SupervisionError, match="choose another folder with --data"):
        DataFolder(tmp_path / f"da{mark}ta").prepare()


def test_the_databases_are_found_by_their_urls(tmp_path):
    """SQLAlchemy reads what stands there as the path that is meant, spaces and signs included."""
    folder = DataFolder(tmp_path / "a b&c=d;e\u00e9@f:g")
    urls = (folder.gateway_database_url, folder.mlflow_database_url)
    files = [str(folder.gateway_database), str(folder.mlflow_database)]
    assert files == [make_url(url).database for url in urls]


@pytest.mark.parametrize("name", ["mlflow.db", "penstock.db"])
def test_a_file_that_is_no_database_is_refused(tmp_path, name):
    """A damaged database is named, instead of being given to a server that fails on it."""
    (tmp_path / name).write_bytes(b"no database at all")

    with pytest.raises(SupervisionError, match=rf"{name} is no SQLite database"):
        DataFolder(tmp_path).prepare()


def test_an_empty_database_file_is_a_new_database(tmp_path):
    """SQLite itself makes empty files and fills them later."""
    (tmp_path / "mlflow.db").touch()

    DataFolder(tmp_path).prepare()


def test_one_holder_at_a_time(tmp_path):
    """A second holder is refused with the first one's process; afterwards the folder is free."""
    folder = DataFolder(tmp_path)
    folder.prepare()

    with folder.locked():
        refusal = rf"another `penstock up` \(process {os.getpid()}\) uses"
        with pytest.raises(SupervisionError, match=refusal), DataFolder(tmp_path).locked():
            pass
    with folder.locked():
        assert f"{os.getpid()}\n" == folder.lock_file.read_text()

import os

import pytest

from penstock.errors import LocalFileError, UnsafePath
from penstock.rest.artifacts.local_files import find_file, find_files


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "folder"
    (root / "deep" / "er").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "b").write_text("bb")
    (root / "a").touch()
    (root / "deep" / "er" / "ü x").write_text("x")
    return root


def test_files_are_found_with_their_names_and_sizes(folder):
    """Sorted; empty folders hold nothing to upload."""
    expected = [("a", 0), ("b", 2), ("deep/er/ü x", 1)]
    assert expected == [(file.name, file.size) for file in find_files(folder)]


def test_a_link_inside_the_folder_is_its_target(folder):
    """Under its own name."""
    (folder / "link").symlink_to(folder / "b")
    (folder / "deep" / "relative").symlink_to("../b")
    found = {file.name: file.path for file in find_files(folder)}
    assert [folder / "b"] * 2 == [found["link"], found["deep/relative"]]


def test_a_link_out_of_the_folder_is_refused(folder, tmp_path):
    """Whoever put it there would read other files through the one who uploads."""
    (tmp_path / "secret").write_text("secret")
    (folder / "deep" / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(UnsafePath, match="leads out of the folder"):
        find_files(folder)


def test_a_link_to_a_folder_outside_is_refused(folder, tmp_path):
    """As much as one to a file."""
    (folder / "link").symlink_to(tmp_path)
    with pytest.raises(UnsafePath, match="leads out of the folder"):
        find_files(folder)


def test_a_link_to_a_folder_inside_is_passed_over(folder, caplog):
    """As in MLflow; it may lead round in a circle."""
    (folder / "deep" / "round").symlink_to(folder)
    assert 3 == len(find_files(folder))
    assert "not uploaded" in caplog.text


def test_the_folder_itself_may_be_a_link(folder, tmp_path):
    """It is what the caller asked for."""
    (tmp_path / "link").symlink_to(folder)
    assert 3 == len(find_files(tmp_path / "link"))
    (tmp_path / "file").symlink_to(folder / "b")
    assert ("file", 2) == find_file(tmp_path / "file")[1:]


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_file_is_told(folder, make):
    """A pipe would be waited for; a link may lead nowhere."""
    make(folder / "odd")
    with pytest.raises(LocalFileError, match="odd"):
        find_files(folder)


def test_what_is_not_there_is_told(folder):
    """MLflow would upload nothing, and say nothing."""
    with pytest.raises(LocalFileError, match="nowhere"):
        find_files(folder / "nowhere")
    with pytest.raises(LocalFileError, match="it is no folder"):
        find_files(folder / "b")
    with pytest.raises(LocalFileError, match="it is a folder"):
        find_file(folder)
    with pytest.raises(LocalFileError, match="nowhere"):
        find_file(folder / "nowhere")


@pytest.mark.parametrize("name", [b"a\\b", b"a\nb", b"..%2fx", b"\x7f"])
def test_names_that_lead_elsewhere_are_refused(folder, name):
    """On a server, or on another system."""
    (folder / os.fsdecode(name)).touch()
    with pytest.raises(UnsafePath):
        find_files(folder)


def test_a_name_that_is_no_text_is_told(folder):
    """It cannot be sent."""
    (folder / os.fsdecode(b"\xff")).touch()
    with pytest.raises(LocalFileError, match="not UTF-8"):
        find_files(folder)

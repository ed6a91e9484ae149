"""What a folder that cannot be copied says."""

import os

import pytest

from penstock.models.folder_copy import copy_folder


def test_one_reason_is_told_in_words(tmp_path):
    """Not a list of all files, with what happened to each."""
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("a", "b"):
        os.mkfifo(folder / name)
    with pytest.raises(OSError, match="is a named pipe") as caught:
        copy_folder(folder, tmp_path / "copy")
    assert "[(" not in str(caught.value)


def test_a_folder_that_is_there_is_filled_where_that_is_allowed(tmp_path):
    """And refused elsewhere."""
    folder, target = tmp_path / "model", tmp_path / "copy"
    for place in (folder, target):
        place.mkdir()
    (folder / "MLmodel").write_text("flavors: {}")
    with pytest.raises(FileExistsError):
        copy_folder(folder, target)
    assert str(target) == copy_folder(folder, target, is_there=True)
    assert "flavors: {}" == (target / "MLmodel").read_text()

"""The copies of what was registered on this machine."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from penstock.errors import LocalFileError, ModelUnavailable
from penstock.models.local_copies import LocalCopies
from unit.models.entries import Fetch, resolution


@pytest.fixture
def copies(tmp_path):
    return LocalCopies(tmp_path / "local")


@pytest.fixture
def saved(tmp_path):
    Fetch()(tmp_path / "saved")
    return tmp_path / "saved"


def test_the_last_copy_is_kept(copies, saved):
    """The ones before it go."""
    for version in (1, 2):
        copies.keep(saved, resolution(version=version))
    entry, found = copies.open("churn")
    with entry:
        assert resolution(version=2) == found
        assert (entry.model / "data" / "weights").exists()
    assert 1 == len(list(copies.path.glob("*/*")))


def test_another_version_is_not_given_for_the_wanted_one(copies, saved):
    """A number means that version."""
    copies.keep(saved, resolution(version=2))
    with pytest.raises(ModelUnavailable, match="version 2, not 3"):
        copies.open("churn", 3)
    assert resolution(version=2) == copies.find("churn", 2)[1]


def test_a_damaged_copy_is_not_given(copies, saved):
    """It is a program."""
    (copies.keep(saved, resolution()) / "data" / "weights").write_bytes(b"X")
    with pytest.raises(ModelUnavailable, match="the local copy is damaged"):
        copies.open("churn")


@pytest.mark.parametrize("name", [".", "..", "a b", ".hidden", "ü%2e", "a.b"])
def test_every_name_of_a_model_has_a_folder_of_its_own(copies, saved, name):
    """Inside of the folder of all copies, whatever it is."""
    copies.keep(saved, resolution(name))
    assert name == copies.find(name)[1].name
    assert {copies.path} == {path.parent for path in copies.path.iterdir()}
    assert copies.remove(name)
    assert not copies.remove(name)


def test_a_folder_that_cannot_be_written_is_told(tmp_path, saved):
    """The registration itself has succeeded by then."""
    (tmp_path / "file").touch()
    with pytest.raises(LocalFileError, match="cannot keep a local copy"):
        LocalCopies(tmp_path / "file").keep(saved, resolution())


@pytest.mark.parametrize("name", ["x" * 300, "ă" * 256, "ă" * 255 + "â", "\ud800"])
def test_long_names_have_folders_too(copies, saved, name):
    """A file system ends names at 255 bytes; two that begin alike stay apart."""
    copies.keep(saved, resolution("ă" * 256 + "-"))
    with pytest.raises(ModelUnavailable):
        copies.find(name)
    copies.keep(saved, resolution("x"))
    assert "x" == copies.find("x")[1].name


def test_copies_are_their_owners_alone(copies, saved):
    """Whatever the umask is."""
    before = os.umask(0)
    try:
        copies.keep(saved, resolution())
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in (copies.path, *copies.path.iterdir())}
    assert {0o700} == modes


def test_a_copy_that_others_could_have_written_is_not_given(copies, saved):
    """It would be their program."""
    copies.keep(saved, resolution())
    copies.path.chmod(0o777)
    with pytest.raises(ModelUnavailable, match="others may write"):
        copies.open("churn")


def test_the_folder_of_copies_may_be_a_link(copies, saved, tmp_path):
    """To a larger disk; but a loop leads nowhere, and is no reason to ask nobody else."""
    (tmp_path / "larger").mkdir(mode=0o700)
    copies.path.symlink_to(tmp_path / "larger")
    copies.keep(saved, resolution())
    assert resolution() == copies.find("churn")[1]
    copies.path.unlink()
    copies.path.symlink_to(copies.path)
    with pytest.raises(ModelUnavailable, match="cannot read the local copies"):
        copies.open("churn")


def test_a_copy_in_use_stays_until_the_next_one(copies, saved):
    """A model may read its files when it must."""
    copies.keep(saved, resolution(version=1))
    entry, _ = copies.open("churn")
    with entry:
        copies.keep(saved, resolution(version=2))
        assert (entry.model / "MLmodel").exists()
    copies.keep(saved, resolution(version=3))
    assert 1 == len(list(copies.path.glob("*/*")))


def test_a_copy_is_found_while_others_take_its_place(copies, saved):
    """Nobody who asks meanwhile is told that there is none."""
    copies.keep(saved, resolution())
    with ThreadPoolExecutor(4) as threads:
        keeping = [threads.submit(copies.keep, saved, resolution()) for _ in range(40)]
        while not all(one.done() for one in keeping):
            copies.open("churn")[0].close()
            copies.find("churn")
    assert all(one.exception() is None for one in keeping)


def test_threads_keep_copies_at_once(copies, saved):
    """One of them is the last; none is lost while it is being written."""
    with ThreadPoolExecutor(8) as threads:
        kept = threads.map(lambda number: copies.keep(saved, resolution(version=number)), range(24))
        assert 24 == len(list(kept))
    entry, _ = copies.open("churn")
    entry.close()
    copies.keep(saved, resolution())
    assert 1 == len(list(copies.path.glob("*/*")))

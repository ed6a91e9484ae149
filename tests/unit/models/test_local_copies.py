"""The copies of what was registered on this machine."""

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

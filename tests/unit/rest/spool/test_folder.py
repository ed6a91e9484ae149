import fcntl
import os
import stat

import pytest

from penstock.errors import SpoolError
from penstock.rest.spool.folder import SpoolFolder, is_at, lock_abandoned


@pytest.fixture
def folder(tmp_path) -> SpoolFolder:
    folder = SpoolFolder(tmp_path / "a" / "spool")
    folder.make()
    return folder


def test_it_is_made_for_its_owner_alone(folder):
    """Once; a folder that is there stays as it is."""
    assert 0o700 == stat.S_IMODE(folder.path.stat().st_mode)
    folder.path.chmod(0o750)
    folder.make()
    assert 0o750 == stat.S_IMODE(folder.path.stat().st_mode)


def test_its_path_holds_when_the_process_goes_elsewhere(tmp_path, monkeypatch):
    """A relative one is meant from where it was given."""
    monkeypatch.chdir(tmp_path)
    folder = SpoolFolder("spool")
    monkeypatch.chdir("/")
    assert tmp_path / "spool" == folder.path


def test_what_is_no_folder_is_an_error(tmp_path):
    """With what is wrong."""
    (tmp_path / "file").touch()
    with pytest.raises(SpoolError, match=r"cannot use the spool .*file: File exists"):
        SpoolFolder(tmp_path / "file").make()
    with pytest.raises(SpoolError, match="there is no spool"):
        SpoolFolder(tmp_path / "nowhere").check()


def test_files_are_locked_and_for_their_owner_alone(folder):
    """As long as they are open."""
    path, descriptor = folder.create()
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert lock_abandoned(path) is None
    os.close(descriptor)
    taken = lock_abandoned(path)
    assert taken is not None
    assert lock_abandoned(path) is None
    os.close(taken)


def test_journals_are_listed_by_age(folder):
    """Other files are not."""
    paths = []
    for _ in range(3):
        path, descriptor = folder.create()
        os.close(descriptor)
        paths.append(path)
    (folder.path / "notes.txt").touch()
    assert sorted(paths) == folder.journals()
    assert [] == folder.memos()


def test_a_journal_that_is_gone_is_not_locked(folder):
    """Nor one whose name another file has got."""
    path, descriptor = folder.create()
    path.unlink()
    assert lock_abandoned(path) is None
    path.touch()
    assert not is_at(path, descriptor)
    os.close(descriptor)


def test_a_link_is_not_followed(folder, tmp_path):
    """It may lead anywhere."""
    (tmp_path / "elsewhere").touch()
    link = folder.path / "1.journal"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SpoolError, match="cannot use"):
        lock_abandoned(link)


def test_a_file_that_somebody_else_locked_first_is_left_to_them(folder, monkeypatch):
    """And another one is made."""
    made = []
    lock = fcntl.flock

    def be_late(descriptor, operation):
        if not made:
            (path,) = folder.journals()
            made.append(os.open(path, os.O_RDWR))
            lock(made[0], operation)
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", be_late)
    path, descriptor = folder.create()
    assert 2 == len(folder.journals())
    assert is_at(path, descriptor)
    assert not is_at(path, made[0])
    os.close(descriptor)
    os.close(made[0])


def test_memos_are_forgotten_with_the_last_journal(folder):
    """Before that they may matter."""
    memo, memo_descriptor = folder.create(".tags")
    path, descriptor = folder.create()
    folder.forget_tags()
    assert [memo] == folder.memos()
    path.unlink()
    folder.forget_tags()
    assert [] == folder.memos()
    os.close(memo_descriptor)
    os.close(descriptor)

import os
import resource
from contextlib import contextmanager

import pytest

from penstock.errors import SpoolError
from penstock.rest.spool.append_only import AppendOnlyFile, create_file
from penstock.rest.spool.folder import JOURNAL, SpoolFolder


@pytest.fixture
def file(tmp_path):
    file = create_file(SpoolFolder(tmp_path), JOURNAL)
    yield file
    file.close()


@contextmanager
def no_file_larger_than(size: int):
    """Have the system refuse what goes beyond, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_each_record_has_its_place(file):
    """One behind the other."""
    assert [0, 3, 7] == [file.append(text) for text in (b"one", b"four", b"x")]
    assert b"onefourx" == file.path.read_bytes()
    assert 8 == file.size


def test_a_record_that_does_not_fit_leaves_nothing(file):
    """Not even its beginning; a smaller one still fits."""
    file.append(b"x" * 100)
    with no_file_larger_than(150):
        for _ in range(2):
            with pytest.raises(SpoolError, match="File too large; free space"):
                file.append(b"y" * 60)
            assert b"x" * 100 == file.path.read_bytes()
        assert 100 == file.append(b"z" * 50)
    assert 150 == file.append(b"y" * 60)
    assert b"x" * 100 + b"z" * 50 + b"y" * 60 == file.path.read_bytes()


def test_a_folder_that_is_not_there_takes_no_file(tmp_path):
    """The message says what to do."""
    with pytest.raises(SpoolError, match=r"cannot write to the spool .*choose another folder"):
        create_file(SpoolFolder(tmp_path / "nowhere"), JOURNAL)


def test_a_closed_file_may_be_closed_again(file):
    """The descriptor may be somebody else's by then."""
    file.close()
    other = os.open(os.devnull, os.O_RDONLY)
    file.close()
    os.fstat(other)
    os.close(other)


def test_a_file_of_which_the_end_is_torn_is_written_over(tmp_path):
    """Its size is what is whole of it."""
    path = tmp_path / "file"
    path.write_bytes(b"wholetor")
    file = AppendOnlyFile(path, os.open(path, os.O_RDWR), size=5)
    file.append(b"new")
    file.close()
    assert b"wholenew" == path.read_bytes()

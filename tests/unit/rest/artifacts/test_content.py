import os

import pytest

from penstock.errors import LocalFileError
from penstock.rest._content import CHUNK, BytesContent, file_content


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(os.urandom(2 * CHUNK + 10))
    return path


def whole(content) -> bytes:
    return b"".join(content.chunks())


def test_a_file_is_read_in_pieces_as_often_as_needed(path):
    """Never as a whole."""
    content = file_content(path)
    assert [CHUNK, CHUNK, 10] == [len(chunk) for chunk in content.chunks()]
    assert path.read_bytes() == whole(content) == whole(content)
    assert 2 * CHUNK + 10 == content.size


def test_parts_make_up_the_whole(path):
    """The last one is shorter."""
    content = file_content(path)
    parts = [content.part(start, CHUNK) for start in range(0, content.size, CHUNK)]
    assert [CHUNK, CHUNK, 10] == [part.size for part in parts]
    assert path.read_bytes() == b"".join(whole(part) for part in parts)


def test_content_in_memory_is_like_a_file():
    """One piece, and parts."""
    content = BytesContent(b"abcde")
    assert (5, b"abcde", b"de", 2) == (
        content.size,
        whole(content),
        whole(content.part(3, 9)),
        content.part(3, 9).size,
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda path: os.truncate(path, 3 * CHUNK),
        lambda path: os.truncate(path, 10),
        lambda path: os.utime(path, ns=(1, 1)),
    ],
    ids=["longer", "shorter", "touched"],
)
@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_a_file_that_changes_is_told(path, change, pieces):
    """Before its last piece is out, so that nobody takes it for the whole."""
    chunks = file_content(path).chunks()
    read = [next(chunks) for _ in range(pieces)]
    change(path)
    with pytest.raises(LocalFileError, match="changed while it was being uploaded"):
        read.extend(chunks)
    assert len(read) < 3


def test_another_file_in_its_place_is_told(path, tmp_path):
    """Also with the same size and time."""
    content = file_content(path)
    found = path.stat()
    other = tmp_path / "other"
    other.write_bytes(os.urandom(found.st_size))
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)
    with pytest.raises(LocalFileError, match="changed"):
        whole(content)


def test_a_file_that_vanishes_is_told(path):
    """With its name."""
    content = file_content(path)
    path.unlink()
    with pytest.raises(LocalFileError, match=f"cannot read {path}: No such file"):
        whole(content)


def test_a_file_that_vanishes_while_it_is_read_is_read_to_its_end(path):
    """Nothing is missing of it."""
    expected = path.read_bytes()
    chunks = file_content(path).chunks()
    start = next(chunks)
    path.unlink()
    assert expected == start + b"".join(chunks)


def test_a_pipe_or_a_link_in_its_place_is_not_waited_for(path, tmp_path):
    """Nor followed."""
    content = file_content(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(LocalFileError, match="it is no file"):
        whole(content)
    path.unlink()
    path.symlink_to(tmp_path)
    with pytest.raises(LocalFileError, match="cannot read"):
        whole(content)


def test_a_file_that_may_not_be_read_is_told(tmp_path):
    """Or a folder in its place."""
    with pytest.raises(LocalFileError, match="it is no file"):
        file_content(tmp_path)

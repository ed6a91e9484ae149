import threading

import pytest

from penstock.errors import UnsafePath
from penstock.rest.artifacts.listing import check_listing, walk
from penstock.rest.entities import FileInfo


class Tree:
    """A root of artifacts in a dictionary."""

    def __init__(self, folders: dict[str, list[FileInfo]]):
        self.folders = folders

    def children(self, path: str) -> list[FileInfo]:
        return self.folders.get(path, [])


def folder(path: str) -> FileInfo:
    return FileInfo(path, is_dir=True)


def file(path: str) -> FileInfo:
    return FileInfo(path, is_dir=False, file_size=1)


def test_a_listing_is_sorted():
    """As MLflow's client sorts it."""
    assert [file("a"), file("b")] == check_listing("", [file("b"), file("a")])


@pytest.mark.parametrize(
    "path",
    ["../x", "d/../../x", "/etc/x", "d/sub/x", "other/x", "x", "d/", "d", "d//x", "d/%2e%2e"],
)
def test_what_does_not_lie_in_the_folder_is_refused(path):
    """A server, or somebody who wrote into its store, may list anything."""
    with pytest.raises(UnsafePath, match=r"nothing was (read or )?written"):
        check_listing("d", [file("d/fine"), file(path)])


def test_a_file_that_lists_itself_holds_nothing():
    """Some object stores answer so for a file; MLflow's client sees nothing in it as well."""
    assert [] == check_listing("d/x", [file("d/x/x")])
    assert [folder("d/x/x")] == check_listing("d/x", [folder("d/x/x")])


def test_a_walk_finds_all_files_and_the_empty_folders():
    """Below the folder where it begins."""
    tree = Tree(
        {
            "": [folder("a"), file("top")],
            "a": [file("a/1"), folder("a/b"), folder("a/empty")],
            "a/b": [file("a/b/2")],
        }
    )
    assert {"top", "a/1", "a/b/2", "a/empty"} == {found.path for found in walk(tree, "")}
    assert {"a/b/2"} == {found.path for found in walk(tree, "a/b")}


def test_a_walk_over_nothing_finds_nothing():
    """A file holds nothing either."""
    assert [] == list(walk(Tree({}), "a"))


def test_a_walk_that_goes_ever_deeper_ends():
    """A server may nest folders without end."""

    class Endless:
        def children(self, path: str) -> list[FileInfo]:
            return [folder(f"{path}/x")]

    with pytest.raises(UnsafePath, match="nested deeper"):
        list(walk(Endless(), "a"))


def test_the_folders_of_a_level_are_listed_at_once():
    """One answer after the other would take long in a wide tree."""
    everybody = threading.Barrier(4, timeout=30)

    class Slow:
        def children(self, path: str) -> list[FileInfo]:
            if not path:
                return [folder(name) for name in "abcd"]
            everybody.wait()
            return [file(f"{path}/x")]

    assert {"a/x", "b/x", "c/x", "d/x"} == {found.path for found in walk(Slow(), "")}


def test_a_folder_that_cannot_be_listed_ends_the_walk():
    """With the server's own error."""

    class Broken:
        def children(self, path: str) -> list[FileInfo]:
            if path == "b":
                raise UnsafePath("no", "INVALID_PARAMETER_VALUE")
            return [] if path else [folder("a"), folder("b"), folder("c")]

    with pytest.raises(UnsafePath, match="no"):
        list(walk(Broken(), ""))

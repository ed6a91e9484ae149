import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import UnsafePath
from penstock.rest.artifacts.paths import Destination, check_served, join_path, safe_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ""),
        ("model", "model"),
        ("model/", "model"),
        ("./model//data/./x", "model/data/x"),
        ("a b/ü.txt", "a b/ü.txt"),
        ("日本/#?&=;:'\"*", "日本/#?&=;:'\"*"),
        ("100%.csv", "100%.csv"),
        ("50%25", "50%25"),
        ("..hidden/file..", "..hidden/file.."),
        ("...", "..."),
    ],
)
def test_a_path_below_the_root_is_brought_into_its_shortest_form(path, expected):
    """What only looks odd is left alone."""
    assert expected == safe_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../x",
        "a/../../x",
        "a/..",
        "/etc/passwd",
        "//host/share",
        "\\windows",
        "a\\b",
        "a%5cb",
        "..\\x",
        "a\\..\\..\\x",
        "%2e%2e/x",
        "%2E%2E%2Fx",
        "..%2fx",
        "%252e%252e%252fx",
        "a/%2e%2e/%2e%2e/x",
        "%2fetc/passwd",
        "%5c..%5cx",
        "a\0b",
        "a%00b",
        "a\nb",
        "a%0ab",
        "a%250ab",
        "\x7f",
        "\x9b31m",
    ],
)
def test_a_path_that_leads_out_is_refused(path):
    """Absolute, climbing, with a backslash or control character, or so only once decoded."""
    with pytest.raises(UnsafePath, match="nothing was read or written") as refusal:
        safe_path(path)
    assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code


@given(st.text(alphabet="./\\%2eE5cCfF0a ", max_size=30))
def test_no_safe_path_leaves_its_folder(path):
    """Whatever was made of dots, slashes and percent signs, on any number of decodings."""
    try:
        found = safe_path(path)
    except UnsafePath:
        return
    assert not found.startswith("/")
    assert ".." not in found.replace("\\", "/").split("/")


def test_parts_are_joined():
    """Either may be empty."""
    assert ["a/b", "a", "b", ""] == [
        join_path(folder, name) for folder, name in (("a", "b"), ("a", ""), ("", "b"), ("", ""))
    ]


def test_a_target_lies_below_its_folder(tmp_path):
    """Also where folders are still to be made."""
    assert tmp_path / "deep/er/x" == Destination(tmp_path).target("deep/er/x")
    assert tmp_path == Destination(tmp_path).target("")


def test_a_link_that_leads_out_is_refused(tmp_path):
    """Whoever planted it in the destination."""
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    for path in ("link/x", "link/deep/x"):
        with pytest.raises(UnsafePath, match="symbolic link"):
            Destination(folder).target(path)


def test_a_link_that_stays_inside_is_followed(tmp_path):
    """And so is one above the destination: that is where the caller wants to be."""
    (tmp_path / "real" / "sub").mkdir(parents=True)
    (tmp_path / "real" / "link").symlink_to(tmp_path / "real" / "sub")
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    assert tmp_path / "real/link/x" == Destination(tmp_path / "real").target("link/x")
    assert tmp_path / "alias/sub/x" == Destination(tmp_path / "alias").target("sub/x")


def test_a_link_in_place_of_the_file_is_refused_when_it_leads_out(tmp_path):
    """Whoever put it there may expect the target to be written."""
    (tmp_path / "x").symlink_to("/etc/passwd")
    with pytest.raises(UnsafePath, match="symbolic link"):
        Destination(tmp_path).target("x")


def test_a_link_in_place_of_the_file_may_stay_inside(tmp_path):
    """The finished file takes its place."""
    (tmp_path / "x").symlink_to(tmp_path / "y")
    assert tmp_path / "x" == Destination(tmp_path).target("x")


def test_links_that_lead_round_in_a_circle_are_refused(tmp_path):
    """They lead nowhere."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(UnsafePath, match="symbolic link"):
        Destination(tmp_path).target("a/x")


@pytest.mark.parametrize(
    "path",
    [
        "a",
        "a b",
        "ü/日本",
        "100%.csv",
        "50% off",
        "a+b",
        "x?y",
        "a;b",
        "d/A:b",
        "1:b",
        "'\"&=*<>|~",
    ],
)
def test_names_that_the_server_keeps(path):
    """However odd they look."""
    check_served(path)


@pytest.mark.parametrize(
    "path",
    [
        "C:/x",
        "file:x",
        "http:/x",
        "a#b",
        "#",
        "a%20b",
        "%41",
        "a%2520b",
        "per%cent",
        "a?",
        "a;",
        "d/;",
        "a?/b",
        "a;/b",
    ],
)
def test_names_that_the_server_would_take_for_others_are_refused(path):
    """Or somebody else's file would be read, or overwritten."""
    with pytest.raises(UnsafePath, match="use a name without") as refusal:
        check_served(path)
    assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code

"""What of a model's requirements is not met."""

from importlib.metadata import version

from penstock.models.requirements import find_shortfalls, read_requirements

MSGSPEC = version("msgspec")


def test_what_is_there_is_no_shortfall():
    """By name alone, by its pin, and with an extra or a marker."""
    met = ["msgspec", f"msgspec=={MSGSPEC}", f"msgspec[toml]=={MSGSPEC}", "msgspec>=0.1", "MsgSpec"]
    assert [] == find_shortfalls([*met, f"msgspec=={MSGSPEC}; python_version > '3'"])


def test_what_is_missing_or_of_another_version_is_named():
    """With what is installed instead."""
    found = find_shortfalls(["no-such-library==1.0", "msgspec==0.0.1", f"msgspec=={MSGSPEC}"])
    assert [
        "no-such-library==1.0 (is not installed)",
        f"msgspec==0.0.1 ({MSGSPEC} is installed)",
    ] == [str(one) for one in found]


def test_local_parts_of_versions_do_not_count():
    """A build for one processor has the same functions."""
    assert [] == find_shortfalls([f"msgspec=={MSGSPEC}+cpu"])


def test_no_file_means_no_requirements(tmp_path):
    """Models of old versions have none."""
    assert () == read_requirements(tmp_path)

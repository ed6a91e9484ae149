"""What the guide to lineage tells is there, and what is there is told."""

import inspect
import re
from pathlib import Path

from penstock.lineage import BaseMetadataTracker, MLFlowMetadataTracker
from penstock.lineage.settings import read_conf

GUIDE = Path(__file__).resolve().parent.parent.parent / "docs" / "guides" / "lineage.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def section(title: str) -> str:
    return TEXT.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_method_has_its_row():
    """Those that only repeat a tuple's parts are told of in the text."""
    told = {
        name
        for row in re.findall(r"^\| (`[^|]+) \|", section("What can be asked"), re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    there = {
        name
        for name, _ in inspect.getmembers(MLFlowMetadataTracker, inspect.isfunction)
        if not name.startswith("_")
    }
    assert {"get_resource_id", "get_parent_id"} == there - told
    assert set() == told - there


def test_every_setting_has_its_row():
    """And is read."""
    told = set(re.findall(r"^\| `(\w+)`", section("Configuration"), re.MULTILINE))
    read = set(re.findall(r'"(\w+)"\)', inspect.getsource(read_conf))) - {"config"}
    assert read == told


def test_nothing_abstract_is_left():
    """The tracker answers everything that the base can be asked."""
    assert BaseMetadataTracker.__abstractmethods__ <= set(dir(MLFlowMetadataTracker))
    assert not MLFlowMetadataTracker.__abstractmethods__

"""What the tracker loads."""

import subprocess
import sys

import pytest

from penstock import lineage


def test_the_tracker_loads_nothing_heavy():
    """Neither MLflow nor the numeric libraries nor those of events."""
    program = (
        "import sys; from penstock import MLFlowMetadataTracker;"
        "print(sorted({'mlflow', 'numpy', 'pandas', 'openlineage', 'lolpop', 'rich', 'pyreqwest'}"
        " & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "[]" == answer.stdout.strip()


def test_every_public_name_is_there():
    """And no other is."""
    for name in lineage.__all__:
        assert getattr(lineage, name) is not None
        assert name in dir(lineage)
    with pytest.raises(AttributeError, match="NoSuchThing"):
        lineage.NoSuchThing  # noqa: B018 - the access is the test

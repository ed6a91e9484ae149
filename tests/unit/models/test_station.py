"""What a station's models are called, and which version follows."""

import pytest

from penstock.errors import MlflowException
from penstock.models.station import (
    experiment_name,
    model_name,
    next_version,
    parse_given_version,
    read_version,
    version_tag,
)
from penstock.semver import SemVer


def test_names_hold_namespace_station_and_type():
    """Each station and type has a name of its own."""
    assert "water-quality-station-1" == experiment_name("water-quality", 1)
    assert "water-quality-station-1-xgboost" == model_name("water-quality", 1, "xgboost")


def test_a_version_is_told_in_a_tag_and_read_from_it():
    """Also where the name of the type looks like one."""
    tag = version_tag("xgboost_v2.0.0", SemVer(1, 10, 3), "9_v8.8.8")
    assert "xgboost_v2.0.0_v1.10.3_station_9_v8.8.8" == tag
    assert SemVer(1, 10, 3) == read_version(version_tag("xgboost", SemVer(1, 10, 3), 7))
    assert [None, None] == [read_version("latest"), read_version("3")]


@pytest.mark.parametrize("given", ["1.2.3", "xgboost_v1.2.3_station_1", (1, 2, 3), SemVer(1, 2, 3)])
def test_a_version_is_given_plain_or_as_the_tag(given):
    """As it is at hand."""
    assert SemVer(1, 2, 3) == parse_given_version(given)


@pytest.mark.parametrize("given", ["1.2", "v1", 3, "1.02.3"])
def test_what_is_no_version_is_told(given):
    """By the name of its key."""
    with pytest.raises(MlflowException, match=r"version: .*major\.minor\.micro"):
        parse_given_version(given)


def test_the_next_version_is_after_the_highest():
    """By numbers; the first one is 1.0.0."""
    assert SemVer(1, 0, 0) == next_version([])
    assert SemVer(1, 10, 1) == next_version([SemVer(1, 10, 0), SemVer(1, 9, 5)])

"""Semantic versions and ranges, against a naive model of them."""

import operator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from penstock.semver import EVERY, SemVer, VersionRange, parse_range, parse_version

NUMBERS = st.integers(0, 3) | st.integers(0, 10**18 - 1)
VERSIONS = st.builds(SemVer, NUMBERS, NUMBERS, NUMBERS)
SMALL = st.integers(0, 3)
NEAR = st.builds(SemVer, SMALL, SMALL, SMALL)
PARTS = st.lists(SMALL, min_size=1, max_size=3)
OPERATORS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
BOUNDS = st.tuples(st.sampled_from([*OPERATORS, "=="]), PARTS)

NO_VERSIONS = [
    *("1.2", "v1.2.3", "1.2.3.4", "latest", "", " ", "1", "1.2.x", "1.2.3rc1", "1.2.3-rc.1"),
    *("1.2.3+7", "01.2.3", "1.02.3", "1.2.03", " 1.2.3", "1.2.3 ", "1.2.3\n", "-1.2.3", "1.-2.3"),
    *("1..3", "1.2.", ".1.2", "1,2,3", "1.2.٣", "1.2.³", "1.2.1e3", "0x1.2.3", "1_0.2.3", "½.0.0"),
    *("9" * 19 + ".0.0", "1." * 10_000, "1.2.*", ">=1.2.3", None, 1, 1.2, b"1.2.3", True),
    *((1, 2), (1, 2, 3, 4), (1, 2, -3), (1, 2, 3.0), (1, 2, True), ("1", "2", "3"), (), {1, 2, 3}),
    (1, 2, 10**18),
]
NO_RANGES = [
    *(
        "",
        " ",
        ",",
        ">=1.2,",
        ">=",
        "=1.2",
        "~1.2",
        "^1.2",
        "1.*.2",
        "*.1",
        "*.*",
        "1.2.3.*",
        "1.2",
    ),
    *("**", "v1.*", ">=v1", "01.*", ">=01", ">=1.2.3.4", ">=1.2 <2", "!=1.2", "1.4.*,<2", "latest"),
    *(">=1.2.*", "> =1", None, 7, (1, 2), ["1", "2"]),
]


def holds(bound: tuple[str, list[int]], version: SemVer) -> bool:
    """Tell the same as the range, by comparing only as many numbers as the bound has."""
    sign, parts = bound
    numbers = [version.major, version.minor, version.micro]
    if sign in {">", "<=", "=="}:
        numbers = numbers[: len(parts)]
        return numbers == parts if sign == "==" else OPERATORS[sign](numbers, parts)
    return bool(OPERATORS[sign](numbers, parts + [0] * (3 - len(parts))))


def written(bound: tuple[str, list[int]]) -> str:
    return bound[0] + ".".join(map(str, bound[1]))


@given(VERSIONS)
def test_a_version_is_printed_as_it_is_read(version):
    """From its text, its numbers and itself."""
    numbers = (version.major, version.minor, version.micro)
    assert {version} == {parse_version(one) for one in (str(version), numbers, version)}
    assert version == parse_version(list(numbers))


@given(VERSIONS, VERSIONS)
def test_versions_compare_number_by_number(one, other):
    """So that 1.10.0 comes after 1.9.0."""
    numbers = [(version.major, version.minor, version.micro) for version in (one, other)]
    assert (numbers[0] < numbers[1]) == (one < other)
    assert (numbers[0] == numbers[1]) == (str(one) == str(other))


@pytest.mark.parametrize("value", NO_VERSIONS, ids=lambda value: repr(value)[:20])
def test_what_is_no_version_is_refused(value):
    """The error names the value, shortened if it is long, and the rule."""
    with pytest.raises(ValueError, match="is no version; give major") as error:
        parse_version(value)
    assert repr(value)[:70] in str(error.value)
    assert len(str(error.value)) < 250


@given(st.lists(BOUNDS, min_size=1, max_size=3), st.lists(NEAR, min_size=1))
@example([(">", [1])], [SemVer(1, 3, 3), SemVer(2, 0, 0)])
@example([("<=", [1, 2])], [SemVer(1, 2, 3), SemVer(1, 3, 0)])
def test_a_range_holds_what_each_of_its_bounds_holds(bounds, versions):
    """Refused only when there is no such version at all."""
    text = ", ".join(map(written, bounds))
    expected = [all(holds(bound, version) for bound in bounds) for version in versions]
    if any(expected):
        assert expected == [version in parse_range(text) for version in versions]
    else:
        assert not any(version in held_by(text) for version in versions)


def held_by(text: str) -> VersionRange | tuple[()]:
    """Return a range, or nothing where its bounds exclude each other."""
    try:
        return parse_range(text)
    except ValueError:
        return ()


@given(st.lists(SMALL, max_size=2), NEAR)
def test_a_wildcard_holds_what_begins_with_its_numbers(parts, version):
    """Of none, one or two."""
    numbers = [version.major, version.minor, version.micro]
    text = ".".join([*map(str, parts), "*"])
    assert (numbers[: len(parts)] == parts) == (version in parse_range(text))
    assert parse_range(text) == (parse_range("==" + text[:-2]) if parts else EVERY)


@given(VERSIONS, VERSIONS)
def test_a_version_is_the_range_of_itself(version, other):
    """And says so."""
    alone = parse_range(str(version))
    assert (version, True, version == other) == (alone.only, version in alone, other in alone)
    assert alone == parse_range((version.major, version.minor, version.micro))
    assert parse_range("1.*").only is None


@pytest.mark.parametrize("value", NO_RANGES, ids=repr)
def test_what_is_no_range_is_refused(value):
    """The error names the value and the forms there are."""
    with pytest.raises(ValueError, match=r"or a range, '1\.4\.\*'") as error:
        parse_range(value)
    assert repr(value) in str(error.value)


def test_a_range_without_an_end_holds_all_that_follows():
    """Whatever the number."""
    assert SemVer(10**17, 0, 0) in VersionRange(SemVer(1, 2, 0), None)
    assert SemVer(1, 1, 10**17) not in parse_range(">=1.2")


@pytest.mark.parametrize("text", [">=2,<1", ">1,<=1", "<1.2.3,>=1.2.3", "==1,==2", "<0"])
def test_bounds_that_exclude_each_other_are_refused(text):
    """Instead of finding nothing for ever."""
    with pytest.raises(ValueError, match="holds no version: its bounds exclude each other"):
        parse_range(text)

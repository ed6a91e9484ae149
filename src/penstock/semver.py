"""Semantic versions and ranges of them, as values. Pure.

Source: Semantic Versioning 2.0.0, its three numbers alone: a release is live or it is not, so
pre-releases and build labels have no place in a rollout.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_DIGITS = 18
SHOWN_CHARACTERS = 80

_NUMBER = rf"(?:0|[1-9][0-9]{{0,{MAX_DIGITS - 1}}})"
_VERSION = re.compile(rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})")
_WILDCARD = re.compile(rf"(?:({_NUMBER})\.)?(?:({_NUMBER})\.)?\*")
_BOUND = re.compile(rf"(>=|<=|==|>|<)\s*({_NUMBER})(?:\.({_NUMBER}))?(?:\.({_NUMBER}))?")


@dataclass(frozen=True, order=True, slots=True)
class SemVer:
    """`major.minor.micro`, compared number by number."""

    major: int
    minor: int
    micro: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.micro}"


@dataclass(frozen=True, slots=True)
class VersionRange:
    """All versions from `low` on and below `high`; without `high`, all from `low` on."""

    low: SemVer
    high: SemVer | None

    @classmethod
    def exactly(cls, version: SemVer) -> "VersionRange":
        """Return the range of one version."""
        return cls(version, SemVer(version.major, version.minor, version.micro + 1))

    def __contains__(self, version: SemVer) -> bool:
        return self.low <= version and (self.high is None or version < self.high)

    @property
    def only(self) -> SemVer | None:
        """The one version that the range holds, or None if it may hold several."""
        return self.low if self == VersionRange.exactly(self.low) else None


EVERY = VersionRange(SemVer(0, 0, 0), None)


def parse_version(version: object) -> SemVer:
    """Return a full version from `"1.4.2"`, `(1, 4, 2)` or a SemVer.

    Raises ValueError that names the value and the rule.
    """
    if isinstance(version, SemVer):
        return version
    if isinstance(version, str):
        found = _VERSION.fullmatch(version)
        if found:
            return SemVer(*map(int, found.groups()))
    elif isinstance(version, tuple | list) and _are_numbers(version):
        return SemVer(*version)
    raise ValueError(
        f"{_shown(version)} is no version; give major.minor.micro, '1.4.2' or (1, 4, 2), "
        "of whole numbers without leading zeros"
    )


def parse_range(text: object) -> VersionRange:
    """Return the versions that `"1.4.2"`, `"1.4.*"`, `"1.*"`, `"*"` or `">=1.2,<2"` stands for.

    A bound may leave numbers out: `>=1.2` begins with 1.2.0, `<=1.2` and `==1.2` hold every 1.2.x,
    `>1.2` none of them. Raises ValueError that names the value and the rule.
    """
    if isinstance(text, str):
        wildcard = _WILDCARD.fullmatch(text.strip())
        if wildcard:
            return _span([int(part) for part in wildcard.groups() if part is not None])
        bounds = [_BOUND.fullmatch(part.strip()) for part in text.split(",")]
        if all(bounds):
            return _between(text, [_parse_bound(bound) for bound in bounds if bound])
    try:
        low = parse_version(text)
    except ValueError as error:
        raise ValueError(f"{error}; or a range, '1.4.*', '1.*' or '>=1.2,<2'") from None
    return VersionRange.exactly(low)


def _are_numbers(parts: Sequence[object]) -> bool:
    return len(parts) == len(SemVer.__slots__) and all(
        type(part) is int and 0 <= part < 10**MAX_DIGITS for part in parts
    )


def _span(parts: list[int]) -> VersionRange:
    """Return all versions that begin with these numbers."""
    if not parts:
        return EVERY
    padding = [0] * (len(SemVer.__slots__) - len(parts))
    return VersionRange(SemVer(*parts, *padding), SemVer(*[*parts[:-1], parts[-1] + 1], *padding))


def _parse_bound(bound: re.Match[str]) -> VersionRange:
    operator, *parts = bound.groups()
    span = _span([int(part) for part in parts if part is not None])
    return {
        "==": span,
        ">=": VersionRange(span.low, None),
        ">": VersionRange(span.high or span.low, None),
        "<": VersionRange(EVERY.low, span.low),
        "<=": VersionRange(EVERY.low, span.high),
    }[operator]


def _between(text: str, bounds: list[VersionRange]) -> VersionRange:
    low = max(bound.low for bound in bounds)
    high = min((bound.high for bound in bounds if bound.high is not None), default=None)
    if high is not None and high <= low:
        raise ValueError(f"{_shown(text)} holds no version: its bounds exclude each other")
    return VersionRange(low, high)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"

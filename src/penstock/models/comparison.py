"""Two models side by side. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PARTS: Final = ("params", "metrics", "data")


def compare_details(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return two models side by side, of which each is described with its name and its parts.

    `models` are the two, each `name/version`, or a URI; `params`, `metrics` and `data` map each
    key, or the name of a data set with its context, to its two values, None where one has it not;
    `different` lists the keys whose values differ, by part.
    """
    sides = [_parts(first), _parts(second)]
    parts = {
        part: {
            key: [side[part].get(key) for side in sides]
            for key in sorted({key for side in sides for key in side[part]})
        }
        for part in PARTS
    }
    different = {
        part: [key for key, (one, other) in rows.items() if not _is_same(one, other)]
        for part, rows in parts.items()
    }
    return {"models": [_label(first), _label(second)], **parts, "different": different}


def _label(details: Mapping[str, Any]) -> str:
    if details["name"] is None:
        return str(details["uri"])
    return f"{details['name']}/{details['version']}"


def _parts(details: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        "params": details["params"],
        "metrics": details["metrics"],
        "data": _digests(details["data"]),
    }


def _digests(data: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the digests of data sets; one may be used for several things, in several states."""
    found = defaultdict(list)
    for one in data:
        context = f" ({one['context']})" if one["context"] else ""
        found[f"{one['name']}{context}"].append(one["digest"])
    return {name: ", ".join(sorted(digests)) for name, digests in found.items()}


def _is_same(one: object, other: object) -> bool:
    # A metric may be NaN, which is not even equal to itself.
    return one == other or (one != one and other != other)  # noqa: PLR0124 - as said

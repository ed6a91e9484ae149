"""Names that were mistyped, and ids that are too long to read. Pure."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Final

SHORTEST_ID: Final = 8
SHOWN: Final = 5


def near(word: str, known: Collection[str]) -> str:
    """Return the end of a message that names what may have been meant; empty if nothing is near."""
    found = difflib.get_close_matches(word, known, n=3)
    return f"; did you mean {listed(found, 'or')}?" if found else ""


def listed(words: Iterable[str], conjunction: str = "and") -> str:
    """Return words in quotes as people list them, the first of them."""
    quoted = [f"'{word}'" for word in words]
    if len(quoted) > SHOWN:
        quoted = [*quoted[:SHOWN], f"{len(quoted) - SHOWN} more"]
    *others, last = quoted
    return f"{', '.join(others)} {conjunction} {last}" if others else last


def there(words: Collection[str]) -> str:
    """Return what there is, as the end of a message."""
    return f"there {'is' if len(words) == 1 else 'are'} {listed(words)}"


def one_line(text: str) -> str:
    """Return a name so that it cannot look like a line of its own."""
    return "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in text)


def short_ids(run_ids: Collection[str]) -> Mapping[str, str]:
    """Return the beginning of each id, long enough to tell it from the others."""
    length = SHORTEST_ID
    while len({run_id[:length] for run_id in run_ids}) < len(set(run_ids)):
        length += 1
    return {run_id: run_id[:length] for run_id in run_ids}

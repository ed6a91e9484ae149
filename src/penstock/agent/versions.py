"""Numbers of registered versions. Pure."""

import re

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


def parse_version_number(version: object) -> int:
    """Return a version given as a number or as its text. Raises ValueError for another."""
    text = str(version) if type(version) in {int, str} else ""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"a version is a whole number from 1 on, not {version!r}")
    return int(text)

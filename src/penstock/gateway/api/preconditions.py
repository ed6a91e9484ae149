"""The headers by which a caller says which revision they know. Pure."""

import re
from typing import Annotated, Final

from fastapi import Header

from penstock.errors import RequestRefused
from penstock.gateway.api.parameters import bad_request

_ONE: Final = re.compile(r'"?([0-9]{1,16})"?')
_EACH: Final = re.compile(r'(?:W/)?"([0-9]{1,16})"')

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description='The revision that you have read, `"4"`; without it 428.'),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description='The revision that you have, `"4"`: 304 as long as there is no other.',
    ),
]


def read_if_match(text: str | None) -> int:
    """Return the revision that a change follows. Raises RequestRefused: 428 without, 400."""
    if text is None:
        raise RequestRefused(
            428, "BAD_REQUEST", 'send If-Match with the revision that you have read, such as "4"'
        )
    found = _ONE.fullmatch(text.strip())
    if found is None:
        raise bad_request('If-Match must be the revision that you have read, such as "4"')
    return int(found[1])


def is_known(text: str | None, revision: int) -> bool:
    """Return whether an If-None-Match names a revision; what is none of ours names nothing."""
    if text is None:
        return False
    return text.strip() == "*" or str(revision) in _EACH.findall(text)

"""The lines of the audit. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

_NOT_STORABLE = re.compile("[\ud800-\udfff\x00]")

UNKNOWN: Final = "unknown"
"""The result of a write whose end nobody has written down."""


@dataclass(frozen=True, slots=True)
class Record:
    """Who did what to what, from where; `actor` is empty for nobody in particular.

    `detail` is JSON about a call of the gateway's own, without secrets. Counted calls share one
    record a minute; `at` is its beginning then.
    """

    at: datetime
    actor: str
    action: str
    target: str
    address: str = ""
    request_id: str = ""
    result: str = UNKNOWN
    detail: str = ""
    count: int = 1

    def fitting(self) -> "Record":
        """Return the record with its texts as far as their columns hold them.

        No database takes half a character, and PostgreSQL no NUL.
        """
        return replace(
            self,
            actor=_shortened(self.actor, 255),
            action=_shortened(self.action, 128),
            target=_shortened(self.target, 512),
            address=_shortened(self.address, 64),
            result=_shortened(self.result, 64),
            detail=_storable(self.detail),
        )


@dataclass(frozen=True, slots=True)
class CountedCall:
    """What calls have in common that share one count."""

    minute: datetime
    actor: str
    action: str
    target: str
    result: str


def _shortened(text: str, most: int) -> str:
    text = _storable(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def _storable(text: str) -> str:
    return _NOT_STORABLE.sub("\N{REPLACEMENT CHARACTER}", text)

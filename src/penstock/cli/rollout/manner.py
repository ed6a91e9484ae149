"""How a change is to be carried out."""

from typing import NamedTuple


class Manner(NamedTuple):
    """Whether to write, to ask and to print JSON, at which server, and why."""

    is_dry_run: bool
    is_agreed: bool
    as_json: bool
    uri: str | None
    note: str | None = None

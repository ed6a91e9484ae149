"""How a change is to be carried out."""

from typing import NamedTuple


class Manner(NamedTuple):
    """Whether to write, to ask and to print JSON, and at which server."""

    is_dry_run: bool
    is_agreed: bool
    as_json: bool
    uri: str | None

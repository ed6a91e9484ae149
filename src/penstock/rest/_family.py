from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.rest._api import Api
    from penstock.rest._writing import Writing


class Family:
    """Base of the families of methods that make up the client: what they write and read by."""

    _tracking: Api
    _registry: Api
    _writing: Writing

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.rest._api import Api


class Family:
    """Base of the families of methods that make up the client: the two APIs they speak to."""

    _tracking: Api
    _registry: Api

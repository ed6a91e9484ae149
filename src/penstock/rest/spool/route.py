from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.rest._api import Api
from penstock.rest.writer.delivery import Delivery
from penstock.rest.writer.patience import Patience

if TYPE_CHECKING:
    from penstock.rest._connection import Connection


class Route:
    """The way to one server, given up when it takes nothing for `limit` seconds."""

    def __init__(self, connection: Connection, *, limit: float) -> None:
        self.address = connection.base_url
        self.patience = Patience(limit=limit)
        self._api = Api(connection._replace(retries=0))
        self.delivery = Delivery(self._api.post, self.patience)

    def close(self) -> None:
        """End all connections."""
        self._api.close()

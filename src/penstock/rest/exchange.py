"""One request and its answer, for programs that speak to a server without the client's methods."""

from penstock.rest._address import parse_address
from penstock.rest._answer import Answer
from penstock.rest._connection import Connection, resolve_connections
from penstock.rest._exchange import Exchange, open_exchange
from penstock.rest._refusals import ERROR_CODES, refusal
from penstock.rest._request import Request

__all__ = [
    "ERROR_CODES",
    "Answer",
    "Connection",
    "Exchange",
    "Request",
    "open_exchange",
    "parse_address",
    "refusal",
    "resolve_connections",
]

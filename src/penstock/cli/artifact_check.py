"""Whether an artifact comes back as it was sent."""

import os
from typing import Final
from urllib.parse import quote

from penstock.cli.server import Server
from penstock.errors import IncompleteResponse, PermissionDenied
from penstock.rest.exchange import Answer, refusal

_ARTIFACTS: Final = "/api/2.0/mlflow-artifacts/artifacts"
_SIZE: Final = 1024


def check_round_trip(server: Server, folder: str) -> str:
    """Send a small file into a proxied folder, fetch it, delete it; return what was seen.

    A login that may not write there is no fault. Raises PenstockError for everything else.
    """
    path = f"{_ARTIFACTS}/{quote(f'{folder}/.penstock-ping-{os.urandom(8).hex()}')}"
    sent = os.urandom(_SIZE)
    try:
        _succeeded(server.send("PUT", path, sent))
    except PermissionDenied:
        return "not tried: this login may not write to the newest experiment it sees"
    try:
        fetched = _succeeded(server.send("GET", path)).body
    finally:
        deleted = server.send("DELETE", path)
    if fetched != sent:
        raise IncompleteResponse(
            f"an artifact of {_SIZE} bytes came back changed; check what stands between here and "
            "the server, and the server's artifact storage"
        )
    left = "" if deleted.is_success else f"; {path} could not be deleted ({deleted.status})"
    return f"a file of {_SIZE} bytes went up and came back{left}"


def _succeeded(answer: Answer) -> Answer:
    if answer.is_success:
        return answer
    raise refusal(answer)

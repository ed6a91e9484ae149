"""The calls of `mlflow models serve`, answered byte for byte as it answers them."""

import msgspec

from penstock.errors import PenstockError
from penstock.serving.desk import Desk
from penstock.serving.documents import read_question
from penstock.serving.exchange import Reply, Request

OK = 200
UNAVAILABLE = 503


async def invocations(desk: Desk, request: Request) -> Reply:
    """Answer with predictions."""
    body = await desk.read(request)
    content_type = request.header(b"content-type") or "application/json"
    answered = await desk.answer(request, read_question(body, content_type))
    prediction = answered.prediction
    text = prediction.text().encode("utf-8", "surrogatepass")
    if prediction.written is None:
        return Reply(OK, text, headers=answered.headers)
    written = prediction.written
    return Reply(written.status, text, written.media_type.encode(), answered.headers)


async def ping(desk: Desk, request: Request) -> Reply:  # noqa: ARG001 - as all calls
    """Say whether every live run is loaded; where not, which are missing and why."""
    try:
        table = desk.table
    except PenstockError as error:
        return _not_ready({"message": str(error)})
    if table.is_complete:
        return Reply(OK, b"\n")
    return _not_ready({"message": "live runs are not loaded", "missing": dict(table.missing)})


async def version(desk: Desk, request: Request) -> Reply:  # noqa: ARG001 - as all calls
    """Answer with the version of MLflow that predicts."""
    from penstock.models.flavours import load_scoring  # noqa: PLC0415 - takes seconds

    return Reply(OK, load_scoring().version.encode())


def _not_ready(document: dict[str, object]) -> Reply:
    return Reply(UNAVAILABLE, msgspec.json.encode({"status": "unavailable", **document}))

"""Plain features in, scores out: `POST /predict`, and `GET /healthcheck`."""

from typing import Any, Final

import msgspec

from penstock.errors import InvalidInput
from penstock.models.scoring import write_json
from penstock.serving.desk import Desk
from penstock.serving.documents import rows_of_records
from penstock.serving.exchange import Reply, Request
from penstock.serving.protocols.mlflow_calls import ping
from penstock.serving.question import Question

OK: Final = 200
HOW: Final = 'send {"features": {"NAME": VALUE, …}}, or a list of such objects'


async def predict(desk: Desk, request: Request) -> Reply:
    """Answer with a score for each object of features."""
    names, rows = _read(await desk.read(request))
    answered = await desk.answer(request, Question(names, rows))
    text = write_json({"scores": answered.prediction.read()})
    return Reply(OK, text.encode("utf-8", "surrogatepass"), headers=answered.headers)


async def healthcheck(desk: Desk, request: Request) -> Reply:
    """Say `healthy` once every live run is loaded."""
    reply = await ping(desk, request)
    return Reply(OK, b'{"status": "healthy"}') if reply.status == OK else reply


def _read(body: bytes) -> tuple[tuple[str, ...], list[Any]]:
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"the body is no JSON ({error}): {HOW}") from error
    if not isinstance(decoded, dict) or "features" not in decoded:
        raise InvalidInput(f"the field 'features' is missing: {HOW}")
    features = decoded["features"]
    names, rows = rows_of_records(features if isinstance(features, list) else [features])
    if rows is None or not names:
        raise InvalidInput(f"the field 'features' holds no named values: {HOW}")
    return names, rows

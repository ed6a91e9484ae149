"""How well answers turned out, and how the runs compare: `/feedback`, `/report`, `/report.svg`."""

import asyncio
import math
from typing import Any, Final

import msgspec

from penstock.errors import InvalidInput, LocalFileError, ServingError
from penstock.serving.desk import Desk
from penstock.serving.exchange import Reply, Request
from penstock.serving.picture import draw
from penstock.serving.report import Report

OK: Final = 200
SVG: Final = b"image/svg+xml"
HOW: Final = 'send {"request_id": "…", "outcome": 1.0}, or a list of such objects'


async def feedback(desk: Desk, request: Request) -> Reply:
    """Keep the outcome of requests, each once."""
    outcomes = [_read_one(desk, item) for item in _read(await desk.read(request))]
    try:
        await asyncio.to_thread(desk.records.ledger.record, outcomes)
    except LocalFileError as error:
        raise ServingError(str(error)) from error
    return Reply(OK, msgspec.json.encode({"status": "SUCCESS", "recorded": len(outcomes)}))


async def report(desk: Desk, request: Request) -> Reply:
    """Show how the runs compare; with `?against=RUN`, with that one."""
    found = await _make(desk, request)
    return Reply(OK, msgspec.json.encode(found.to_document()))


async def picture(desk: Desk, request: Request) -> Reply:
    """Draw the same."""
    return Reply(OK, draw(await _make(desk, request)).encode(), SVG)


async def _make(desk: Desk, request: Request) -> Report:
    table = desk.follower.table
    try:
        return await desk.records.report(desk.name, table, against=request.argument("against"))
    except LocalFileError as error:
        raise ServingError(str(error)) from error


def _read(body: bytes) -> list[Any]:
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"the body is no JSON ({error}): {HOW}") from error
    items = decoded if isinstance(decoded, list) else [decoded]
    if not items:
        raise InvalidInput(f"there is no feedback in it: {HOW}")
    return items


def _read_one(desk: Desk, item: Any) -> tuple[str, str, float]:  # noqa: ANN401 - JSON is any
    if not isinstance(item, dict) or not isinstance(item.get("request_id"), str):
        raise InvalidInput(f"the field 'request_id' is missing or no text: {HOW}")
    outcome = _find_number(item.get("outcome"))
    if outcome is None:
        raise InvalidInput(f"the field 'outcome' is missing or no finite number: {HOW}")
    run_id = desk.records.request_ids.find_run(item["request_id"])
    if run_id is None:
        raise InvalidInput(
            f"the field 'request_id': {item['request_id'][:80]!r} was not given by this server; "
            "the header X-Penstock-Request of an answer has it"
        )
    return item["request_id"], run_id, outcome


def _find_number(value: Any) -> float | None:  # noqa: ANN401 - JSON is any
    """Return a finite number, or None where it is none, or too large for one."""
    if not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None

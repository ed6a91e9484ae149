"""The Open Inference Protocol, version 2: `/v2/…`."""

from typing import Any, Final

import msgspec

from penstock import __version__
from penstock.errors import InvalidInput, NothingToServe
from penstock.models.scoring import write_json
from penstock.serving.desk import Desk
from penstock.serving.engines.engine import Document, ModelFacts
from penstock.serving.exchange import Reply, Request
from penstock.serving.protocols.call import Call
from penstock.serving.protocols.mlflow_calls import ping
from penstock.serving.protocols.tensors import DATATYPES, nested, read_rows, write_outputs
from penstock.serving.question import JSON, Question

OK: Final = 200
MODELS: Final = "/v2/models/"


async def server(desk: Desk, request: Request) -> Reply:  # noqa: ARG001 - as all calls
    """Say what this server is."""
    return _reply({"name": "penstock", "version": __version__, "extensions": []})


async def live(desk: Desk, request: Request) -> Reply:  # noqa: ARG001 - as all calls
    """Say that requests are answered at all."""
    return _reply({"live": True})


async def ready(desk: Desk, request: Request) -> Reply:
    """Say whether every live run is loaded."""
    reply = await ping(desk, request)
    return _reply({"ready": True}) if reply.status == OK else reply


def find_model_call(desk: Desk, path: str) -> tuple[str, Call] | None:
    """Return the method and the call of a path below `/v2/models/`, or None if there is none."""
    # The name of an experiment may hold slashes itself.
    name, slash, tail = f"{path}/".removeprefix(MODELS).partition(f"{desk.name}/")
    if name or not slash:
        return None
    rest = tail.rstrip("/").split("/") if tail else []
    if len(rest) >= 2 and rest[0] == "versions":  # noqa: PLR2004 - the word and the version
        if desk.follower.table is None or rest[1] != desk.follower.table.lineup.version:
            return None
        rest = rest[2:]
    return {(): ("GET", metadata), ("ready",): ("GET", ready), ("infer",): ("POST", infer)}.get(
        tuple(rest)
    )


async def metadata(desk: Desk, request: Request) -> Reply:  # noqa: ARG001 - as all calls
    """Say what the model takes and answers, and which version it is of."""
    table = desk.table
    if not table.routes:
        raise NothingToServe("no live run is loaded yet")
    facts = next(iter(table.routes.values())).model.facts
    return _reply(
        {
            "name": desk.name,
            "versions": [table.lineup.version],
            "platform": "_".join(("mlflow", *(name for name in facts.flavours))),
            "inputs": _describe(facts, "inputs"),
            "outputs": _describe(facts, "outputs"),
        }
    )


async def infer(desk: Desk, request: Request) -> Reply:
    """Answer with output tensors."""
    asked = _read(await desk.read(request))
    answered = await desk.answer(request, _question(desk, asked))
    document: dict[str, Any] = {
        "model_name": desk.name,
        "model_version": desk.table.lineup.version,
        "outputs": write_outputs(answered.prediction.read()),
    }
    if isinstance(asked.get("id"), str):
        document["id"] = asked["id"]
    text = write_json(document).encode("utf-8", "surrogatepass")
    return Reply(OK, text, headers=answered.headers)


def _read(body: bytes) -> dict[str, Any]:
    try:
        asked = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"the body is no JSON ({error}); send 'inputs'") from error
    if not isinstance(asked, dict) or "inputs" not in asked:
        raise InvalidInput("the field 'inputs' is missing: a list of tensors")
    return asked


def _question(desk: Desk, asked: dict[str, Any]) -> Question:
    routes = desk.table.routes
    facts = next(iter(routes.values())).model.facts if routes else None
    names, rows = read_rows(asked["inputs"], facts.columns if facts else None)
    if facts is None or facts.columns is not None or _has_columns(facts):
        return Question(names, rows)
    # A model of tensors takes them as MLflow's `inputs`: by name, or the only one as it is.
    tensors = {tensor["name"]: nested(tensor) for tensor in asked["inputs"]}
    values = tensors if len(tensors) > 1 else next(iter(tensors.values()))
    return Question(given=Document(write_json({"inputs": values}).encode(), JSON))


def _has_columns(facts: ModelFacts) -> bool:
    inputs = facts.signature.inputs if facts.signature else None
    return bool(inputs) and all("tensor-spec" not in spec for spec in inputs or ())


def _describe(facts: ModelFacts, side: str) -> list[dict[str, Any]]:
    specs = getattr(facts.signature, side, None) if facts.signature else None
    return [_spec(number, spec) for number, spec in enumerate(specs or ())]


def _spec(number: int, spec: Any) -> dict[str, Any]:  # noqa: ANN401 - as MLflow writes it
    tensor = spec.get("tensor-spec")
    name = str(spec.get("name", f"{number}"))
    if tensor is None:
        return {
            "name": name,
            "datatype": DATATYPES.get(str(spec.get("type")), "BYTES"),
            "shape": [-1],
        }
    kind = str(tensor.get("dtype", "")).upper().replace("FLOAT", "FP")
    return {"name": name, "datatype": kind, "shape": list(tensor.get("shape", [-1]))}


def _reply(document: object) -> Reply:
    return Reply(OK, msgspec.json.encode(document))

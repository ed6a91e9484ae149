"""A small server in MLflow's place that knows two experiments and what is in them.

It answers the questions that the gateway asks on its own account, and writes down every call of a
caller's, which it tells by the `user-agent`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from gateway.tiny_answers import read_body, send_found, tiny_server

tiny_mlflow = tiny_server

CALLER = "a-caller/1"


def ids_of(number: int) -> dict[str, str]:
    """Return the ids of all that is in one experiment."""
    digit = "abcdef"[number]
    run = digit * 32
    return {
        "experiment": str(number),
        "experiment_name": f"experiment-{number}",
        "run": run,
        "root": f"{number}/{run}/artifacts",
        "model": f"m-{run}",
        "trace": f"tr-{run}",
        "otel_trace": run,
        "dataset": f"d-{run}",
        "issue": f"iss-{run}",
        "schema": f"ls-{run}",
        "queue": f"rq-{run}",
        "scorer": f"sc-{run}",
        "registered": f"model-{number}",
        "new": "new",
    }


GRANTED, SECRET = ids_of(1), ids_of(2)
EXPERIMENTS = (GRANTED, SECRET)


class TinyMlflow:
    """Answers questions, counts them, and records calls."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all that came, and go back to the plain answer."""
        self.questions: list[str] = []
        self.calls: list[tuple[str, str, bytes]] = []
        self.answer: Mapping[str, Any] = {"experiment_id": "77"}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = await read_body(receive)
        target = scope["raw_path"].decode() + "?" + scope["query_string"].decode()
        if dict(scope["headers"]).get(b"user-agent") == CALLER.encode():
            self.calls.append((scope["method"], target.removesuffix("?"), body))
            found: Any = self.answer
        else:
            self.questions.append(target)
            found = _answer(target, body)
        await send_found(send, found, is_head=scope["method"] == "HEAD")


def _experiment(ids: Mapping[str, str]) -> dict[str, str]:
    number = ids["experiment"]
    return {
        "experiment_id": number,
        "name": ids["experiment_name"],
        "artifact_location": f"mlflow-artifacts:/{number}",
    }


def _trace(ids: Mapping[str, str]) -> dict[str, Any]:
    place = {"mlflow_experiment": {"experiment_id": ids["experiment"]}}
    return {"trace_id": ids["trace"], "trace_location": place}


def _answer(target: str, body: bytes) -> Any:
    path, _, query = target.partition("?")
    arguments = {name: values[0] for name, values in parse_qs(query).items()}
    if path == "/api/3.0/mlflow/server-info":
        return {"version": "3.17.2"}
    if path.endswith("/batchGetInfos"):
        wanted = json.loads(body)["trace_ids"]
        return {"trace_infos": [_trace(one) for one in EXPERIMENTS if one["trace"] in wanted]}
    if path.endswith(("/search", "/mlflow/traces")):
        return {}
    for ids in EXPERIMENTS:
        found = _about(unquote(path), arguments, ids)
        if found is not None:
            return found
    return {"configs": []} if path.endswith("/online-configs") else None


def _about(path: str, given: Mapping[str, str], ids: Mapping[str, str]) -> Any:
    number, run = ids["experiment"], ids["run"]
    root = f"mlflow-artifacts:/{number}"
    inside = {"experiment_id": number}
    answers: list[tuple[str, bool, Any]] = [
        (
            "/experiments/get",
            given.get("experiment_id") == number,
            {"experiment": _experiment(ids)},
        ),
        (
            "/experiments/get-by-name",
            given.get("experiment_name") == ids["experiment_name"],
            {"experiment": _experiment(ids)},
        ),
        (
            "/runs/get",
            given.get("run_id") == run,
            {"run": {"info": {**inside, "artifact_uri": f"{root}/{run}/artifacts"}}},
        ),
        (
            f"/logged-models/{ids['model']}",
            True,
            {"model": {"info": {**inside, "artifact_uri": f"{root}/models/m-{run}/artifacts"}}},
        ),
        (f"/traces/{ids['trace']}", True, {"trace": {"trace_info": _trace(ids)}}),
        (f"/datasets/{ids['dataset']}/experiment-ids", True, {"experiment_ids": [number]}),
        (f"/issues/{ids['issue']}", True, {"issue": inside}),
        ("/label-schemas/get", given.get("schema_id") == ids["schema"], {"label_schema": inside}),
        ("/review-queues/get", given.get("queue_id") == ids["queue"], {"review_queue": inside}),
        (
            "/scorers/online-configs",
            given.get("scorer_ids") == ids["scorer"],
            {"configs": [inside]},
        ),
        (
            "/registered-models/get",
            given.get("name") == ids["registered"],
            {"registered_model": {"name": ids["registered"]}},
        ),
    ]
    below = re.sub(r"^/api/[23]\.0/mlflow", "", path)
    return next((one for end, matches, one in answers if below == end and matches), None)

"""Metrics and parameters of a run, logged in one call: all of them, or none."""

import time
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Request
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
)

from penstock.gateway.api.active import get_run, pairs, understanding
from penstock.gateway.api.answers import refusals
from penstock.gateway.api.envelope import Done
from penstock.gateway.api.mlflow_errand import V2, errand_of
from penstock.gateway.api.parameters import bad_request, check_unique
from penstock.gateway.api.texts import MOST_PARAM_VALUE, WITHOUT_NUL, Key

router = APIRouter(tags=["Runs"])

MOST_METRICS: Final = 1000
MOST_PARAMS: Final = 100
MOST_TOGETHER: Final = 1000
"""What MLflow takes in one batch, which is how it all is written at once."""

MOST_STEP: Final = 2**63 - 1
MOST_VALUE: Final = 10**308


def _listed(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Number = (
    Annotated[StrictInt, Field(ge=-MOST_VALUE, le=MOST_VALUE)]
    | StrictFloat
    | Literal["NaN", "Infinity", "-Infinity"]
)
ParamText = Annotated[str, Field(strict=True, max_length=MOST_PARAM_VALUE, pattern=WITHOUT_NUL)]


class LoggedMetric(BaseModel):
    """A metric's value at a step. JSON has no NaN and no infinity: they are texts here."""

    model_config = ConfigDict(extra="forbid")

    key: Key = Field(examples=["loss"])
    value: Number = Field(examples=[0.25])
    step: StrictInt = Field(0, ge=-MOST_STEP - 1, le=MOST_STEP, examples=[3])


class LoggedParam(BaseModel):
    """A parameter; numbers and truth values become the texts that Python writes for them."""

    model_config = ConfigDict(extra="forbid")

    key: Key = Field(examples=["depth"])
    value: ParamText | StrictBool | StrictInt | StrictFloat = Field(examples=["6"])


Metrics = Annotated[
    list[LoggedMetric],
    BeforeValidator(_listed, json_schema_input_type=list[LoggedMetric] | LoggedMetric),
]
Params = Annotated[
    list[LoggedParam],
    BeforeValidator(_listed, json_schema_input_type=list[LoggedParam] | LoggedParam),
]


class LogData(BaseModel):
    """Body of `POST /v1/run/{run_id}/log-data`: one metric or a list, one parameter or a list."""

    model_config = ConfigDict(extra="forbid")

    metrics: Metrics | None = Field(
        None, max_length=MOST_METRICS, examples=[[{"key": "loss", "value": 0.25, "step": 3}]]
    )
    params: Params | None = Field(
        None, max_length=MOST_PARAMS, examples=[{"key": "depth", "value": 6}]
    )


@router.post("/v1/run/{run_id}/log-data", responses=refusals(400, 403, 404, 504))
async def log_data(request: Request, run_id: str, body: LogData) -> Done:
    """Log metrics and parameters at this moment; takes EDIT on the run's experiment.

    Everything is checked before anything is written: a parameter that the run has with another
    value, or the same key twice, refuses the whole call (400). At most 1000 metrics, 100
    parameters, and 1000 of both together.
    """
    metrics, params = body.metrics or [], {one.key: str(one.value) for one in body.params or ()}
    _check(body)
    errand = errand_of(request)
    run = await get_run(errand, run_id)
    with understanding():
        known = pairs(run.get("data", {}), "params")
    _check_constant(params, known)
    moment = time.time_ns() // 1_000_000
    await errand.post(
        f"{V2}/runs/log-batch",
        {
            "run_id": run_id,
            "metrics": [{**one.model_dump(), "timestamp": moment} for one in metrics],
            "params": [{"key": key, "value": value} for key, value in params.items()],
        },
    )
    return Done(message=f"{len(metrics)} metrics and {len(params)} parameters logged")


def _check(body: LogData) -> None:
    metrics, params = body.metrics or [], body.params or []
    if not metrics and not params:
        raise bad_request("give 'metrics' or 'params'")
    if len(metrics) + len(params) > MOST_TOGETHER:
        raise bad_request(f"log at most {MOST_TOGETHER} things at once; make several calls of it")
    check_unique("params", [one.key for one in params])


def _check_constant(params: dict[str, str], known: dict[str, str]) -> None:
    for key, value in params.items():
        if known.get(key, value) != value:
            raise bad_request(
                f"params: '{key}' has another value already, and parameters never change; "
                "take another key, or another run"
            )

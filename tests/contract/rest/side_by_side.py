"""The same steps taken by several clients, each in a corner of the server of its own."""

import re
import time
import uuid
import warnings
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import mlflow.entities
import pytest
from mlflow.exceptions import MlflowException as StockException

import penstock.rest.entities
from contract.rest.likeness import plain
from penstock import MlflowClient
from penstock.errors import MlflowException
from servers import Up

SHOWN_PLACES, SHOWN_CHARACTERS = 10, 200
DAY = 24 * 3600 * 1000
ID_FIELDS = {"experiment_id", "run_id", "model_id", "source_run_id"}
MADE = (
    {"metrics", "params", "tags"},  # of a run, a logged model
    {"artifact_location", "lifecycle_stage", "tags"},  # an experiment
    {"latest_versions", "tags"},  # a registered model
)
"""What has the maker among its tags, by its fields."""
LONG_ID = re.compile(r"(?:m-)?[0-9a-f]{32}")
MADE_UP = re.compile(r"[a-z]+-[a-z]+-\d+")


@dataclass
class Side:
    """One client, and what it has made so far; `name` makes names that only it uses.

    `owner` is whose the runs and logged models are that it makes, where the server decides that.
    """

    title: str
    client: Any
    entities: ModuleType
    owner: str | None = None
    corner: str = field(default_factory=lambda: f"c{uuid.uuid4().hex[:8]}")
    made: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def name(self, text: str = "") -> str:
        return f"{self.corner} {text}"

    def keep(self, label: str, value: Any) -> Any:
        """Remember by what something that was made can be named, and return it."""
        key = key_of(value)
        self.made[label] = key
        self.ids.setdefault(key, f"<{label}>")
        return value

    def __getitem__(self, label: str) -> Any:
        assert label in self.made, f"{self.title} has not made '{label}'"
        return self.made[label]

    def neutral(self, value: Any) -> Any:
        """Replace what must differ between two corners: names, ids and the present time."""
        if isinstance(value, Mapping):
            for name in ID_FIELDS & value.keys():
                self._learn(name, value[name])
            return {self.neutral(key): self.neutral(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.neutral(item) for item in value]
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int) and abs(value - time.time() * 1000) < DAY:
            return "<now>"
        return value

    def _learn(self, name: str, value: Any) -> None:
        if value and isinstance(value, str):
            self.ids.setdefault(value, f"<{name} {len(self.ids)}>")

    def _text(self, text: str) -> str:
        if text in self.ids:
            return self.ids[text]
        if MADE_UP.fullmatch(text):
            return "<made up>"
        text = LONG_ID.sub(lambda found: self.ids.get(found[0], found[0]), text)
        parts = text.replace(self.corner, "CORNER").split("/")
        return "/".join(self.ids.get(part, part) if part else part for part in parts)


def key_of(made: Any) -> str:
    """Return the id of an experiment, run or logged model, or the name of a registered model."""
    if isinstance(made, str):
        return made
    if hasattr(made, "info"):
        return made.info.run_id
    return made.name if hasattr(made, "latest_versions") else made.model_id


Act = Callable[[Side], Any]
Scenario = Sequence[tuple[str, Act]]
Differing = Sequence[tuple[str, object, object, Act]]


@contextmanager
def all_sides(up: Up, *, mixed: bool = False) -> Iterator[list[Side]]:
    """MLflow's client, ours, ours through the gateway; if mixed, ours with MLflow's entities."""
    login = {"username": up.username, "password": up.password}
    with (
        direct_sides(up.mlflow_url) as (stock, ours),
        MlflowClient(up.gateway_url, **login) as through,
    ):
        gateway = Side("ours through the gateway", through, ours.entities, owner=up.username)
        sides = [stock, ours, gateway]
        if mixed:
            sides.append(Side("ours with MLflow's entities", ours.client, stock.entities))
        yield sides


@contextmanager
def direct_sides(url: str) -> Iterator[list[Side]]:
    """MLflow's client, and ours."""
    with pytest.MonkeyPatch.context() as settings, MlflowClient(url) as ours:
        # Or MLflow's client would ask again for minutes where the server answers 500.
        settings.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        settings.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
        yield [
            Side("MLflow's client", mlflow.MlflowClient(url), mlflow.entities),
            Side("ours", ours, penstock.rest.entities),
        ]


def refused(error_code: str, status: int = 400) -> dict[str, Any]:
    """The outcome of a step that ends with an error."""
    return {"refused": error_code, "status": status}


def raised(kind: type[Exception]) -> dict[str, Any]:
    """The outcome of a step that MLflow's client lets end with an error of another kind."""
    return {"raised": kind.__name__}


REFUSED = refused("INVALID_PARAMETER_VALUE")
MISSING = refused("RESOURCE_DOES_NOT_EXIST", 404)


def outcome(act: Act, side: Side) -> Any:
    """Return what a step gives: a value without what is peculiar to a corner, or a refusal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # MLflow's, of its stages
            result = act(side)
    except (MlflowException, StockException) as error:
        return refused(error.error_code, error.get_http_status_code())
    except Exception as error:
        if isinstance(side.client, MlflowClient) or isinstance(error, AssertionError):
            raise
        return raised(type(error))
    found = side.neutral(plain(result))
    return {"items": found, "has more": True} if getattr(result, "token", None) else found


def owned(value: Any, owner: str) -> Any:
    """Return an outcome with all that has a maker as if somebody else has made it."""
    if isinstance(value, list):
        return [owned(item, owner) for item in value]
    if not isinstance(value, Mapping):
        return value
    value = {key: owned(item, owner) for key, item in value.items()}
    if {"user_id", "lifecycle_stage"} <= value.keys():
        return value | {"user_id": owner}
    if "current_stage" not in value and any(made <= value.keys() for made in MADE):
        return value | {"tags": value["tags"] | {"mlflow.user": owner}}
    return value


def contrast(expected: Any, found: Any, place: str = "") -> dict[str, tuple[str, str]]:
    """Return the first places where two values differ, and how: expected first."""
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = [*expected, *(key for key in found if key not in expected)]
        pairs = [(key, expected.get(key, "<absent>"), found.get(key, "<absent>")) for key in keys]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = list(zip(range(len(expected)), expected, found, strict=True))
    else:
        return {place: (repr(expected)[:SHOWN_CHARACTERS], repr(found)[:SHOWN_CHARACTERS])}
    differing = [
        item
        for key, first, second in pairs
        if first != second
        for item in contrast(first, second, f"{place}/{key}").items()
    ]
    return dict(differing[:SHOWN_PLACES])


def compare(
    sides: Sequence[Side], scenario: Scenario, *, without: Container[str] = ()
) -> dict[str, Any]:
    """Take the steps with all sides; return where one of ours differs from MLflow's client."""
    stock, *others = sides
    differences = {}
    for title, act in scenario:
        if title in without:
            continue
        of_stock = outcome(act, stock)
        for side in others:
            expected = owned(of_stock, side.owner) if side.owner else of_stock
            found = outcome(act, side)
            if expected != found:
                differences[f"{title} ({side.title})"] = contrast(expected, found)
    return differences


def compare_differing(sides: Sequence[Side], scenario: Differing) -> dict[str, Any]:
    """Take steps that are known to differ; return where they do otherwise than known."""
    differences = {}
    for title, of_stock, of_ours, act in scenario:
        for side in sides:
            expected = of_ours if isinstance(side.client, MlflowClient) else of_stock
            found = outcome(act, side)
            if expected != found:
                differences[f"{title} ({side.title})"] = contrast(expected, found)
    return differences


def compare_exactly(sides: Sequence[Side], scenario: Scenario) -> dict[str, Any]:
    """Let all sides look at what the first two have made; return where two see different things.

    A step gets the corner of the side that made it, with the client of the side that looks.
    """
    differences = {}
    for maker in sides[:2]:
        for title, act in scenario:
            stock, *others = (
                plain(act(replace(maker, client=eye.client, entities=eye.entities)))
                for eye in sides
            )
            for eye, found in zip(sides[1:], others, strict=True):
                if found != stock:
                    of = f"{title} of {maker.title}, seen by {eye.title}"
                    differences[of] = contrast(stock, found)
    return differences

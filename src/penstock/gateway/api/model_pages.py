"""Pages of registered models that fit the filters, in MLflow's order: by name."""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from penstock.gateway.api.mlflow_errand import V2, Errand
from penstock.gateway.api.model_filters import ModelFilters
from penstock.gateway.api.parameters import bad_request

MOST_SEARCHES: Final = 10
"""Searches that one page may cost; then it ends early, with a token to go on."""

BROAD_PAGE: Final = 200
"""Rows of a search that finds more than what is looked for."""

MOST_SKIPPED: Final = 1000


@dataclass(frozen=True, slots=True)
class Position:
    """A page of MLflow's, by its token, and how many of its rows come before."""

    token: str = ""
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One registered model, and where it stands."""

    model: Mapping[str, Any]
    position: Position

    @property
    def name(self) -> str:
        """The model's name, as MLflow spells it."""
        return str(self.model["name"])


@dataclass(frozen=True, slots=True)
class ModelPage:
    """Registered models, and where to go on; None after the last one."""

    found: list[Found]
    following: Position | None


@dataclass(frozen=True, slots=True)
class ModelSearch:
    """One search, read in pages of one size."""

    filters: ModelFilters
    size: int

    async def read(self, errand: Errand, position: Position) -> ModelPage:
        """Return the models from a position on. Raises RequestRefused, UpstreamError."""
        found: list[Found] = []
        for _ in range(MOST_SEARCHES):
            rows, following = await self._search(errand, position)
            fitting = [one for one in _behind(rows, position) if self.filters.match(one.model)]
            missing = self.size - len(found)
            found += fitting[:missing]
            if len(fitting) > missing:
                return ModelPage(found, fitting[missing].position)
            if not following:
                return ModelPage(found, None)
            position = Position(following)
            if len(found) == self.size:
                break
        return ModelPage(found, position)

    def read_token(self, token: str) -> Position:
        """Return the position of a token. Raises RequestRefused (400) for another search's."""
        try:
            search, upstream, skip = json.loads(base64.b64decode(token, b"-_", validate=True))
        except (binascii.Error, TypeError, ValueError, RecursionError):
            raise _refusal() from None
        fits = isinstance(upstream, str) and type(skip) is int and 0 <= skip <= MOST_SKIPPED
        if search != self._digest or not fits:
            raise _refusal()
        return Position(upstream, skip)

    def write_token(self, position: Position) -> str:
        """Return a token that leads back to a position."""
        state = json.dumps([self._digest, position.token, position.skip])
        return base64.urlsafe_b64encode(state.encode("ascii")).decode("ascii")

    @property
    def _digest(self) -> str:
        said = f"{self.size} {self.filters.model_dump_json()}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    async def _search(
        self, errand: Errand, position: Position
    ) -> tuple[list[Mapping[str, Any]], str]:
        rows = self.size if self.filters.is_exact else max(self.size, BROAD_PAGE)
        arguments: dict[str, object] = {"max_results": rows}
        if self.filters.clause:
            arguments["filter"] = self.filters.clause
        if position.token:
            arguments["page_token"] = position.token
        answer = await errand.get(f"{V2}/registered-models/search", arguments)
        return answer.get("registered_models", []), answer.get("next_page_token", "")


def _behind(rows: list[Mapping[str, Any]], position: Position) -> Iterator[Found]:
    for number, row in enumerate(rows[position.skip :], start=position.skip):
        yield Found(row, Position(position.token, number))


def _refusal() -> Exception:
    return bad_request(
        "page_token: it belongs to another search; begin with the first page, and keep filters "
        "and page_size"
    )

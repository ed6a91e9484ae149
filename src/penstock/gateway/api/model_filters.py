"""What `GET /v1/models` looks for, and how much of it MLflow's filters can say. Pure.

MLflow's filter language has no escape: neither for quotes, nor for `%` and `_` in LIKE. A sign
that cannot be said becomes `_`, which stands for any one sign; what MLflow finds is checked here
again, so that a name with such signs neither breaks the filter nor widens what comes out.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from penstock.gateway.api.active import pairs
from penstock.gateway.api.parameters import bad_request

MOST_TEXT: Final = 1000
MOST_TAGS: Final = 20

_UNSAYABLE: Final = re.compile(r"['\"\\`\x00-\x1f\x7f]")
_WILD: Final = re.compile(r"[%_]")
_TAG_KEY: Final = re.compile(r"[\w./-]+", re.ASCII)

Sought = Annotated[str, Field(max_length=MOST_TEXT)]


class ModelFilters(BaseModel):
    """The JSON of `filters`: a part of the name, and tags with their whole values."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Sought | None = None
    tags: dict[Sought, Sought] | None = Field(default=None, max_length=MOST_TAGS)

    @property
    def clause(self) -> str:
        """The filter for MLflow, empty for all there is; it finds too much, never too little."""
        clauses = [f"name LIKE '%{sayable(self.name)}%'"] if self.name else []
        clauses += [
            f"tags.`{key}` LIKE '{sayable(value)}'"
            for key, value in (self.tags or {}).items()
            if _TAG_KEY.fullmatch(key)
        ]
        return " AND ".join(clauses)

    @property
    def is_exact(self) -> bool:
        """Whether MLflow finds no more than what is looked for."""
        tags = self.tags or {}
        texts = [self.name or "", *tags.values()]
        return all(map(_TAG_KEY.fullmatch, tags)) and not any(
            _UNSAYABLE.search(text) or _WILD.search(text) for text in texts
        )

    def match(self, model: Mapping[str, Any]) -> bool:
        """Return whether a registered model of MLflow's is what is looked for."""
        if (self.name or "") not in str(model.get("name", "")):
            return False
        known = pairs(model, "tags")
        return all(known.get(key) == value for key, value in (self.tags or {}).items())


def parse_filters(text: str | None) -> ModelFilters:
    """Return the filters of a query. Raises RequestRefused (400) that says what is wrong."""
    if text is None:
        return ModelFilters()
    try:
        return ModelFilters.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(["filters", *map(str, fault["loc"])])
        raise bad_request(
            f"{where}: {fault['msg'].removeprefix('Value error, ')}; write it as "
            """{"name": "part of a name", "tags": {"team": "growth"}}"""
        ) from None


def same_name(name: str) -> str:
    """Return the filter of versions of one registered model, or of others that look like it."""
    operator = "LIKE" if _UNSAYABLE.search(name) else "="
    return f"name {operator} '{sayable(name)}'"


def is_sayable(name: str) -> bool:
    """Return whether a name can stand in a list of names."""
    return not _UNSAYABLE.search(name)


def sayable(text: str) -> str:
    """Return a text that can stand between quotes, for LIKE."""
    return _UNSAYABLE.sub("_", text)

"""Finds the runs of an experiment that made a resource, newest first."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from penstock.errors import LineageError
from penstock.lineage.own_runs import PARENT_MARK
from penstock.lineage.resource import Resource, resource_id, run_of
from penstock.lineage.tag_key import tag_key
from penstock.rest import MlflowClient
from penstock.rest.entities import Run

EXISTS: Final = "exists"
_NEWEST_FIRST: Final = ("attributes.start_time DESC", "attributes.end_time DESC")
_LARGEST_PAGE: Final = 1000
_BARE_TAG: Final = re.compile(
    r"^\s*tags?\.(?P<key>[^\"`].*?)\s*(?P<comparison>!=|=|\bI?LIKE\b)\s*"
    r"(?P<value>'(?:[^']|'')*'|\"[^\"]*\")\s*$",
    re.IGNORECASE | re.DOTALL,
)
_JOINED: Final = re.compile(r"['\")]\s+and\s", re.IGNORECASE)
"""Where, before the last value, one condition ends and another one begins.

A bare `and` may be part of an id.
"""


class History:
    """The finished runs of experiments, asked for in as few requests as pages allow."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    def list_previous(
        self, resource: Resource, *, filters: Sequence[str] = (), most: int = 1
    ) -> list[Run]:
        """Return the runs before that of a resource that made a version of it, newest first."""
        info = run_of(resource).info
        earlier = [
            f"attributes.start_time < {info.start_time}",
            f"attributes.run_id != '{info.run_id}'",
        ]
        return self.list_finished(
            info.experiment_id, resource_id(resource), filters=[*earlier, *filters], most=most
        )

    def find_newest(
        self, experiment_id: str, name: str, *, filters: Sequence[str] = ()
    ) -> Run | None:
        """Return the newest finished run that made a version of a resource, or None."""
        found = self.list_finished(experiment_id, name, filters=filters, most=1)
        return found[0] if found else None

    def list_finished(
        self, experiment_id: str, name: str, *, filters: Sequence[str] = (), most: int
    ) -> list[Run]:
        """Return finished runs that made a version of a resource, newest first."""
        if not is_count(most):
            raise LineageError(f"num must be a whole number, 1 or more, not {most!r}")
        conditions = [
            "attributes.status = 'FINISHED'",
            tag_is(PARENT_MARK, "True"),
            tag_is(f"{name}.{EXISTS}", "True"),
            *_as_conditions(filters),
        ]
        found = self._client.iter_runs(
            [experiment_id],
            " and ".join(conditions),
            order_by=_NEWEST_FIRST,
            page_size=min(most, _LARGEST_PAGE),
        )
        return list(islice(found, most))


def is_count(number: object) -> bool:
    """Tell whether something is a whole number from 1 on."""
    return isinstance(number, int) and not isinstance(number, bool) and number >= 1


def tag_is(name: str, value: str) -> str:
    """Return the condition that a tag, by the text that names it, has a value."""
    return f"tags.`{tag_key(name).key}` = '{value}'"


def has_tag(name: str) -> str:
    """Return the condition that a run has a tag at all."""
    return f"tags.`{tag_key(name).key}` != ''"


def _as_conditions(filters: Iterable[str]) -> list[str]:
    given = [filters] if isinstance(filters, str) else filters
    return [_quoted(condition) for condition in given if condition.strip()]


def _quoted(condition: str) -> str:
    # MLflow reads `tags.my-model.status = …` only in quotes, which callers leave out.
    found = _BARE_TAG.match(condition)
    if found is None or _JOINED.search(found["key"]):
        return condition
    return f"tags.`{tag_key(found['key']).key}` {found['comparison']} {found['value']}"

"""The versions of a page's registered models, in few searches."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from penstock.gateway.api.mlflow_errand import V2, Errand
from penstock.gateway.api.model_filters import is_sayable, same_name
from penstock.gateway.api.model_pages import Found

MOST_VERSIONS: Final = 200
"""Versions of one page. A page ends before the model whose versions would be too many; of a model
with more than that, the newest ones are shown."""

CHUNK_LENGTH: Final = 6_000
"""Characters of a list of names, which travels in a URL."""

AT_ONCE: Final = 8

Version = Mapping[str, Any]


class Versions:
    """What was read of the versions of some models."""

    def __init__(self) -> None:
        self._of: dict[str, list[Version]] = defaultdict(list)
        self._incomplete: set[str] = set()

    def add(self, models: Sequence[Found], versions: Sequence[Version], *, is_all: bool) -> None:
        """Take the answer of a search for versions of some models, by name, the newest first."""
        names = {one.name for one in models}
        for version in versions:
            if version["name"] in names:  # LIKE may find others
                self._of[version["name"]].append(version)
        if not is_all:
            self._incomplete.update(self._cut(models, versions))

    def shown(self, models: Sequence[Found]) -> list[tuple[Found, list[Version]]]:
        """Return the models with their versions that one page has room for, at least one."""
        shown: list[tuple[Found, list[Version]]] = []
        count = 0
        for model in models:
            versions = self._of[model.name][:MOST_VERSIONS]
            count += len(versions)
            if shown and (count > MOST_VERSIONS or model.name in self._incomplete):
                break
            shown.append((model, versions))
        return shown

    def _cut(self, models: Sequence[Found], versions: Sequence[Version]) -> Iterator[str]:
        """Yield the models of which the search may hold more: the last one, and those behind it."""
        last = versions[-1]["name"] if versions else ""
        for model in models:
            is_unread = not self._of[model.name] and model.model.get("latest_versions")
            if model.name == last or is_unread:
                yield model.name


async def read_versions(errand: Errand, models: Sequence[Found]) -> Versions:
    """Return the versions of models: one search for ordinary names, one for each odd name.

    Raises RequestRefused, UpstreamError.
    """
    versions, limit = Versions(), asyncio.Semaphore(AT_ONCE)

    async def read(clause: str, some: Sequence[Found]) -> None:
        async with limit:
            answer = await errand.get(f"{V2}/model-versions/search", _arguments(clause))
        found = answer.get("model_versions", [])
        versions.add(some, found, is_all=not answer.get("next_page_token"))

    await asyncio.gather(*(read(clause, some) for clause, some in _questions(models)))
    return versions


def _arguments(clause: str) -> dict[str, object]:
    order = ["name ASC", "version_number DESC"]
    return {"filter": clause, "max_results": MOST_VERSIONS, "order_by": order}


def _questions(models: Sequence[Found]) -> Iterator[tuple[str, list[Found]]]:
    for some in _chunks([one for one in models if is_sayable(one.name)]):
        names = ", ".join(f"'{one.name}'" for one in some)
        yield f"name IN ({names})", some
    for one in models:
        if not is_sayable(one.name):
            yield same_name(one.name), [one]


def _chunks(models: Sequence[Found]) -> Iterator[list[Found]]:
    chunk: list[Found] = []
    length = 0
    for model in models:
        if chunk and length + len(model.name) > CHUNK_LENGTH:
            yield chunk
            chunk, length = [], 0
        chunk.append(model)
        length += len(model.name) + 4
    if chunk:
        yield chunk

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import ceil
from posixpath import split
from threading import Event
from urllib.parse import quote

import msgspec

from penstock.errors import MlflowException, NotMlflow, PenstockError
from penstock.rest._answer import Answer
from penstock.rest._api import Api
from penstock.rest._content import Content
from penstock.rest.artifacts.crew import Crew
from penstock.rest.artifacts.watch import Watch, WatchedContent

MOST_PARTS = 10_000
"""What S3 takes of one file."""
PARTS_AT_ONCE = 4
NOT_OFFERED = "NOT_IMPLEMENTED"


class MultipartUpload:
    """The upload of one large file, in parts that go straight to the storage behind a server."""

    def __init__(self, api: Api, api_at: Callable[[str], Api], place: str) -> None:
        self._api = api
        self._api_at = api_at
        self._folder, self._name = split(place)

    def store(self, content: Content, part_size: int) -> bool:
        """Store content; tell whether the server offers that for its storage."""
        size = max(part_size, ceil(content.size / MOST_PARTS))
        count = max(1, ceil(content.size / size))
        try:
            begun = self._call("create", num_parts=count).as_kind(_Begun)
        except MlflowException as error:
            if error.error_code == NOT_OFFERED:
                return False
            raise
        try:
            self._finish(begun, content, size, count)
        except BaseException:
            with suppress(PenstockError):
                self._call("abort", upload_id=begun.upload_id)
            raise
        return True

    def _finish(self, begun: "_Begun", content: Content, size: int, count: int) -> None:
        if sorted(target.part_number for target in begun.credentials) != list(range(1, count + 1)):
            raise NotMlflow(f"the server did not say where the {count} parts of a file go")
        parts = self._put_parts(begun, content, size)
        self._call("complete", upload_id=begun.upload_id, parts=parts)

    def _put_parts(self, begun: "_Begun", content: Content, size: int) -> list["_Part"]:
        watch = Watch(Event(), lambda _count: None)
        tasks = {
            str(target.part_number): partial(
                self._put,
                target,
                WatchedContent(content.part(size * (target.part_number - 1), size), watch),
            )
            for target in begun.credentials
        }
        with Crew(tasks, most=PARTS_AT_ONCE) as crew, watch:
            parts = [done.get() for done in crew.done()]
        return sorted(parts, key=lambda part: part.part_number)

    def _put(self, target: "_Target", content: Content) -> "_Part":
        answer = self._api_at(target.url).store_at(target.url, content, headers=target.headers)
        return _Part(target.part_number, answer.headers.get("etag", ""), target.url)

    def _call(self, step: str, **fields: object) -> Answer:
        folder = f"/{quote(self._folder)}" if self._folder else ""
        return self._api.post(f"mlflow-artifacts/mpu/{step}{folder}", path=self._name, **fields)


class _Target(msgspec.Struct):
    url: str
    part_number: int
    headers: dict[str, str] = {}


class _Begun(msgspec.Struct):
    credentials: list[_Target]
    upload_id: str = ""


class _Part(msgspec.Struct):
    part_number: int
    etag: str
    url: str

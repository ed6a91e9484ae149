from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from types import GenericAlias, MappingProxyType
from typing import Any, NamedTuple, TypeVar, cast

import msgspec

from penstock.errors import NotMlflow
from penstock.rest.entities import PagedList
from penstock.rest.entities._keyed import decode_keyed

T = TypeVar("T")

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
PAGE_FIELDS = {"next_page_token", "root_uri"}


class Answer(NamedTuple):
    """What a server answered; the methods decode a successful JSON body.

    They raise NotMlflow for a body of another kind than MLflow's API sends.
    """

    method: str
    path: str
    status: int
    body: bytes = b""
    content_type: str = ""
    location: str = ""
    retry_after: str | None = None
    headers: Mapping[str, str] = NO_HEADERS
    """Names in lower case; of an answer to an upload or a download alone."""

    @property
    def is_success(self) -> bool:
        """Tell whether the server did what was asked."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the range of HTTP's success codes

    def json(self) -> Any:  # noqa: ANN401 - JSON is any
        """Return the body as plain values; an empty one as an empty dictionary."""
        return self._decode(msgspec.json.decode) if self.body.strip() else {}

    def as_kind(self, kind: type[T]) -> T:
        """Return the body as a value of this kind."""
        return self._decode(msgspec.json.Decoder(kind, strict=False).decode)

    def one(self, field: str, kind: type[T]) -> T:
        """Return the one member of the body that matters."""
        reply = self._decode(_decoder(field, cast("Hashable", kind)).decode)
        member: T = getattr(reply, field)
        return member

    def many(self, field: str, kind: type[T]) -> list[T]:
        """Return a list in the body; MLflow leaves out an empty one."""
        return self.page(field, kind).to_list()

    def page(self, field: str, kind: type[T]) -> PagedList[T]:
        """Return one page of a search."""
        reply = self._decode(_page_decoder(field, cast("Hashable", kind)).decode)
        items: list[T] = getattr(reply, field)
        if not items:
            self._check_members({field, *PAGE_FIELDS})
        return PagedList(items, reply.next_page_token or None)

    def _check_members(self, known: set[str]) -> None:
        members = self.json()
        if members and not known & set(members):
            raise self._refusal(f"JSON with {', '.join(sorted(members)[:5])}")

    def _decode(self, decode: Callable[[bytes], T]) -> T:
        try:
            return decode(self.body)
        except msgspec.ValidationError as error:
            return self._decode_without_nulls(decode, error)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._refusal(_kind_of(self.body, self.content_type)) from error

    def _decode_without_nulls(
        self, decode: Callable[[bytes], T], error: msgspec.ValidationError
    ) -> T:
        # In protobuf's JSON null means left out. MLflow never sends it, servers like it may.
        plain = self.json()
        try:
            return decode(msgspec.json.encode(_without_nulls(plain)))
        except msgspec.ValidationError:
            raise self._refusal(f"JSON of another kind ({error})") from error

    def _refusal(self, kind: str) -> NotMlflow:
        return NotMlflow(
            f"{self.method} {self.path}: {self.status}, but the answer is {kind}, not what the API "
            "of MLflow sends; check the address of the server, and what stands between"
        )


@lru_cache(maxsize=256)
def _decoder(field: str, kind: Hashable) -> "msgspec.json.Decoder[Any]":
    return _make_decoder([(field, kind)])


@lru_cache(maxsize=256)
def _page_decoder(field: str, kind: Hashable) -> "msgspec.json.Decoder[Any]":
    items: Any = (field, GenericAlias(list, (kind,)), msgspec.field(default_factory=list))
    return _make_decoder([items, ("next_page_token", str | None, None)])


def _make_decoder(fields: list[Any]) -> "msgspec.json.Decoder[Any]":
    # Not strict: protobuf's JSON writes 64-bit integers as strings, and NaN as "NaN".
    shape = msgspec.defstruct("Reply", fields)
    return msgspec.json.Decoder(shape, strict=False, dec_hook=decode_keyed)


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - JSON is any
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value


def _kind_of(body: bytes, content_type: str) -> str:
    if not body.strip():
        return "empty"
    if "html" in content_type or body.lstrip()[:1] == b"<":
        return "an HTML page"
    return "no JSON"

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from penstock.errors import IncompleteResponse
from penstock.rest._answer import Answer
from penstock.rest._exchange import Exchange
from penstock.rest._request import Request
from penstock.rest._sink import Sink

PARTIAL, NOT_SATISFIABLE = 206, 416
MOVED_BYTES = 1 << 20
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class Resumption:
    """A download that goes on where it broke off, if what is left is provably of the same content.

    The proof is a strong validator (RFC 9110, 8.8): the server sends the rest only as long as it
    still holds, and repeats it with the rest.
    """

    def __init__(self, sink: Sink, size: int | None) -> None:
        self._sink = sink
        self._start = sink.tell()
        self._listed = size
        self._validator: tuple[str, str] | None = None
        self._total: int | None = None
        self._furthest = self._start

    def attempt(self, request: Request, exchange: Exchange) -> Answer:
        """Ask for what is missing; when that is refused, or is not the same, for everything."""
        if self._validator is not None and self._got:
            try:
                answer = exchange.fetch(self._partial(request), self._open)
            except _NotTheSame:
                answer = None
            if answer is not None and answer.status != NOT_SATISFIABLE:
                return self._check(answer)
        self._validator = None
        try:
            return self._check(exchange.fetch(request, self._open))
        except _NotTheSame as error:
            raise IncompleteResponse(
                f"{request.method} {request.path}: the answer is a part that was not asked for"
            ) from error

    def has_moved(self) -> bool:
        """Tell whether the download came much further than ever since this was asked last."""
        position = self._sink.tell()
        has_moved = position - self._furthest >= MOVED_BYTES
        if has_moved:
            self._furthest = position
        return has_moved

    @property
    def _got(self) -> int:
        return self._sink.tell() - self._start

    def _partial(self, request: Request) -> Request:
        _, validator = self._validator or ("", "")
        wanted = (("Range", f"bytes={self._got}-"), ("If-Range", validator))
        return request._replace(headers=request.headers + wanted)

    def _open(self, head: Answer) -> Sink:
        if head.status == PARTIAL:
            self._check_part(head)
            return self._sink
        if self._got:
            self._sink.seek(self._start)
            self._sink.truncate()
        self._total = _number(head.headers.get("content-length"))
        self._validator = None if self._total is None else find_validator(head)
        return self._sink

    def _check_part(self, head: Answer) -> None:
        found = CONTENT_RANGE.fullmatch(head.headers.get("content-range", ""))
        name, validator = self._validator or ("", "")
        if (
            found is None
            or [int(number) for number in found.groups()]
            != [self._got, (self._total or 0) - 1, self._total]
            or head.headers.get(name) != validator
        ):
            raise _NotTheSame

    def _check(self, answer: Answer) -> Answer:
        expected = self._listed if self._total is None else self._total
        if answer.is_success and expected not in {None, self._got}:
            raise IncompleteResponse(
                f"{answer.method} {answer.path}: {self._got} bytes came of {expected}; something "
                "between cuts answers short, or the file has changed: download it again"
            )
        return answer


class _NotTheSame(Exception):
    """What the server offers is not the rest of what came before."""


def find_validator(head: Answer) -> tuple[str, str] | None:
    """Return the header that proves content to be the same, byte for byte, and its value."""
    etag = head.headers.get("etag", "")
    if etag:
        return ("etag", etag) if etag.startswith('"') else None
    modified, answered = (_moment(head.headers.get(name)) for name in ("last-modified", "date"))
    # A second is as fine as these dates are.
    if modified and answered and answered - modified >= timedelta(seconds=1):
        return "last-modified", head.headers["last-modified"]
    return None


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else parsedate_to_datetime(text)
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None

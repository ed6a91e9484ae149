"""Answer searches with what the caller may read."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, Protocol

from penstock.errors import UpstreamError
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.scope import Scope
from penstock.gateway.permissions.subject import Subject
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.search.arguments import read_arguments, size, text, texts
from penstock.gateway.proxy.search.listings import LISTINGS, Listing
from penstock.gateway.proxy.search.merge import Reader, Row, read_page
from penstock.gateway.proxy.search.order import parse_order
from penstock.gateway.proxy.search.page_token import PageTokens
from penstock.gateway.proxy.search.restricted import RESTRICTED, Restricted
from penstock.gateway.proxy.search.sources import Source, sources
from penstock.gateway.proxy.search.upstream_search import UpstreamSearch

BROAD_PAGE: Final = 1000
"""Rows of a page that is read to be judged, where most may be somebody else's."""


class Scopes(Protocol):
    """Knows what each subject may do."""

    async def of(self, subject: Subject) -> Scope:
        """Return the scope of a subject as it is now. Raises DatabaseUnavailable."""
        ...


class MlflowSearcher:
    """Answers the searches with full, stable pages of what the caller may read."""

    def __init__(
        self,
        upstream: UpstreamSearch,
        scopes: Scopes,
        *,
        restricted: Restricted,
        tokens: PageTokens,
    ) -> None:
        self._upstream = upstream
        self._scopes = scopes
        self._restricted = restricted
        self._tokens = tokens

    async def search(self, call: Call) -> dict[str, Any]:
        """Return MLflow's answer to a search, with what the caller may read alone.

        Raises RequestRefused, UpstreamError.
        """
        scope = await self._scopes.of(call.subject)
        kind = call.route.duties.search
        arguments = read_arguments(call)
        if kind in RESTRICTED:
            return await self._restricted.search(call, arguments, scope)
        if kind is None:
            raise AssertionError("only rows of searches come here")
        return await self._list(call, LISTINGS[kind], arguments, scope)

    async def _list(
        self, call: Call, listing: Listing, arguments: Mapping[str, Any], scope: Scope
    ) -> dict[str, Any]:
        wanted = size(arguments, default=listing.default_size, most=listing.most)
        order = parse_order(
            texts(arguments, "order_by"),
            listing.fields,
            default=listing.default_order,
            ties=listing.ties,
        )
        found = sources(scope, listing.kind)
        given = {name: value for name, value in arguments.items() if name != "page_token"}
        context = _context(call.subject, listing, given, found)
        readers = [self._reader(listing, given, source, scope, size=wanted) for source in found]
        if token := text(arguments, "page_token"):
            positions = self._tokens.read(token, context=context)
            for reader, (upstream_token, skip, ended) in zip(readers, positions, strict=True):
                reader.token, reader.skip, reader.ended = upstream_token, skip, ended
        page = await read_page(readers, order, size=wanted)
        answer: dict[str, Any] = {listing.rows: page.rows} if page.rows else {}
        if page.positions is not None:
            answer["next_page_token"] = self._tokens.write(page.positions, context=context)
        return answer

    def _reader(
        self, listing: Listing, given: Mapping[str, Any], source: Source, scope: Scope, *, size: int
    ) -> Reader:
        def accepts(row: Row) -> bool:
            resource = listing.resource(row)
            return source.owns(resource) and scope.level(resource) >= Level.READ

        rows = size + 1 if source.is_narrow else max(size + 1, BROAD_PAGE)
        arguments = {
            **given,
            "filter": _joined(source.filter, text(given, "filter")),
            "max_results": min(rows, listing.most),
        }
        return Reader(partial(self._fetch, listing, arguments), accepts)

    async def _fetch(
        self, listing: Listing, arguments: Mapping[str, Any], token: str
    ) -> tuple[Sequence[Row], str]:
        asked = {**arguments, "page_token": token} if token else dict(arguments)
        send = self._upstream.get if listing.by_query else self._upstream.post
        answer = await send(listing.path, asked)
        rows = answer.get(listing.rows, [])
        following = answer.get("next_page_token", "")
        if not isinstance(rows, list) or not isinstance(following, str):
            raise UpstreamError("MLflow's answer to a search is none")
        return rows, following


def _joined(ours: str, theirs: str) -> str:
    """Return both filters as one, ours first: what follows cannot take it back."""
    return " AND ".join(part for part in (ours, theirs.strip()) if part)


def _context(
    subject: Subject, listing: Listing, given: Mapping[str, Any], found: Sequence[Source]
) -> str:
    """Return what a page token is good for: one subject, one search, one way of reading it."""
    said = [subject.user_id, listing.path, sorted(given.items()), [one.filter for one in found]]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()

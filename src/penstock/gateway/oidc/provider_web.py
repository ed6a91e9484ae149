"""HTTP to the providers: bounded in size and time, and never led elsewhere."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import structlog

from penstock.errors import ProviderUnavailable, UpstreamError
from penstock.gateway.proxy.upstream import Pace, Upstream

log = structlog.get_logger()

CONNECT_SECONDS: Final = 3.0
SECONDS: Final = 5.0
MAX_BYTES: Final = 512 * 1024

OK: Final = 200


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What a provider said: a status, and a JSON object (empty if it sent something else)."""

    status: int
    document: Mapping[str, Any] = field(repr=False)


class ProviderWeb:
    """The servers of all providers. Certificates are verified, redirects are not followed.

    All raise ProviderUnavailable. Open it for as long as the app lives.
    """

    def __init__(self) -> None:
        self._upstream = Upstream("", connect_seconds=CONNECT_SECONDS, name="the provider")

    async def close(self) -> None:
        """Close the connections."""
        await self._upstream.close()

    async def get_document(self, url: str, *, token: str | None = None) -> Mapping[str, Any]:
        """Return the JSON object at an address, read with an access token if one is given."""
        headers = [] if token is None else [("authorization", f"Bearer {token}")]
        answer = await self._ask("GET", url, headers=headers)
        if answer.status != OK or not answer.document:
            log.warning("identity provider gives no document", url=url, status=answer.status)
            raise ProviderUnavailable("the identity provider does not answer as one does")
        return answer.document

    async def post_form(
        self, url: str, fields: Mapping[str, str], *, headers: Sequence[tuple[str, str]]
    ) -> ProviderAnswer:
        """Send a form, and return the answer whatever its status."""
        content = ("content-type", "application/x-www-form-urlencoded")
        return await self._ask(
            "POST", url, headers=[content, *headers], body=urlencode(fields).encode("ascii")
        )

    async def _ask(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]],
        body: bytes | None = None,
    ) -> ProviderAnswer:
        accept = ("accept", "application/json")
        try:
            async with (
                asyncio.timeout(SECONDS),
                self._upstream.send(
                    method, url, pace=Pace(SECONDS), headers=[accept, *headers], body=body
                ) as answer,
            ):
                content = b""
                async for chunk in answer.chunks:
                    content += chunk
                    if len(content) > MAX_BYTES:
                        raise ProviderUnavailable("the identity provider says too much")
        except (UpstreamError, TimeoutError, ValueError) as error:
            reason = f"{error} ({error.__cause__})" if error.__cause__ else str(error)
            log.warning("identity provider does not answer", url=url, reason=reason)
            raise ProviderUnavailable("the identity provider does not answer") from error
        return ProviderAnswer(answer.status, _read(content))


def _read(content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}

"""Read the signatures of versions, each once."""

import asyncio
from collections.abc import Sequence
from typing import Final

from penstock.errors import RequestRefused, UpstreamError, UpstreamTimeout, UpstreamUnreachable
from penstock.gateway.api.mlflow_errand import Errand
from penstock.gateway.api.model_versions import Version
from penstock.gateway.api.signature import NO_SIGNATURE, Signature, parse_signature
from penstock.gateway.proxy.targets.remembered import Remembered

MOST_REMEMBERED: Final = 1_000
LONGEST_REMEMBERED: Final = 8_192
"""Characters; together they bound the memory."""

MOST_BYTES: Final = 262_144
"""Of an `MLmodel` file; a larger one is not read."""

AT_ONCE: Final = 16

_Key = tuple[str, ...]


class Signatures:
    """Reads `MLmodel` files through MLflow, as the caller, and remembers what they say.

    A version's files never change; another version of the same number has another time.
    """

    def __init__(self) -> None:
        self._known: Remembered[_Key, Signature] = Remembered(MOST_REMEMBERED)

    async def read(self, errand: Errand, versions: Sequence[Version]) -> list[Signature]:
        """Return the signature of each version, which the caller may read.

        Raises RequestRefused, UpstreamError.
        """
        limit = asyncio.Semaphore(AT_ONCE)

        async def read_one(version: Version) -> Signature:
            async with limit:
                return await self._read(errand, version)

        return list(await asyncio.gather(*map(read_one, versions)))

    async def _read(self, errand: Errand, version: Version) -> Signature:
        key = _key(version)
        known = self._known.get(key)
        if known is not None:
            return known
        content = await _fetch(errand, version)
        if content is None:
            return NO_SIGNATURE
        signature = await asyncio.to_thread(parse_signature, content)
        if signature.length <= LONGEST_REMEMBERED:
            self._known.put(key, signature)
        return signature


def _key(version: Version) -> _Key:
    return tuple(
        str(version.get(name, "")) for name in ("name", "version", "creation_timestamp", "source")
    )


async def _fetch(errand: Errand, version: Version) -> bytes | None:
    """Return the file, None where there is none: not every version is made of a model."""
    named = {"name": version["name"], "version": version["version"], "path": "MLmodel"}
    try:
        return await errand.fetch("/model-versions/get-artifact", named, most_bytes=MOST_BYTES)
    except (UpstreamUnreachable, UpstreamTimeout):
        raise
    except (RequestRefused, UpstreamError):
        # Stores differ in what they say of a file that is not there: 404, or 500.
        return None

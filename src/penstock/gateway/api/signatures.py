"""Read the signatures of versions, each once."""

import asyncio
from collections.abc import Sequence
from typing import Final

from penstock.gateway.api.mlflow_errand import Errand
from penstock.gateway.api.model_file import ModelFiles
from penstock.gateway.api.model_versions import Version
from penstock.gateway.api.signature import NO_SIGNATURE, Signature, parse_signature
from penstock.gateway.proxy.targets.remembered import Remembered

MOST_REMEMBERED: Final = 1_000
LONGEST_REMEMBERED: Final = 8_192
"""Characters; together they bound the memory."""

AT_ONCE: Final = 16

MISSING_SECONDS: Final = 60
"""How long a version counts as one without the file, which may still be on its way."""

_Key = tuple[str, ...]


class Signatures:
    """Reads `MLmodel` files and remembers what they say.

    A version's files never change; another version of the same number has another time.
    """

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        self._known: Remembered[_Key, Signature] = Remembered(MOST_REMEMBERED)
        self._missing: Remembered[_Key, Signature] = Remembered(
            MOST_REMEMBERED, seconds=MISSING_SECONDS
        )

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
        known = self._known.get(key) or self._missing.get(key)
        if known is not None:
            return known
        content = await self._files.find(errand, version)
        if content is None:
            self._missing.put(key, NO_SIGNATURE)
            return NO_SIGNATURE
        signature = await asyncio.to_thread(parse_signature, content)
        if signature.length <= LONGEST_REMEMBERED:
            self._known.put(key, signature)
        return signature


def _key(version: Version) -> _Key:
    return tuple(
        str(version.get(name, "")) for name in ("name", "version", "creation_timestamp", "source")
    )

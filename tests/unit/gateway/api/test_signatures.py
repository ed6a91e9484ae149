"""Signatures of versions: which files are read again."""

import asyncio
from typing import Any

from penstock.gateway.api.signature import NO_SIGNATURE
from penstock.gateway.api.signatures import Signatures


class Files:
    """Has no file of any version, and counts who asks."""

    def __init__(self) -> None:
        self.reads = 0

    async def find(self, _errand: object, _version: object) -> None:
        self.reads += 1


def test_a_file_that_is_not_there_is_not_read_for_every_page(monkeypatch):
    """It is remembered for a while: it may still be on its way."""
    files: Any = Files()
    signatures, errand = Signatures(files), object()
    versions = [{"name": "m", "version": str(number)} for number in range(3)]

    def read() -> list[Any]:
        return asyncio.run(signatures.read(errand, versions))  # type: ignore[arg-type] - unused

    assert [NO_SIGNATURE] * 3 == read() == read()
    assert 3 == files.reads
    monkeypatch.setattr(signatures._missing, "_seconds", -1)
    read()
    assert 6 == files.reads

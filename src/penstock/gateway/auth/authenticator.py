"""Turn a request's proof of identity into a subject."""

import asyncio

from penstock.gateway.auth.accounts import Accounts
from penstock.gateway.auth.proof import (
    BasicProof,
    Headers,
    find_authorization,
    parse_authorization,
    unauthenticated,
)
from penstock.gateway.auth.proven_credentials import ProvenCredentials
from penstock.gateway.permissions.subject import Subject

CONCURRENT_VERIFICATIONS = 2
"""Password hashes under way at once; each takes 19 MiB and one core for some 30 ms."""


class Authenticator:
    """Finds out who is calling. A credential that was proven lately costs no hash and no SQL.

    Requests that bring the same credential at once share one verification.
    """

    def __init__(self, accounts: Accounts, proven: ProvenCredentials) -> None:
        self._accounts = accounts
        self._proven = proven
        self._verifications = asyncio.Semaphore(CONCURRENT_VERIFICATIONS)
        self._under_way: dict[tuple[bytes, int], asyncio.Task[Subject | None]] = {}

    async def identify(self, headers: Headers) -> Subject | None:
        """Return the proven subject, or None for a request that brings no proof.

        Raises RequestRefused: 401 for a wrong or malformed proof, 400 for an ambiguous one.
        """
        authorization = find_authorization(headers)
        if authorization is None:
            return None
        subject = self._proven.find(authorization) or await self._verify(authorization)
        _check_claims(headers, subject)
        return subject

    async def _verify(self, authorization: bytes) -> Subject:
        proof = parse_authorization(authorization)
        # Who comes after somebody has changed does not share what began before.
        key = (authorization, self._proven.generation)
        verification = self._under_way.get(key)
        if verification is None:
            verification = asyncio.create_task(self._prove(authorization, proof))
            self._under_way[key] = verification
            verification.add_done_callback(lambda _: self._end(key))
        subject = await asyncio.shield(verification)
        if subject is None:
            raise unauthenticated("wrong account name or password")
        return subject

    async def _prove(self, authorization: bytes, proof: BasicProof) -> Subject | None:
        async with self._verifications:
            generation = self._proven.generation
            user = await asyncio.to_thread(self._accounts.find_proven, proof.name, proof.password)
        if user is None:
            return None
        subject = Subject(user.id, user.email, user.is_admin)
        self._proven.remember(authorization, subject, generation=generation)
        return subject

    def _end(self, key: tuple[bytes, int]) -> None:
        verification = self._under_way.pop(key)
        if not verification.cancelled():
            verification.exception()  # seen, also when nobody waits for it any more


def _check_claims(headers: Headers, subject: Subject) -> None:
    for name, value in headers:
        if (
            name == b"email"
            and value.decode("utf-8", "replace").casefold() != subject.email.casefold()
        ):
            raise unauthenticated("the 'email' header names somebody else than the proven identity")

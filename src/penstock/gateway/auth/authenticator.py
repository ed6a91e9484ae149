"""Turn a request's proof of identity into a subject."""

import asyncio

from penstock.gateway.auth.accounts import Accounts
from penstock.gateway.auth.proof import (
    Headers,
    find_authorization,
    parse_authorization,
    unauthenticated,
)
from penstock.gateway.auth.proven_credentials import ProvenCredentials
from penstock.gateway.auth.subject import Subject

CONCURRENT_VERIFICATIONS = 2
"""Password hashes under way at once; each takes 19 MiB and one core for some 30 ms."""


class Authenticator:
    """Finds out who is calling. A credential that was proven lately costs no hash and no SQL."""

    def __init__(self, accounts: Accounts, proven: ProvenCredentials) -> None:
        self._accounts = accounts
        self._proven = proven
        self._verifications = asyncio.Semaphore(CONCURRENT_VERIFICATIONS)

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
        async with self._verifications:
            if subject := self._proven.find(authorization):
                return subject  # proven by another request while this one waited
            generation = self._proven.generation
            user = await asyncio.to_thread(self._accounts.find_proven, proof.name, proof.password)
        if user is None:
            raise unauthenticated("wrong account name or password")
        subject = Subject(user.id, user.email, user.is_admin)
        self._proven.remember(authorization, subject, generation=generation)
        return subject


def _check_claims(headers: Headers, subject: Subject) -> None:
    for name, value in headers:
        if (
            name == b"email"
            and value.decode("utf-8", "replace").casefold() != subject.email.casefold()
        ):
            raise unauthenticated("the 'email' header names somebody else than the proven identity")


def _names(value: bytes, subject: Subject) -> bool:
    return value.decode("utf-8", "replace").casefold() == subject.email.casefold()

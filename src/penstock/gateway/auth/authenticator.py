"""Turn a request's proof of identity into a subject."""

import asyncio
import math
from datetime import UTC, datetime

from penstock.gateway.auth.accounts import Accounts
from penstock.gateway.auth.proof import (
    BasicProof,
    BearerProof,
    Headers,
    Proof,
    find_authorization,
    is_token,
    parse_authorization,
    unauthenticated,
)
from penstock.gateway.auth.proven_credentials import ProvenCredentials
from penstock.gateway.auth.tokens import Tokens
from penstock.gateway.permissions.subject import Subject

CONCURRENT_VERIFICATIONS = 2
"""Password hashes under way at once; each takes 19 MiB and one core for some 30 ms."""


WRONG_PASSWORD = "wrong account name or password"  # noqa: S105 - words
WRONG_TOKEN = "this token is unknown, expired or revoked, or another account's"  # noqa: S105 - words


class Authenticator:
    """Finds out who is calling. A credential that was proven lately costs no hash and no SQL.

    Requests that bring the same credential at once share one verification.
    """

    def __init__(self, accounts: Accounts, tokens: Tokens, proven: ProvenCredentials) -> None:
        self._accounts = accounts
        self._tokens = tokens
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
            raise unauthenticated(WRONG_TOKEN if _is_token(proof) else WRONG_PASSWORD)
        return subject

    async def _prove(self, authorization: bytes, proof: Proof) -> Subject | None:
        if isinstance(proof, BasicProof) and not is_token(proof.password):
            return await self._prove_password(authorization, proof)
        generation = self._proven.generation
        token, name = (
            (proof.password, proof.name) if isinstance(proof, BasicProof) else (proof.token, None)
        )
        found = await asyncio.to_thread(self._tokens.find_proven, token, name)
        if found is None:
            return None
        known, user = found
        subject = Subject(user.id, user.email, user.is_admin, known.name, known.scope)
        left = math.inf
        if known.expires_at is not None:
            left = (known.expires_at - datetime.now(UTC)).total_seconds()
        self._proven.remember(authorization, subject, generation=generation, most_seconds=left)
        return subject

    async def _prove_password(self, authorization: bytes, proof: BasicProof) -> Subject | None:
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


def _is_token(proof: Proof) -> bool:
    return isinstance(proof, BearerProof) or is_token(proof.password)


def _check_claims(headers: Headers, subject: Subject) -> None:
    for name, value in headers:
        if (
            name == b"email"
            and value.decode("utf-8", "replace").casefold() != subject.email.casefold()
        ):
            raise unauthenticated("the 'email' header names somebody else than the proven identity")

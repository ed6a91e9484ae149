"""Turn a request's proof of identity into a subject."""

import asyncio
from datetime import UTC, datetime

from penstock.gateway.auth.proof import (
    BasicProof,
    Headers,
    Proof,
    find_authorization,
    is_token,
    parse_authorization,
    unauthenticated,
)
from penstock.gateway.auth.proven_credentials import ProvenCredentials
from penstock.gateway.auth.prover import Proven, Prover
from penstock.gateway.auth.session_cookie import find_session_cookies
from penstock.gateway.auth.sessions import Sessions
from penstock.gateway.permissions.subject import Subject

WRONG_PASSWORD = "wrong account name or password"  # noqa: S105 - words
WRONG_TOKEN = "this token is unknown, expired or revoked, or another account's"  # noqa: S105 - words


class Authenticator:
    """Finds out who is calling. A proof that was verified lately costs no hash and no SQL.

    An `Authorization` header counts before a session. Requests that bring the same header at once
    share one verification.
    """

    def __init__(
        self,
        prover: Prover,
        sessions: Sessions,
        *,
        proven: ProvenCredentials,
        proven_sessions: ProvenCredentials,
    ) -> None:
        self._prover = prover
        self._sessions = sessions
        self._proven = proven
        self._proven_sessions = proven_sessions
        self._under_way: dict[tuple[bytes, str, int], asyncio.Task[Subject | None]] = {}

    async def identify(
        self, headers: Headers, *, address: str, is_https: bool = False
    ) -> Subject | None:
        """Return the proven subject, or None for a request that brings no proof.

        A session that is over is no proof. `is_https` is how the browser reaches the gateway.
        Raises RequestRefused: 401 for a wrong or malformed proof, 400 for an ambiguous one, 429
        for one of too many.
        """
        authorization = find_authorization(headers)
        if authorization is not None:
            known = self._proven.find(authorization)
            subject = known or await self._verify(authorization, address)
        else:
            found = await self._find_session(headers, is_https=is_https)
            if found is None:
                return None
            subject = found
        _check_claims(headers, subject)
        return subject

    async def prove_password(self, name: str, password: str, *, address: str) -> Subject:
        """Return the subject whose name and password these are.

        Raises AccessRefused: 401 for wrong ones, 429 for one of too many.
        """
        proof = BasicProof(name, password)
        proven = None if is_token(password) else await self._prover.prove(proof, address)
        if proven is None:
            await self._prover.slow_down(address)
            raise unauthenticated(WRONG_PASSWORD, account=name)
        return proven.subject

    async def _find_session(self, headers: Headers, *, is_https: bool) -> Subject | None:
        for cookie in find_session_cookies(headers, is_https=is_https):
            key = cookie.encode()
            found = self._proven_sessions.find(key) or await self._verify_session(cookie, key)
            if found is not None:
                return found
        return None

    async def _verify_session(self, cookie: str, key: bytes) -> Subject | None:
        generation = self._proven_sessions.generation
        found = await asyncio.to_thread(self._sessions.find, cookie)
        if found is None:
            return None
        session, user = found
        subject = Subject(user.id, user.email, user.is_admin, by_session=True)
        left = (session.expires_at - datetime.now(UTC)).total_seconds()
        self._proven_sessions.remember(key, subject, generation=generation, most_seconds=left)
        return subject

    async def _verify(self, authorization: bytes, address: str) -> Subject:
        proof = parse_authorization(authorization)
        # Who comes after somebody has changed does not share what began before.
        key = (authorization, address, self._proven.generation)
        verification = self._under_way.get(key)
        if verification is None:
            verification = asyncio.create_task(self._prove(authorization, proof, address))
            self._under_way[key] = verification
            verification.add_done_callback(lambda done: self._end(key, done))
        subject = await asyncio.shield(verification)
        if subject is None:
            await self._prover.slow_down(address)
            raise unauthenticated(
                WRONG_TOKEN if _is_token(proof) else WRONG_PASSWORD,
                account=proof.name if isinstance(proof, BasicProof) else "",
            )
        return subject

    async def _prove(self, authorization: bytes, proof: Proof, address: str) -> Subject | None:
        generation = self._proven.generation
        proven: Proven | None = await self._prover.prove(proof, address)
        if proven is None:
            return None
        self._proven.remember(
            authorization,
            proven.subject,
            generation=generation,
            most_seconds=proven.most_seconds,
        )
        return proven.subject

    def _end(
        self, key: tuple[bytes, str, int], verification: "asyncio.Task[Subject | None]"
    ) -> None:
        del self._under_way[key]
        if not verification.cancelled():
            verification.exception()  # seen, also when nobody waits for it any more


def _is_token(proof: Proof) -> bool:
    return not isinstance(proof, BasicProof) or is_token(proof.password)


def _check_claims(headers: Headers, subject: Subject) -> None:
    for name, value in headers:
        if (
            name == b"email"
            and value.decode("utf-8", "replace").casefold() != subject.email.casefold()
        ):
            raise unauthenticated("the 'email' header names somebody else than the proven identity")

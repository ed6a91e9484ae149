"""Find out whether a proof of identity is right."""

import asyncio
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from penstock.errors import IdentityRefused
from penstock.gateway.auth.account_name import comparison_key
from penstock.gateway.auth.accounts import Accounts
from penstock.gateway.auth.passwords import AT_ONCE
from penstock.gateway.auth.proof import BasicProof, Proof, is_jwt, is_token, unauthenticated
from penstock.gateway.auth.throttle import Throttle, network_of
from penstock.gateway.auth.tokens import ANY_NAME, Tokens
from penstock.gateway.auth.turns import Turns
from penstock.gateway.permissions.subject import Subject


@dataclass(frozen=True, slots=True)
class Proven:
    """Who somebody has proven to be, and for how many seconds at most that counts."""

    subject: Subject
    most_seconds: float = math.inf


class JwtProofs(Protocol):
    """Those who vouch for callers with JWTs."""

    async def prove(self, jwt: str) -> Proven:
        """Return what a JWT proves. Raises IdentityRefused, ProviderUnavailable."""
        ...


class Prover:
    """Verifies passwords, tokens and JWTs, and slows down who guesses."""

    def __init__(
        self,
        accounts: Accounts,
        tokens: Tokens,
        throttle: Throttle,
        *,
        jwts: JwtProofs | None = None,
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._throttle = throttle
        self._jwts = jwts
        self._turns = Turns(AT_ONCE)  # no thread waits for its turn

    async def prove(self, proof: Proof, address: str) -> Proven | None:
        """Return what a proof proves, or None for a wrong one.

        Raises AccessRefused: 429 for an account that was guessed at from this address too often,
        401 with the reason for a wrong JWT. Raises DatabaseUnavailable, ProviderUnavailable.
        """
        if isinstance(proof, BasicProof):
            name = comparison_key(proof.name)
            if name != ANY_NAME or not is_token(proof.password):
                return await self._attempt(name, proof, address)
        elif self._jwts is not None and is_jwt(proof.token):
            return await _prove_jwt(proof.token, self._jwts)
        token = proof.password if isinstance(proof, BasicProof) else proof.token
        proven = await self._prove_token(token, None)
        if proven is None:
            self._throttle.fail(address)
        return proven

    async def slow_down(self, address: str) -> None:
        """Wait before a wrong proof is answered, if its address has brought many."""
        delay = self._throttle.delay(address)
        if delay > 0:
            await asyncio.sleep(delay)

    async def _attempt(self, name: str, proof: BasicProof, address: str) -> Proven | None:
        with self._throttle.attempt(name, address) as succeed:
            if is_token(proof.password):
                proven = await self._prove_token(proof.password, proof.name)
            else:
                proven = await self._prove_password(proof, address)
            if proven is not None:
                succeed()
        return proven

    async def _prove_token(self, token: str, name: str | None) -> Proven | None:
        found = await asyncio.to_thread(self._tokens.find_proven, token, name)
        if found is None:
            return None
        known, user = found
        subject = Subject(
            user.id,
            user.email,
            user.is_admin,
            token_name=known.name,
            token_scope=known.scope,
            expires_at=known.expires_at,
        )
        if known.expires_at is None:
            return Proven(subject)
        return Proven(subject, (known.expires_at - datetime.now(UTC)).total_seconds())

    async def _prove_password(self, proof: BasicProof, address: str) -> Proven | None:
        async with self._turns.turn(network_of(address)):
            user = await asyncio.to_thread(self._accounts.find_proven, proof.name, proof.password)
        return None if user is None else Proven(Subject(user.id, user.email, user.is_admin))


async def _prove_jwt(jwt: str, jwts: JwtProofs) -> Proven:
    # Nobody guesses a signature: a wrong one slows nobody down, and an old one is a mishap.
    try:
        return await jwts.prove(jwt)
    except IdentityRefused as error:
        raise unauthenticated(str(error)) from error

"""A small OpenID Connect provider that says what a test wants, under as many names as it wants."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import uvicorn

from gateway.threads import Address, serving
from issuer import claims as good_claims
from issuer import jwks, signed
from penstock.gateway.oidc.metadata import WELL_KNOWN
from penstock.gateway.provider_settings import ProviderSettings

JSON = (b"content-type", b"application/json")


@dataclass(frozen=True)
class Asked:
    """One request, as it arrived."""

    path: str
    headers: Mapping[str, str]
    fields: Mapping[str, str]


class TinyProvider:
    """Each first part of a path is an issuer; all of them have the same keys."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all that came, and be an ordinary provider again."""
        self.asked: list[Asked] = []
        self.keys = jwks()
        self.told: dict[str, Any] = {}
        self.token_status = 200
        self.token_answer: dict[str, Any] = {}
        self.person: dict[str, Any] = {}
        self.fault: tuple[int, bytes, list[tuple[bytes, bytes]]] | None = None
        self.faulty = ""

    def count(self, end: str) -> int:
        """Return how many requests came for paths that end so."""
        return sum(one.path.endswith(end) for one in self.asked)

    def fail(self, end: str, status: int, body: bytes = b"", *headers: tuple[bytes, bytes]) -> None:
        """Answer so, from now on, wherever paths end so."""
        self.faulty, self.fault = end, (status, body, [*headers])

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.asked.append(Asked(scope["path"], headers, fields))
        status, content, extra = self._answer(headers["host"], scope["path"])
        start = {"type": "http.response.start", "status": status, "headers": extra or [JSON]}
        await send(start)
        await send({"type": "http.response.body", "body": content})

    def _answer(self, host: str, path: str) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        if self.fault is not None and path.endswith(self.faulty):
            return self.fault
        issuer = f"http://{host}/{path.split('/')[1]}"
        status, document = 200, self.person
        if path.endswith(WELL_KNOWN):
            document = {**metadata(issuer), **self.told}
        elif path.endswith("/keys"):
            document = self.keys
        elif path.endswith("/token"):
            status, document = self.token_status, self.token_answer
        return status, json.dumps(document).encode(), []


def metadata(issuer: str) -> dict[str, Any]:
    """Return what an ordinary provider tells of itself."""
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/keys",
        "authorization_endpoint": f"{issuer}/authorize?from=penstock",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/me",
    }


@dataclass(frozen=True)
class Issuer:
    """One of the names of a provider, and the tokens that it gives out."""

    address: Address
    name: str

    @property
    def url(self) -> str:
        return f"{self.address.url}/{self.name}"

    def settings(self, **others: Any) -> ProviderSettings:
        """Return the settings by which a gateway knows it."""
        values = {"name": self.name, "issuer": self.url, "client_id": "penstock", **others}
        return ProviderSettings.model_validate(values)

    def token(self, subject: str = "ann-1", /, **claims: Any) -> str:
        """Return a good token of its, with other claims."""
        return signed(good_claims(iss=self.url, sub=subject, **claims))


@contextmanager
def tiny_provider(provider: TinyProvider) -> Iterator[Address]:
    """Serve it until the block ends."""
    config = uvicorn.Config(provider, lifespan="off", log_config=None, ws="none")
    with serving(config) as address:
        yield address

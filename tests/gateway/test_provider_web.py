"""What the gateway fetches from providers is verified, bounded, and from nowhere else."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import pytest
import uvicorn

from authority import Authority
from gateway.bare import Bare, bare_server
from gateway.threads import serving
from gateway.tiny_provider import TinyProvider, tiny_provider
from penstock.errors import ProviderUnavailable
from penstock.gateway.oidc import provider_web
from penstock.gateway.oidc.metadata import WELL_KNOWN
from penstock.gateway.oidc.provider_web import MAX_BYTES, ProviderWeb


def fetch(url: str) -> Mapping[str, Any]:
    async def scenario() -> Mapping[str, Any]:
        web = ProviderWeb()
        try:
            return await web.get_document(url)
        finally:
            await web.close()

    return asyncio.run(scenario())


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def encrypted(authority):
    """The address of a provider that has a certificate for 127.0.0.1."""
    certificate = str(authority.issue("127.0.0.1"))
    config = uvicorn.Config(
        TinyProvider(), lifespan="off", log_config=None, ws="none", ssl_certfile=certificate
    )
    with serving(config) as address:
        yield f"https://127.0.0.1:{address.port}"


def test_a_provider_needs_a_certificate_that_is_believed(encrypted, authority, monkeypatch):
    """By the system, or by the file that `SSL_CERT_FILE` names; and for its very name."""
    url = f"{encrypted}/corp{WELL_KNOWN}"
    with pytest.raises(ProviderUnavailable):
        fetch(url)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    assert "issuer" in fetch(url)
    with pytest.raises(ProviderUnavailable):
        fetch(url.replace("127.0.0.1", "localhost"))


def test_a_redirect_leads_nowhere():
    """Keys come from where the provider says that they are."""
    tiny = TinyProvider()
    with tiny_provider(tiny) as address:
        location = (b"location", f"{address.url}/corp/other".encode())
        tiny.fail("/keys", 302, b"{}", location)
        with pytest.raises(ProviderUnavailable):
            fetch(f"{address.url}/corp/keys")
    assert ["/corp/keys"] == [one.path for one in tiny.asked]


def test_the_environment_s_proxies_are_not_asked(monkeypatch):
    """Secrets go to the provider alone."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with tiny_provider(TinyProvider()) as address:
        assert "issuer" in fetch(f"{address.url}/corp{WELL_KNOWN}")


@pytest.mark.parametrize("size", [MAX_BYTES - 10, MAX_BYTES + 1])
def test_a_document_has_a_largest_size(size):
    """However long the provider goes on."""
    tiny = TinyProvider()
    content = b'{"a":"' + b"x" * (size - 8) + b'"}'
    with tiny_provider(tiny) as address:
        tiny.fail("/keys", 200, content)
        if size > MAX_BYTES:
            with pytest.raises(ProviderUnavailable, match="too much"):
                fetch(f"{address.url}/corp/keys")
        else:
            assert size - 8 == len(fetch(f"{address.url}/corp/keys")["a"])


def test_a_document_has_a_longest_time(monkeypatch):
    """Also if something comes every now and then."""
    monkeypatch.setattr(provider_web, "SECONDS", 0.5)
    bare = Bare()

    def drip(_received: bytes, connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        connection.settimeout(0.05)
        while True:
            connection.sendall(b" ")
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue

    bare.converse = drip
    with bare_server(bare) as address:
        begun = time.monotonic()
        with pytest.raises(ProviderUnavailable, match="does not answer"):
            fetch(f"{address.url}/keys")
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/keys", "https://127.0.0.1:1/", "http://h h/"])
def test_what_cannot_be_reached_is_unavailable(url):
    """Whatever the reason is."""
    with pytest.raises(ProviderUnavailable):
        fetch(url)

"""The usual variables name a proxy; what is for nobody but it and the server stays with them."""

import traceback

import pytest

from contract.rest.loopback import answering, reply
from penstock.errors import TransportError
from penstock.rest._channel import Channel
from penstock.rest._connection import resolve_connections
from penstock.rest._exchange import open_exchange
from penstock.rest._forked_transport import ForkedTransport
from penstock.rest._retries import RetryPolicy

GET = "mlflow/runs/get"
INSIDE = "mlflow.internal.invalid"


@pytest.fixture(params=[open_exchange, ForkedTransport], ids=["pyreqwest", "forked"])
def ask(request):
    def ask(url: str):
        connection = resolve_connections(url, timeout=10, token="for-mlflow").tracking
        channel = Channel(connection, policy=RetryPolicy(0), opener=request.param)
        try:
            return channel.call("GET", GET).json()
        finally:
            channel.close()

    return ask


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"])
def test_a_proxy_is_asked(ask, no_settings, name):
    """For the whole URL, with its own login and the server's."""
    with answering(reply('{"a": 1}')) as proxy:
        no_settings.setenv(name, f"http://user:pa%40ss@127.0.0.1:{proxy.port}")
        assert {"a": 1} == ask(f"http://{INSIDE}:5000")
    (request,) = proxy.received
    assert f"http://{INSIDE}:5000/api/2.0/{GET}" == request.target
    assert "Basic dXNlcjpwYUBzcw==" == request.headers["proxy-authorization"]
    assert "Bearer for-mlflow" == request.headers["authorization"]


@pytest.mark.parametrize("exception", ["127.0.0.1", "*", "localhost,127.0.0.1"])
def test_a_host_can_be_excepted(ask, no_settings, exception):
    """By the usual variable."""
    with answering(reply('{"proxy": 1}')) as proxy, answering(reply('{"server": 1}')) as server:
        no_settings.setenv("HTTP_PROXY", proxy.url)
        assert {"proxy": 1} == ask(server.url)
        no_settings.setenv("NO_PROXY", exception)
        assert {"server": 1} == ask(server.url)


def test_an_encrypted_connection_passes_through_the_proxy(ask, no_settings):
    """The proxy sees the host, and neither the path nor the login; its refusal is told."""
    with answering(reply(status=403)) as proxy:
        no_settings.setenv("HTTPS_PROXY", f"http://user:hunter2@127.0.0.1:{proxy.port}")
        with pytest.raises(TransportError) as refusal:
            ask(f"https://{INSIDE}")
    (request,) = proxy.received
    assert ("CONNECT", f"{INSIDE}:443") == (request.method, request.target)
    assert "authorization" not in request.headers
    assert "Basic dXNlcjpodW50ZXIy" == request.headers["proxy-authorization"]
    shown = "".join(traceback.format_exception(refusal.value))
    for secret in ("hunter2", "dXNlcjpodW50ZXIy", "for-mlflow"):
        assert secret not in shown

"""Encrypted connections: whom the client believes, and how it says that it does not."""

import ssl
from typing import Any

import pytest

from authority import Authority
from contract.rest.loopback import answering, reply
from penstock.errors import CertificateError, ConfigurationError, PenstockError
from penstock.rest._channel import Channel
from penstock.rest._connection import resolve_connections
from penstock.rest._exchange import open_exchange
from penstock.rest._forked_transport import ForkedTransport
from penstock.rest._retries import RetryPolicy

GET = "mlflow/runs/get"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def served(certificate, *, trusted=None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if trusted is not None:
        context.load_verify_locations(trusted)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture(params=[open_exchange, ForkedTransport], ids=["pyreqwest", "forked"])
def ask(request, no_settings):
    """Asks a server that speaks TLS, by the usual way and by the one of forked processes."""

    def ask(certificate, *, trusted=None, **arguments: Any):
        with answering(reply('{"a": 1}'), context=served(certificate, trusted=trusted)) as server:
            url = server.url.replace("http:", "https:")
            connection = resolve_connections(url, timeout=10, **arguments).tracking
            channel = Channel(connection, policy=RetryPolicy(0), opener=request.param)
            try:
                return channel.call("GET", GET).json()
            finally:
                channel.close()

    no_settings.delenv("SSL_CERT_FILE", raising=False)
    return ask


def test_an_unknown_authority_is_not_believed(ask, authority):
    """The message says which setting names it."""
    with pytest.raises(CertificateError, match="MLFLOW_TRACKING_SERVER_CERT_PATH"):
        ask(authority.issue("127.0.0.1"))


def test_an_authority_can_be_named_as_argument(ask, authority):
    """As a path, or as its text."""
    assert {"a": 1} == ask(authority.issue("127.0.0.1"), verify=authority.path)
    assert {"a": 1} == ask(authority.issue("127.0.0.1"), verify=str(authority.path))


@pytest.mark.parametrize(
    "name",
    [
        "MLFLOW_TRACKING_SERVER_CERT_PATH",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "SSL_CERT_FILE",
    ],
)
def test_an_authority_can_be_named_by_a_variable(ask, authority, no_settings, name):
    """Those that other programs read."""
    no_settings.setenv(name, str(authority.path))
    assert {"a": 1} == ask(authority.issue("127.0.0.1"))


def test_a_folder_of_authorities_is_believed(ask, authority, tmp_path):
    """Files that are no certificates do not disturb."""
    (tmp_path / "authorities").mkdir()
    (tmp_path / "authorities" / "ours.crt").write_bytes(authority.path.read_bytes())
    (tmp_path / "authorities" / "README").write_text("which is which")
    assert {"a": 1} == ask(authority.issue("127.0.0.1"), verify=tmp_path / "authorities")


def test_a_bundle_without_certificates_is_told(ask, authority, tmp_path):
    """And not taken for one that trusts nobody."""
    (tmp_path / "ca.pem").write_text("hello")
    with pytest.raises(ConfigurationError, match="no certificate in"):
        ask(authority.issue("127.0.0.1"), verify=tmp_path / "ca.pem")


def test_the_check_can_be_turned_off(ask, authority, no_settings):
    """By argument or by MLflow's variable."""
    assert {"a": 1} == ask(authority.issue("127.0.0.1"), verify=False)
    no_settings.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
    assert {"a": 1} == ask(authority.issue("127.0.0.1"))


def test_a_certificate_for_another_name_is_not_believed(ask, authority):
    """Even from a known authority."""
    with pytest.raises(CertificateError):
        ask(authority.issue("elsewhere.example"), verify=authority.path)


def test_an_expired_certificate_is_not_believed(ask, authority):
    """Even from a known authority."""
    with pytest.raises(CertificateError):
        ask(authority.issue("127.0.0.1", days=-1), verify=authority.path)


def test_a_client_shows_its_certificate(ask, authority, no_settings):
    """To a server that wants one; without it there is an error of ours."""
    server, own = authority.issue("127.0.0.1"), authority.issue("me")
    with pytest.raises(PenstockError):
        ask(server, trusted=authority.path, verify=authority.path)
    no_settings.setenv("MLFLOW_TRACKING_CLIENT_CERT_PATH", str(own))
    assert {"a": 1} == ask(server, trusted=authority.path, verify=authority.path)


def test_a_client_certificate_without_a_key_is_told(ask, authority, no_settings):
    """With the name of the setting."""
    no_settings.setenv("MLFLOW_TRACKING_CLIENT_CERT_PATH", str(authority.path))
    with pytest.raises(ConfigurationError, match="MLFLOW_TRACKING_CLIENT_CERT_PATH"):
        ask(authority.issue("127.0.0.1"), verify=authority.path)


@pytest.mark.parametrize("opener", [open_exchange, ForkedTransport], ids=["pyreqwest", "forked"])
def test_a_server_without_tls_is_told(opener):
    """Whoever writes https for http learns it."""
    with answering(reply()) as server:
        connection = resolve_connections(server.url.replace("http:", "https:")).tracking
        channel = Channel(connection, policy=RetryPolicy(0), opener=opener)
        with pytest.raises(CertificateError, match="speaks https"):
            channel.call("GET", GET)

"""The gateway, and a small upstream behind it that writes down what reaches it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from gateway.bare import Bare, bare_server
from gateway.recorder import Recorder, recording
from gateway.running import Gateway, running_gateway
from gateway.threads import Address
from gateway.tiny_provider import TinyProvider, tiny_provider
from penstock.gateway.access import follow_ups

STRICT = {
    "client_idle_seconds": 0.3,
    "upstream_seconds": 1,
    "upstream_long_seconds": 2,
    "upstream_transfer_seconds": 4,
    "max_body_bytes": 100_000,
}


@pytest.fixture(scope="session", autouse=True)
def _nothing_left_is_looked_for() -> Iterator[None]:
    """Let no gateway ask the upstream of one test about what another one has left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(follow_ups, "FIRST_LOOK", timedelta(hours=1))
        yield


@pytest.fixture(scope="session")
def _recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="session")
def upstream_address(_recorder: Recorder) -> Iterator[Address]:
    """Where the recording upstream listens."""
    with recording(_recorder) as address:
        yield address


@pytest.fixture(scope="session")
def gateway(
    upstream_address: Address, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """One gateway with ordinary settings, in front of the recording upstream."""
    with running_gateway(tmp_path_factory.mktemp("gateway"), upstream_address.url) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_request_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """See that each request ends, also one whose caller has left."""
    yield
    for name in {"gateway", "strict"} & set(request.fixturenames):
        request.getfixturevalue(name).wait_until_idle()


@pytest.fixture
def recorder(_recorder: Recorder) -> Iterator[Recorder]:
    """The recording upstream, with nothing written down yet."""
    _recorder.reset()
    yield _recorder
    _recorder.reset()


@pytest.fixture(scope="session")
def _bare() -> Bare:
    return Bare()


@pytest.fixture(scope="session")
def strict(_bare: Bare, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway with short limits, in front of the bare upstream."""
    folder = tmp_path_factory.mktemp("strict")
    with bare_server(_bare) as address, running_gateway(folder, address.url, **STRICT) as running:
        yield running


@pytest.fixture
def bare(_bare: Bare) -> Iterator[Bare]:
    """The bare upstream, in its first state; a conversation that fails fails its test."""
    _bare.reset()
    yield _bare
    failed = [fault for fault in _bare.faults if isinstance(fault, AssertionError)]
    _bare.reset()
    assert [] == failed


@pytest.fixture(scope="session")
def _provider() -> TinyProvider:
    return TinyProvider()


@pytest.fixture(scope="session")
def provider_address(_provider: TinyProvider) -> Iterator[Address]:
    """Where the small OpenID Connect provider listens."""
    with tiny_provider(_provider) as address:
        yield address


@pytest.fixture
def provider(_provider: TinyProvider) -> TinyProvider:
    """The small provider, as an ordinary one that nobody has asked anything."""
    _provider.reset()
    return _provider

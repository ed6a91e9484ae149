import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.running import USER, USER_PASSWORD, CheapPasswords, running_gateway
from gateway.wire import Caller, basic

CALLERS = 20
SECONDS = 20


class GatedPasswords(CheapPasswords):
    """Passwords whose next verification waits in the middle until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.is_gated = False
        self.begun = threading.Event()
        self.may_go_on = threading.Event()

    def verify(self, password_hash: str | None, password: str) -> bool:
        verified = super().verify(password_hash, password)
        if self.is_gated:
            self.is_gated = False
            self.begun.set()
            assert self.may_go_on.wait(SECONDS)
        return verified


@pytest.fixture
def forgetful(gateway):
    """The gateway, with ann's proof forgotten and no verification counted."""
    gateway.accounts.change(USER, disabled=False)
    gateway.passwords.reset()
    return gateway


def test_only_the_first_request_costs_a_verification(forgetful):
    """A proof is remembered: the requests after the first cost no password hash."""
    for _ in range(5):
        assert 200 == forgetful.user.call("GET", "/v1/me").status
    assert 1 == forgetful.passwords.verifications


def test_first_requests_at_once_cost_one_verification(forgetful):
    """A client that starts with many connections proves itself once."""
    barrier = threading.Barrier(CALLERS)

    def call(_number: int) -> int:
        with forgetful.user.kept_open() as connection:
            connection.connect()
            barrier.wait(SECONDS)
            return forgetful.user.send(connection, "GET", "/v1/me").status

    with ThreadPoolExecutor(CALLERS) as pool:
        assert [200] * CALLERS == list(pool.map(call, range(CALLERS)))
    assert 1 == forgetful.passwords.verifications


@pytest.mark.parametrize(
    ("name", "password"),
    [
        (USER, "not ann's secret"),
        ("nobody@example.org", "some long secret"),
        ("a\x00b", "some long secret"),
        ("", ""),
        ("x" * 300, "some long secret"),
    ],
)
def test_a_wrong_login_costs_one_verification(forgetful, name, password):
    """The time of an answer does not tell whether the account exists."""
    caller = Caller(forgetful.address, authorization=basic(name, password))
    assert 401 == caller.call("GET", "/v1/me").status
    assert 1 == forgetful.passwords.verifications


def test_a_disabled_login_costs_one_verification(gateway):
    """Nor does it tell whether the account is disabled."""
    gateway.accounts.add("cost@example.org", password="cost's long secret")
    gateway.accounts.change("cost@example.org", disabled=True)
    caller = Caller(gateway.address, authorization=basic("cost@example.org", "cost's long secret"))
    gateway.passwords.reset()
    assert 401 == caller.call("GET", "/v1/me").status
    assert 1 == gateway.passwords.verifications


def test_a_wrong_login_is_not_remembered(forgetful):
    """A wrong password stays wrong, and becomes right with the account's change."""
    caller = Caller(forgetful.address, authorization=basic("late@example.org", "late's secret!"))
    for _ in range(3):
        assert 401 == caller.call("GET", "/v1/me").status
    assert 3 == forgetful.passwords.verifications
    forgetful.accounts.add("late@example.org", password="late's secret!")
    assert 200 == caller.call("GET", "/v1/me").status


def test_malformed_proofs_cost_no_verification(forgetful):
    """What is no name and password is refused before any hash."""
    for value in ("Basic ???", "Bearer x", "", "Basic " + "QQ" * 5000):
        caller = Caller(forgetful.address, authorization=value)
        assert 401 == caller.call("GET", "/v1/me").status
    assert 0 == forgetful.passwords.verifications


def test_a_changed_password_counts_at_once(gateway):
    """The old password is forgotten with the change, and the new one is right."""
    gateway.accounts.add("move@example.org", password="the old password")
    old, new = (
        Caller(gateway.address, authorization=basic("move@example.org", f"the {age} password"))
        for age in ("old", "new")
    )
    assert (200, 401) == (old.call("GET", "/v1/me").status, new.call("GET", "/v1/me").status)
    gateway.accounts.set_password("Move@Example.org", "the new password")
    assert (401, 200) == (old.call("GET", "/v1/me").status, new.call("GET", "/v1/me").status)


def test_other_users_proofs_outlive_a_change(forgetful):
    """One user's change costs the others nothing, also when the watch has seen it."""
    assert 200 == forgetful.user.call("GET", "/v1/me").status
    forgetful.accounts.change("admin@localhost", disabled=False)
    forgetful.wait_for_a_look()
    assert 200 == forgetful.user.call("GET", "/v1/me").status
    assert 1 == forgetful.passwords.verifications


@pytest.fixture
def gated(tmp_path, upstream_address):
    passwords = GatedPasswords()
    with running_gateway(tmp_path, upstream_address.url, passwords=passwords) as running:
        yield running
        passwords.may_go_on.set()


@pytest.mark.parametrize("change", ["password", "disabled"])
def test_a_change_during_a_verification_counts(gated, change):
    """What was verified before a change and ends after it is not remembered."""
    passwords = gated.passwords
    passwords.is_gated = True
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(gated.user.call, "GET", "/v1/me")
        assert passwords.begun.wait(SECONDS)
        if change == "password":
            gated.accounts.set_password(USER, "ann's next long secret")
        else:
            gated.accounts.change(USER, disabled=True)
        during = gated.user.call("GET", "/v1/me").status
        passwords.may_go_on.set()
        first.result(SECONDS)
    assert (401, 401) == (during, gated.user.call("GET", "/v1/me").status)


def test_a_caller_who_leaves_during_a_verification_does_not_end_it_for_others(gated):
    """Those who wait for the same proof get it."""
    passwords = gated.passwords
    passwords.is_gated = True
    with ThreadPoolExecutor(1) as pool:
        with gated.user.kept_open() as connection:
            gated.user.begin(connection, "GET", "/v1/me")
            assert passwords.begun.wait(SECONDS)
            second = pool.submit(gated.user.call, "GET", "/v1/me")
        passwords.may_go_on.set()
        assert 200 == second.result(SECONDS).status
    assert 1 == passwords.verifications


def test_one_caller_s_verification_does_not_hold_up_another_s(gated):
    """Somebody else's login goes on while one is under way."""
    gated.passwords.is_gated = True
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(gated.user.call, "GET", "/v1/me")
        assert gated.passwords.begun.wait(SECONDS)
        assert 200 == gated.admin.call("GET", "/v1/me").status
        gated.passwords.may_go_on.set()
        assert 200 == first.result(SECONDS).status


def test_proofs_may_not_be_remembered_at_all(tmp_path, upstream_address):
    """`PENSTOCK_CREDENTIAL_SECONDS=0` verifies every request's password."""
    with running_gateway(tmp_path, upstream_address.url, credential_seconds=0) as running:
        for _ in range(3):
            assert 200 == running.user.call("GET", "/v1/me").status
        assert 3 == running.passwords.verifications


def test_a_failing_login_leaves_no_secret_in_the_log(gateway, recorder, caplog, capfd):
    """Neither the password nor the header is written down anywhere."""
    caplog.set_level("DEBUG")
    right = basic(USER, USER_PASSWORD).removeprefix("Basic ")
    for value in (
        basic(USER, "hunter2 is wrong"),
        f"Bearer {right}",
        f"Basic {right}?",
        "Basic aHVudGVyMiBoYXMgbm8gY29sb24=",
    ):
        assert 401 == Caller(gateway.address, authorization=value).call("GET", "/v1/me").status
    recorder.answer_with(500)
    gateway.user.call("GET", "/version")
    out, err = capfd.readouterr()
    for secret in ("hunter2", USER_PASSWORD, right, "aHVudGVyMi"):
        assert secret not in caplog.text + out + err

"""Guessing is slow, and locks nobody else out."""

import itertools
import json

import pytest

from clock import Clock
from gateway.browsing import Browser, header
from gateway.running import ADMIN, ADMIN_PASSWORD, USER, USER_PASSWORD, running_gateway
from gateway.wire import Caller, basic
from penstock.errors import AccessRefused
from penstock.gateway.auth.throttle import (
    LATE_SECONDS,
    MOST_FAILURES,
    MOST_OF_ADDRESS,
    WINDOW_SECONDS,
    Throttle,
)


@pytest.fixture
def clock():
    """The clock of the throttle."""
    return Clock()


@pytest.fixture
def guarded(upstream_address, tmp_path, clock):
    """A gateway that counts, behind a proxy that says where callers come from."""
    throttle = Throttle(clock=clock)
    others = {"throttle": throttle, "trusted_proxies": "127.0.0.1"}
    with running_gateway(tmp_path, upstream_address.url, **others) as gateway:
        yield gateway


def login(gateway, name, password, address="203.0.113.7"):
    who = Caller(gateway.address, authorization=basic(name, password))
    return who.call("GET", "/v1/me", headers={"x-forwarded-for": address})


def guess(gateway, times, name=USER, address="203.0.113.7"):
    return [login(gateway, name, f"wrong {number}", address).status for number in range(times)]


def test_the_eleventh_guess_has_to_wait(guarded, clock):
    """Also a right one: nobody learns it by guessing on. Then five minutes are over."""
    assert [401] * MOST_FAILURES == guess(guarded, MOST_FAILURES)
    answer = login(guarded, USER, USER_PASSWORD)
    assert (429, str(int(WINDOW_SECONDS))) == (answer.status, header(answer, "retry-after"))
    assert "wait" in json.loads(answer.body)["detail"]
    clock.now += WINDOW_SECONDS - 1
    assert 429 == login(guarded, USER, USER_PASSWORD).status
    clock.now += 1
    assert 200 == login(guarded, USER, USER_PASSWORD).status


def test_nobody_locks_somebody_else_out(guarded):
    """Neither the same account elsewhere, nor another one here, nor who has proven it before."""
    assert 200 == login(guarded, ADMIN, ADMIN_PASSWORD).status
    guess(guarded, MOST_FAILURES + 1)
    guess(guarded, MOST_FAILURES + 1, name=ADMIN)
    assert 200 == login(guarded, USER, USER_PASSWORD, "203.0.113.8").status
    assert 200 == login(guarded, ADMIN, ADMIN_PASSWORD).status
    assert 429 == login(guarded, ADMIN, ADMIN_PASSWORD + "!").status


def test_names_of_nobody_are_no_different(guarded):
    """Who guesses does not learn which accounts there are."""
    statuses = guess(guarded, MOST_FAILURES + 1, name="nobody@example.org")
    assert [401] * MOST_FAILURES + [429] == statuses
    spellings = [login(guarded, "NOBODY@example.org", "x").status]
    assert [429] == spellings


def test_who_holds_a_token_cannot_guess_the_password_with_it(guarded):
    """Where the current one is asked for, it is counted as at every login."""
    _, token = guarded.app.parts.tokens.create(USER, "stolen")
    who = Caller(guarded.address, authorization=f"Bearer {token}")
    path, headers = f"/v1/user/{USER}/password", {"content-type": "application/json"}

    def change(current: str) -> int:
        body = json.dumps({"password": "a new long secret", "current": current}).encode()
        return who.call("PUT", path, body, headers=headers).status

    assert [403] * MOST_FAILURES == [change(f"wrong {n}") for n in range(MOST_FAILURES)]
    assert 429 == change(USER_PASSWORD)


def test_a_right_password_begins_anew(guarded):
    """Nine typing errors a day lock nobody out."""
    for _ in range(3):
        assert [401] * (MOST_FAILURES - 1) == guess(guarded, MOST_FAILURES - 1)
        guarded.app.parts.proven.forget_all()
        assert 200 == login(guarded, USER, USER_PASSWORD).status


def test_a_caller_does_not_choose_its_address(guarded):
    """What stands before the trusted proxy's own word is the caller's invention."""
    for number in range(MOST_FAILURES):
        forged = f"198.51.100.{number}, 203.0.113.7"
        assert 401 == login(guarded, USER, "wrong", forged).status
    assert 429 == login(guarded, USER, "wrong").status


def test_without_a_trusted_proxy_the_header_counts_nothing(upstream_address, tmp_path, clock):
    """The peer's own address does."""
    with running_gateway(tmp_path, upstream_address.url, throttle=Throttle(clock=clock)) as gateway:
        for number in range(MOST_FAILURES):
            assert 401 == login(gateway, USER, "wrong", f"198.51.100.{number}").status
        assert 429 == login(gateway, USER, "wrong", "198.51.100.99").status


def test_the_page_counts_like_the_api(guarded):
    """And says when to come back."""
    guess(guarded, MOST_FAILURES, address="127.0.0.1")
    answer = Browser(guarded.address).log_in(USER, USER_PASSWORD)
    assert 429 == answer.status
    assert header(answer, "retry-after") is not None
    assert "too many wrong passwords" in answer.body.decode()


def test_wrong_tokens_stop_no_account(guarded):
    """They name none; a right one passes however many wrong ones there were."""
    made = guarded.app.parts.tokens.create(USER, "t")[1]
    for number in range(MOST_FAILURES + 2):
        for authorization in (f"Bearer pst_{number}", basic("token", f"pst_{number}")):
            who = Caller(guarded.address, authorization=authorization)
            assert 401 == who.call("GET", "/v1/me").status
    who = Caller(guarded.address, authorization=f"Bearer {made}")
    assert 200 == who.call("GET", "/v1/me").status
    who = Caller(guarded.address, authorization=basic("token", made))
    assert 200 == who.call("GET", "/v1/me").status


def test_only_wrong_proofs_of_a_busy_address_are_late():
    """From 300 in five minutes on; a right one never is, and other addresses are not."""
    clock = Clock()
    throttle = Throttle(clock=clock)
    for number in range(MOST_OF_ADDRESS):
        assert 0 == throttle.delay("203.0.113.7")
        with throttle.attempt(f"user{number}", "203.0.113.7"):
            pass
    assert [LATE_SECONDS, 0] == [throttle.delay("203.0.113.7"), throttle.delay("203.0.113.8")]
    clock.now += WINDOW_SECONDS
    assert 0 == throttle.delay("203.0.113.7")


def test_one_subscriber_is_one_address():
    """All addresses of a /64 of IPv6, and an IPv4 address in IPv6's clothes."""
    throttle = Throttle(clock=Clock())
    for number in range(MOST_FAILURES):
        with throttle.attempt("ann", f"2001:db8::{number:x}"):
            pass
        with throttle.attempt("ben", "203.0.113.7"):
            pass
    for name, address in (("ann", "2001:db8::ffff"), ("ben", "::ffff:203.0.113.7")):
        with pytest.raises(AccessRefused, match="wait"), throttle.attempt(name, address):
            pass
    with throttle.attempt("ann", "2001:db8:0:1::1") as succeed:
        succeed()


def test_guesses_under_way_count():
    """Many at once are no way around; what could not be found out does not count."""
    throttle = Throttle(clock=Clock())
    under_way = [throttle.attempt("ann", "::1") for _ in range(MOST_FAILURES)]
    for attempt in under_way:
        attempt.__enter__()
    with pytest.raises(AccessRefused, match="wait"), throttle.attempt("ann", "::1"):
        pass
    fault = RuntimeError("no database")
    for attempt in under_way:
        assert not attempt.__exit__(RuntimeError, fault, None)
    with throttle.attempt("ann", "::1") as succeed:
        succeed()


def test_the_memory_of_guesses_is_bounded():
    """However many names are tried."""
    clock = Clock()
    throttle = Throttle(clock=clock)
    for number in itertools.islice(itertools.count(), 60_000):
        with throttle.attempt(f"user{number}", "203.0.113.7"):
            pass
    assert len(throttle._pairs._moments) <= 50_000


def test_a_name_that_nobody_can_have_takes_no_more_memory_than_one():
    """However long: all that begin alike count as one."""
    throttle = Throttle(clock=Clock())
    for number in range(MOST_FAILURES):
        with throttle.attempt(f"{'a' * 6000}{number}", "203.0.113.7"):
            pass
    with (
        pytest.raises(AccessRefused, match="wait"),
        throttle.attempt("a" * 6000, "203.0.113.7"),
    ):
        pass

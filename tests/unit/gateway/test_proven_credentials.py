import gc

import pytest

from clock import Clock
from penstock.gateway.auth import proven_credentials
from penstock.gateway.auth.proven_credentials import MAX_ENTRIES, ProvenCredentials
from penstock.gateway.permissions.subject import Subject, UserId

HEADER = b"Basic YW5uOmFubidzIG93biBsb25nIHNlY3JldA=="
ANN = Subject(UserId(1), "ann@example.org", is_admin=False)
BEN = Subject(UserId(2), "ben@example.org", is_admin=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def proven(clock) -> ProvenCredentials:
    return ProvenCredentials(300, clock=clock)


def remember(proven: ProvenCredentials, header: bytes, subject: Subject) -> None:
    proven.remember(header, subject, generation=proven.generation)


def test_a_proof_is_found_by_its_very_header(proven):
    """The subject is the one that proved itself; another header proves nothing."""
    remember(proven, HEADER, ANN)
    assert ANN == proven.find(HEADER)
    for other in (HEADER.lower(), HEADER + b" ", HEADER[:-1], b""):
        assert proven.find(other) is None


def test_a_proof_expires(proven, clock):
    """It is found until its time is over, and not after."""
    remember(proven, HEADER, ANN)
    clock.now += 299.9
    assert ANN == proven.find(HEADER)
    clock.now += 0.1
    assert proven.find(HEADER) is None


def test_a_proof_is_not_prolonged_by_use(proven, clock):
    """A password that is used all the time is verified again, too."""
    remember(proven, HEADER, ANN)
    for _ in range(3):
        clock.now += 100
        found = proven.find(HEADER)
    assert found is None


def test_a_time_of_zero_remembers_nothing(clock):
    """Then every request is verified."""
    proven = ProvenCredentials(0, clock=clock)
    remember(proven, HEADER, ANN)
    assert proven.find(HEADER) is None


def test_a_user_s_proofs_are_forgotten_together(proven):
    """All headers of the user, and nobody else's."""
    remember(proven, HEADER, ANN)
    remember(proven, b"another spelling", ANN)
    remember(proven, b"ben's", BEN)
    proven.forget(ANN.user_id)
    assert [None, None, BEN] == [
        proven.find(header) for header in (HEADER, b"another spelling", b"ben's")
    ]


def test_what_was_proven_before_a_change_is_not_remembered_after_it(proven):
    """A verification that was under way when somebody changed counts for nothing."""
    generation = proven.generation
    proven.forget(BEN.user_id)
    proven.remember(HEADER, ANN, generation=generation)
    assert proven.find(HEADER) is None


def test_a_change_at_the_moment_of_remembering_counts(clock):
    """No moment lies between the look at the generation and the entry."""

    def now() -> float:
        if armed:
            armed.clear()
            proven.forget(ANN.user_id)
        return clock.now

    armed: set[str] = set()
    proven = ProvenCredentials(300, clock=now)
    generation = proven.generation
    armed.add("once")
    proven.remember(HEADER, ANN, generation=generation)
    assert not armed
    assert proven.find(HEADER) is None


def test_the_number_of_proofs_is_bounded(proven):
    """The oldest gives way; memory does not grow with the number of callers."""
    for number in range(MAX_ENTRIES + 1):
        remember(proven, str(number).encode(), ANN)
    assert proven.find(b"0") is None
    assert ANN == proven.find(b"1")
    assert ANN == proven.find(str(MAX_ENTRIES).encode())
    assert MAX_ENTRIES == len(proven._entries)


def test_the_header_is_not_kept(proven):
    """Neither the header nor what it encodes is anywhere in the object."""
    remember(proven, HEADER, ANN)
    for held in reachable(proven):
        assert not (isinstance(held, bytes) and (held in HEADER or b"secret" in held))
        assert not (isinstance(held, str) and "secret" in held)


def test_two_processes_keep_a_proof_under_different_keys(proven, clock):
    """What one process holds is of no use to who reads another's memory."""
    other = ProvenCredentials(300, clock=clock)
    for keeper in (proven, other):
        remember(keeper, HEADER, ANN)
    assert set() == set(proven._entries) & set(other._entries)


def reachable(start: object) -> list[object]:
    """Return all that an object holds, without modules, classes and functions."""
    found: dict[int, object] = {}
    waiting = [start]
    while waiting:
        item = waiting.pop()
        if id(item) in found or isinstance(item, type | type(gc) | type(reachable)):
            continue
        found[id(item)] = item
        waiting += gc.get_referents(item)
        waiting += [getattr(item, name) for name in getattr(type(item), "__slots__", ())]
    assert len(found) > len(vars(proven_credentials.ProvenCredentials(1)))
    return list(found.values())

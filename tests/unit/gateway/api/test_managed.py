"""Which grants are on what somebody manages, and what finding that out costs."""

import asyncio

import pytest

from penstock.errors import RequestRefused, UpstreamError, UpstreamUnreachable
from penstock.gateway.api import managed as module
from penstock.gateway.api.managed import managed
from penstock.gateway.permissions.grant import Grant
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.reference import Reference
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.permissions.scope import Scope

ALL = Grant(1, "user:a", Pattern(Kind.EXPERIMENT, "*"), Level.MANAGE)


class Experiments:
    """Finds experiments by id, and tells how often and how many at a time."""

    def __init__(self) -> None:
        self.faults: dict[str, Exception] = {}
        self.asked = self.at_once = self.most_at_once = 0

    async def find(self, reference: Reference) -> Resource | None:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if reference.id in self.faults:
            raise self.faults[reference.id]
        return Resource(Kind.EXPERIMENT, f"e{reference.id}", reference.id)


def grants(count: int, *, level: Level = Level.READ) -> list[Grant]:
    """Return grants on so many experiments."""
    patterns = (Pattern(Kind.EXPERIMENT, f"e{one}", str(one)) for one in range(count))
    return [Grant(10 + number, "user:b", one, level) for number, one in enumerate(patterns)]


def find(lookup: Experiments, held: list[Grant], listed: list[Grant]) -> list[Grant]:
    return asyncio.run(managed(lookup, Scope(held, default=Level.NONE), listed))


def test_a_few_are_asked_for_at_a_time_and_each_once():
    """However long the list is."""
    lookup, listed = Experiments(), grants(100)
    assert listed * 3 == find(lookup, [ALL], listed * 3)
    assert (100, module.AT_ONCE) == (lookup.asked, lookup.most_at_once)


def test_who_manages_nothing_asks_nothing():
    """Readers and editors see no grants, at no cost."""
    lookup = Experiments()
    assert [] == find(lookup, grants(100, level=Level.EDIT), grants(100))
    assert 0 == lookup.asked


def test_names_alone_are_judged_before_they_are_asked_for():
    """A grant on what one may not manage by its name costs nothing."""
    lookup = Experiments()
    mine = Grant(2, "user:a", Pattern(Kind.REGISTERED_MODEL, "team.*"), Level.MANAGE)
    other = Grant(3, "user:b", Pattern(Kind.REGISTERED_MODEL, "other.x"), Level.READ)
    assert [] == find(lookup, [mine], [other, mine])
    assert 0 == lookup.asked


def test_an_answer_that_nobody_understands_leaves_its_grants_out():
    """And no others; without any answer there is no list."""
    lookup, listed = Experiments(), grants(5)
    lookup.faults["2"] = UpstreamError("MLflow's answer does not say the experiment's name")
    assert [one for one in listed if one.pattern.resource_id != "2"] == find(lookup, [ALL], listed)
    lookup.faults["2"] = UpstreamUnreachable("MLflow cannot be reached")
    with pytest.raises(UpstreamUnreachable):
        find(lookup, [ALL], listed)


def test_a_list_that_would_cost_too_much_is_refused():
    """With what to do."""
    with pytest.raises(RequestRefused, match="narrow them"):
        find(Experiments(), [ALL], grants(module.MOST + 1))

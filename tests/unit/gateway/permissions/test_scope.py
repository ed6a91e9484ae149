"""What a subject may do, from their grants: compared with the rules as the guide tells them."""

import random

from hypothesis import assume, given
from hypothesis import strategies as st

from penstock.gateway.permissions.creation import is_nameable, may_create
from penstock.gateway.permissions.grant import Grant
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.policy import Need, Verdict, decide_needs
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.permissions.scope import Scope

EXPERIMENT, MODEL = Kind.EXPERIMENT, Kind.REGISTERED_MODEL

# Few signs, so that names, prefixes and ids often meet.
names = st.text("a1/*:", min_size=1, max_size=3) | st.sampled_from(["id:1", "id:11", "id:", "1"])
ids = st.sampled_from(["1", "11", "a"])
levels = st.sampled_from(Level)
resources = st.builds(Resource, st.just(EXPERIMENT), names, ids | st.none()) | st.builds(
    Resource, st.just(MODEL), names
)
patterns = (
    st.builds(Pattern, st.sampled_from(Kind), names | names.map(lambda name: name + "*"))
    | st.builds(Pattern, st.just(EXPERIMENT), names, ids)
    | st.builds(Pattern, st.sampled_from(Kind), st.just("*"))
)
grants = st.builds(Grant, st.integers(1, 999), st.just("user:a@b"), patterns, levels)
several = st.lists(grants, max_size=8)


def covers(pattern: Pattern, resource: Resource) -> bool:
    """Tell whether a pattern is about a resource, by the table of the guide."""
    if pattern.kind is not resource.kind:
        return False
    if pattern.resource_id is not None:
        return pattern.resource_id == resource.id
    if pattern.text[-1] == "*":
        return resource.name[: len(pattern.text) - 1] == pattern.text[:-1]
    if pattern.kind is EXPERIMENT and pattern.text[:3] == "id:":
        return pattern.text[3:] == resource.id
    return pattern.text == resource.name


def rank(pattern: Pattern) -> tuple[bool, int]:
    """Order patterns by how specific they are."""
    is_open = pattern.resource_id is None and pattern.text[-1] == "*"
    return (False, len(pattern.text)) if is_open else (True, 0)


def deciding(held: list[Grant], resource: Resource) -> list[Grant]:
    """Return the grants that count for a resource: the most specific ones."""
    found = [grant for grant in held if covers(grant.pattern, resource)]
    best = max((rank(grant.pattern) for grant in found), default=None)
    return [grant for grant in found if rank(grant.pattern) == best]


def expected(held: list[Grant], resource: Resource, default: Level) -> Level:
    """Return the level that the rules give."""
    counting = {grant.level for grant in deciding(held, resource)}
    if not counting:
        return default
    return Level.NONE if Level.NONE in counting else max(counting)


@st.composite
def overlapping(draw: st.DrawFn) -> tuple[Resource, list[Grant]]:
    """Draw a resource, and grants that are all about it."""
    resource = draw(resources)
    texts = [resource.name[:end] + "*" for end in range(len(resource.name) + 1)]
    about = [Pattern(resource.kind, text) for text in (*texts, resource.name)]
    if resource.id is not None:
        about += [Pattern(EXPERIMENT, f"id:{resource.id}"), Pattern(EXPERIMENT, "x", resource.id)]
    about = [pattern for pattern in about if covers(pattern, resource)]
    chosen = draw(st.lists(st.tuples(st.sampled_from(about), levels), min_size=1, max_size=6))
    return resource, [
        Grant(number, "user:a@b", pattern, level) for number, (pattern, level) in enumerate(chosen)
    ]


@given(several, resources, levels)
def test_the_level_is_what_the_rules_say(held, resource, default):
    """The index of a scope finds the very grants that a plain search finds."""
    scope = Scope(held, default=default)
    assert expected(held, resource, default) is scope.level(resource)
    assert set(deciding(held, resource)) == set(scope.explain(resource).grants)


@given(overlapping(), levels)
def test_the_level_is_what_the_rules_say_where_grants_overlap(case, default):
    """The same, where all grants are about the one resource."""
    resource, held = case
    assert expected(held, resource, default) is Scope(held, default=default).level(resource)


@given(several, resources, levels, st.randoms(use_true_random=False))
def test_the_order_of_grants_does_not_matter(held, resource, default, chance: random.Random):
    """Nor does it matter that one is there twice."""
    other = [*held, *held[:2]]
    chance.shuffle(other)
    level = Scope(held, default=default).level(resource)
    assert level is Scope(other, default=default).level(resource)


@given(overlapping(), levels)
def test_less_specific_grants_change_nothing(case, default):
    """Whether they would give more or deny."""
    resource, held = case
    alone = Scope(deciding(held, resource), default=default)
    assert alone.level(resource) is Scope(held, default=default).level(resource)


@given(overlapping(), grants, levels)
def test_a_more_specific_grant_counts_alone(case, added, default):
    """It takes what a broad one gives, and gives what a broad one denies."""
    resource, held = case
    one = max(held, key=lambda grant: rank(grant.pattern))
    broader = [grant for grant in held if rank(grant.pattern) < rank(one.pattern)]
    winner = Grant(added.id, added.subject, one.pattern, added.level)
    assert added.level is Scope([*broader, winner], default=default).level(resource)


@given(overlapping(), levels)
def test_none_denies_among_equals(case, default):
    """However many others say something else."""
    resource, held = case
    best = max(held, key=lambda grant: rank(grant.pattern))
    denial = Grant(1000, best.subject, best.pattern, Level.NONE)
    assert Level.NONE is Scope([*held, denial], default=default).level(resource)


@given(several, grants, resources, levels)
def test_a_grant_on_something_else_changes_nothing(held, added, resource, default):
    """Not on another kind, name or id."""
    assume(not covers(added.pattern, resource))
    level = Scope(held, default=default).level(resource)
    assert level is Scope([*held, added], default=default).level(resource)


@given(several, resources, levels)
def test_an_administrator_manages_everything(held, resource, default):
    """No grant takes anything away."""
    assert Level.MANAGE is Scope(held, default=default, is_admin=True).level(resource)


@given(several, st.lists(st.tuples(resources | st.none(), levels), max_size=4), levels)
def test_a_call_is_allowed_where_every_need_is_met(held, needs, default):
    """What may not be read, or is not there, makes the whole call invisible."""
    scope = Scope(held, default=default)
    verdict = decide_needs([Need(*need) for need in needs], scope)
    having = [Level.NONE if one is None else expected(held, one, default) for one, _ in needs]
    if Level.NONE in having:
        assert Verdict.INVISIBLE is verdict
    else:
        met = all(level >= need for level, (_, need) in zip(having, needs, strict=True))
        assert met is (verdict is Verdict.ALLOWED)


@given(several, resources, levels)
def test_who_may_only_look_makes_nothing_there(held, resource, default):
    """Where no grant speaks of a name, everybody may."""
    counting = deciding(held, resource)
    allowed = not counting or expected(held, resource, default) >= Level.EDIT
    assert allowed is may_create(resource, Scope(held, default=default))


@given(resources, resources)
def test_a_maker_s_grant_is_on_what_they_made_alone(made, other):
    """Whatever name they choose among those that they are let choose."""
    assume(is_nameable(made) and (made.id is not None or made.kind is MODEL))
    pattern = Pattern(made.kind, made.name, made.id)
    same = made.id == other.id if made.kind is EXPERIMENT else made.name == other.name
    assert pattern.matches(made)
    assert pattern.matches(other) is (same and made.kind is other.kind)


@given(resources)
def test_a_bound_grant_is_on_one_experiment(made):
    """Even where its name looks like a pattern."""
    assume(made.id is not None)
    pattern = Pattern(made.kind, made.name, made.id)
    assert not pattern.matches(Resource(EXPERIMENT, made.name, f"{made.id}0"))
    assert pattern.matches(Resource(EXPERIMENT, "renamed", made.id))

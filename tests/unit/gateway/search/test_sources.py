"""A scope in MLflow's filter language."""

from hypothesis import given
from hypothesis import strategies as st

from penstock.gateway.permissions.grant import Grant
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.permissions.scope import Scope
from penstock.gateway.proxy.search.sources import MOST_SOURCES, sources

EXPERIMENT, MODEL = Kind.EXPERIMENT, Kind.REGISTERED_MODEL


def scope(kind, *grants: tuple, default=Level.NONE):
    found = [
        Grant(number, "user:a", Pattern(kind, text, bound), level)
        for number, (text, bound, level) in enumerate(grants)
    ]
    return Scope(found, default=default)


def filters(kind, *grants: tuple, default=Level.NONE):
    held = scope(kind, *grants, default=default)
    return [source.filter for source in sources(held, kind)]


def test_experiments_are_asked_for_by_id():
    """Whether a grant is bound to an id or names one."""
    grants = [("churn", "7", Level.READ), ("id:12", None, Level.EDIT)]
    assert ["experiment_id IN ('12', '7')"] == filters(EXPERIMENT, *grants)


def test_an_experiment_named_like_a_pattern_is_asked_for_by_id():
    """It may be so named from before the gateway was there."""
    assert ["experiment_id IN ('7')"] == filters(EXPERIMENT, ("*", "7", Level.MANAGE))
    assert ["experiment_id IN ('8')"] == filters(EXPERIMENT, ("a*", "8", Level.MANAGE))


def test_models_are_asked_for_by_name_as_mlflow_spells_it():
    """Grants match the decoded name."""
    assert ["name IN ('a%2Fb')"] == filters(MODEL, ("a/b", None, Level.READ))


def test_prefixes_and_waiting_names_become_patterns():
    """A prefix inside another one is no source of its own."""
    grants = [
        ("team-a/*", None, Level.READ),
        ("team-a/x*", None, Level.EDIT),
        ("waiting", None, Level.READ),
    ]
    expected = ["name LIKE 'team-a/%'", "name LIKE 'waiting%'"]
    assert expected == filters(EXPERIMENT, *grants)


def test_what_cannot_be_quoted_is_asked_for_broadly():
    """The filter finds too much then; each row is judged again."""
    assert ["name LIKE 'o%'"] == filters(MODEL, ("o'brien", None, Level.READ))


def test_everything_is_one_source():
    """A grant on `*`, a default level, or more sources than one page may cost."""
    many = [(f"p{number:02}*", None, Level.READ) for number in range(MOST_SOURCES + 1)]
    assert [""] == filters(MODEL, ("*", None, Level.READ))
    assert [""] == filters(MODEL, default=Level.READ)
    assert [""] == filters(MODEL, *many)


def test_no_grant_is_no_source():
    """Nothing is asked then."""
    assert [] == filters(MODEL, ("secret", None, Level.NONE))


@given(
    st.lists(
        st.tuples(
            st.text("ab/", max_size=3),
            st.booleans(),
            st.sampled_from([Level.NONE, Level.READ, Level.MANAGE]),
        ),
        max_size=8,
    ),
    st.text("ab/", min_size=1, max_size=4),
)
def test_what_may_be_read_has_exactly_one_source(grants, name):
    """No row is lost, and none comes twice."""
    held = scope(
        MODEL, *((text + "*" if prefix else text, None, level) for text, prefix, level in grants)
    )
    resource = Resource(MODEL, name)
    owners = [source for source in sources(held, MODEL) if source.owns(resource)]
    if held.level(resource) >= Level.READ:
        assert 1 == len(owners)
    assert len(owners) <= 1

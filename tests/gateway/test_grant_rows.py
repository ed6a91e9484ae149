"""Whose a grant is: a user's own and their groups', and nobody else's."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from penstock.gateway.db.engine import open_engine
from penstock.gateway.db.grants import bind, delete_model, grants_of, put_grant, rename_model
from penstock.gateway.db.groups import add_group, add_member, find_group
from penstock.gateway.db.migrate import migrate
from penstock.gateway.db.users import add_user, find_user
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.pattern import Pattern
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.permissions.scope import Scope

ANN, BOB = "ann@example.org", "bob@example.org"
MEMBERS = {"hers": [ANN], "both": [ANN, BOB], "his": [BOB], "nobody's": []}
NAMES = ["a", "ab", "b"]
TEXTS = [*NAMES, "a*", "ab*", "*", "id:1"]

subjects = st.sampled_from([ANN, BOB, *MEMBERS])
patterns = st.builds(Pattern, st.sampled_from(Kind), st.sampled_from(TEXTS)) | st.builds(
    Pattern, st.just(Kind.EXPERIMENT), st.sampled_from(NAMES), st.sampled_from(["1", "2"])
)
given_grants = st.lists(st.tuples(subjects, patterns, st.sampled_from(Level)), max_size=8)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database with two users and four groups."""
    opened = open_engine(f"sqlite:///{tmp_path_factory.mktemp('rows') / 'penstock.db'}")
    migrate(opened)
    with opened.begin() as connection:
        users = {
            email: add_user(
                connection, email, email_key=email, password_hash=None, is_admin=False
            ).id
            for email in (ANN, BOB)
        }
        for name, emails in MEMBERS.items():
            add_group(connection, name, name_key=name)
            for email in emails:
                add_member(connection, find_group(connection, name), users[email])
    yield opened
    opened.dispose()


def put(connection: Connection, subject: str, pattern: Pattern, level: Level) -> None:
    principal = find_user(connection, subject) or find_group(connection, subject)
    assert principal is not None
    put_grant(connection, principal, pattern, level)


def held_by(connection: Connection, email: str) -> dict[tuple[str, Pattern], Level]:
    user = find_user(connection, email)
    assert user is not None
    return {(one.subject, one.pattern): one.level for one in grants_of(connection, user.id)}


@given(given_grants)
def test_a_user_holds_their_own_grants_and_their_groups(engine, wanted):
    """The last level counts that a subject was given for a pattern."""
    expected = {
        (f"{'user' if subject == ANN else 'group'}:{subject}", pattern): level
        for subject, pattern, level in wanted
        if subject == ANN or ANN in MEMBERS.get(subject, [])
    }
    with engine.connect() as connection:  # ends without a commit
        for one in wanted:
            put(connection, *one)
        assert expected == held_by(connection, ANN)


@given(given_grants, given_grants)
def test_a_grant_to_somebody_else_changes_nothing(engine, first, others):
    """Whatever they are given, in whatever groups of theirs."""
    with engine.connect() as connection:
        for one in first:
            put(connection, *one)
        before = held_by(connection, ANN)
        for subject, *rest in others:
            if subject != ANN and ANN not in MEMBERS.get(subject, []):
                put(connection, subject, *rest)
        assert before == held_by(connection, ANN)


@given(given_grants, st.sampled_from(TEXTS))
def test_a_thing_named_like_a_pattern_takes_no_grant_on_others(engine, wanted, name):
    """Made, renamed or deleted at MLflow: what is granted on all other things stays."""
    others = [
        Resource(Kind.EXPERIMENT, "abc", "5"),
        Resource(Kind.EXPERIMENT, "other", "1"),
        Resource(Kind.REGISTERED_MODEL, "abc"),
    ]

    def levels(connection: Connection) -> list[Level]:
        user = find_user(connection, ANN)
        assert user is not None
        scope = Scope(grants_of(connection, user.id), default=Level.NONE)
        return [scope.level(one) for one in others]

    with engine.connect() as connection:
        for one in wanted:
            put(connection, *one)
        before = levels(connection)
        bind(connection, Resource(Kind.EXPERIMENT, name, "77"))
        rename_model(connection, name, "new")
        delete_model(connection, name)
        assert before == levels(connection)

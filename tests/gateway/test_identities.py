"""Which account somebody gets whom a provider vouches for, in which groups, in which role."""

from typing import Any

import pytest

from gateway.running import CheapPasswords
from penstock.errors import AccountError, IdentityRefused
from penstock.gateway.access.groups import Groups
from penstock.gateway.auth.accounts import Accounts
from penstock.gateway.db.database import Database
from penstock.gateway.db.engine import open_engine, sqlite_url
from penstock.gateway.db.memberships import list_memberships
from penstock.gateway.db.migrate import migrate
from penstock.gateway.db.policy import Part, read_versions
from penstock.gateway.db.users import User
from penstock.gateway.oidc.identities import Identities
from penstock.gateway.oidc.person import Person
from penstock.gateway.provider_settings import ProviderSettings

ISSUER = "https://id.example.org"
ANN = "ann@example.org"
PASSWORD = "a long enough secret"


class World:
    """A migrated database with one administrator, and a provider to log in with."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.accounts = Accounts(database, CheapPasswords())
        self.groups = Groups(database)
        self.told: list[object] = []
        self.identities = Identities(
            database,
            on_user_change=self.told.append,
            on_group_change=lambda: self.told.append("groups"),
        )
        self.accounts.add("root@example.org", password=PASSWORD, is_admin=True)

    def log_in(self, subject: str = "ann-1", /, **others: Any) -> User:
        """Log in as a person of `settings`, who is known by the rest."""
        told = {"email": ANN, "email_verified": None, "groups": None}
        rules = {name: others.pop(name) for name in list(others) if name not in told}
        person = Person(ISSUER, subject, **{**told, **others})
        return self.identities.log_in(provider(**rules), person)

    def refused(self, subject: str = "ann-1", /, **others: Any) -> str:
        before = [user.email for user in self.accounts.list_users()]
        with pytest.raises(IdentityRefused) as caught:
            self.log_in(subject, **others)
        assert before == [user.email for user in self.accounts.list_users()]
        return str(caught.value)

    def memberships(self, user: User) -> dict[str, str]:
        """Return the groups of a user, and who said so."""
        with self.database.reading() as connection:
            return {one.name_key: one.source for one in list_memberships(connection, user.id)}

    def versions(self) -> dict[Part, int]:
        with self.database.reading() as connection:
            return read_versions(connection)

    def is_admin(self, email: str) -> bool:
        return {user.email: user.is_admin for user in self.accounts.list_users()}[email]


def provider(**rules: Any) -> ProviderSettings:
    values = {"name": "corp", "issuer": ISSUER, "client_id": "penstock", "create_users": True}
    return ProviderSettings.model_validate({**values, **rules})


@pytest.fixture
def world(tmp_path):
    engine = open_engine(sqlite_url(tmp_path / "penstock.db"))
    migrate(engine)
    yield World(Database(engine))
    engine.dispose()


def test_a_first_login_makes_an_account_without_a_password(world):
    """Which nobody can log in to by any other way."""
    user = world.log_in()
    assert (ANN, None, False) == (user.email, user.password_hash, user.is_admin)
    assert world.accounts.find_proven(ANN, "") is None
    assert user == world.log_in()


def test_somebody_is_known_by_their_subject(world):
    """Not by an address, which changes and passes to others."""
    user = world.log_in()
    assert user == world.log_in(email="renamed@example.org", email_verified=False)
    assert user == world.log_in(email=None, create_users=False)
    assert "no account" in world.refused("ann-2", link_by_email=True, email_verified=True)


@pytest.mark.parametrize(
    "others",
    [
        {"create_users": False},
        {"email": None},
        {"email_verified": False},
        {"email": "a:b@example.org"},
        {"email": "x" * 250 + "@example.org"},
        {"email_domains": "other.org"},
        {"email_domains": "ample.org"},
        {"email": "ann@example.org@other.org", "email_domains": "example.org"},
    ],
)
def test_a_first_login_that_may_not_make_an_account_is_refused(world, others):
    """And makes none."""
    assert "no account" in world.refused(**others)


def test_domains_compare_without_case(world):
    """As they do in addresses."""
    domains = "other.org EXAMPLE.org"
    user = world.log_in(email="Ann@Example.ORG", email_domains=domains)
    assert "Ann@Example.ORG" == user.email


def test_an_account_is_linked_where_that_is_allowed_and_the_address_verified(world):
    """Else whoever can make up an address would take over its account."""
    known = world.accounts.add(ANN, password=PASSWORD)
    for verified in (None, False, True):
        world.refused(email_verified=verified)
    for verified in (None, False):
        world.refused(email_verified=verified, link_by_email=True)
    world.refused(email_verified=True, link_by_email=True, email_domains="other.org")
    linked = world.log_in(email_verified=True, link_by_email=True, create_users=False)
    assert known.id == linked.id
    assert world.accounts.find_proven(ANN, PASSWORD)
    assert known.id == world.log_in(email=None).id


@pytest.mark.parametrize(
    "email", ["\uff41nn@example.org", "ann@example.\u1d3frg", "\u00aann@example.org"]
)
def test_an_address_that_looks_like_another_is_another(world, email):
    """Names compare by what they look like; mailboxes do not."""
    world.accounts.add(ANN, password=PASSWORD)
    world.accounts.add("ann@example.rrg", password=PASSWORD)
    world.refused(email=email, email_verified=True, link_by_email=True)


def test_a_disabled_account_stays_out(world):
    """Known or to be linked."""
    world.log_in()
    world.accounts.change(ANN, disabled=True)
    assert "disabled" in world.refused(groups=("a",), create_groups=True)
    world.accounts.add("ben@example.org", password=PASSWORD)
    world.accounts.change("ben@example.org", disabled=True)
    link = {"email": "ben@example.org", "email_verified": True, "link_by_email": True}
    assert "disabled" in world.refused("ben-1", **link)
    world.accounts.change("ben@example.org", disabled=False)
    assert world.log_in("ben-1", **link).email == "ben@example.org"


def test_a_deleted_account_is_forgotten(world):
    """Whoever comes again is new."""
    world.log_in()
    world.accounts.delete(ANN)
    world.refused(create_users=False)
    assert ANN == world.log_in().email


def test_groups_are_those_that_the_provider_tells(world):
    """At each login anew; those that nobody made are passed over."""
    world.groups.add("release")
    world.groups.add("ops")
    user = world.log_in(groups=("Release", "unknown"))
    assert {"release": "corp"} == world.memberships(user)
    world.log_in(groups=("ops",))
    assert {"ops": "corp"} == world.memberships(user)
    world.log_in(groups=None)
    assert {"ops": "corp"} == world.memberships(user)
    world.log_in(groups=())
    assert {} == world.memberships(user)


def test_groups_are_made_where_that_is_allowed(world):
    """With names that groups can have."""
    names = ("team a", "a/b", "a:b", "..", "x" * 300, "Ops", "ops")
    user = world.log_in(groups=names, create_groups=True)
    assert {"team a": "corp", "ops": "corp"} == world.memberships(user)


def test_memberships_that_an_administrator_made_stay(world):
    """Whatever providers say; also one that a provider had made before."""
    user = world.log_in(groups=("a", "b"), create_groups=True)
    world.groups.add("c")
    for name in ("b", "c"):
        world.groups.set_member(name, ANN, is_member=True)
    world.log_in(groups=("c",))
    assert {"b": "", "c": ""} == world.memberships(user)
    world.log_in(groups=())
    assert {"b": "", "c": ""} == world.memberships(user)


def test_providers_do_not_end_each_other_s_memberships(world):
    """Each speaks for itself."""
    world.accounts.add(ANN, password=PASSWORD)
    link = {"link_by_email": True, "create_groups": True}
    user = world.log_in(groups=("a",), email_verified=True, **link)
    other = Person("https://other", "ann", ANN, email_verified=True, groups=("b",))
    world.identities.log_in(provider(name="other", issuer="https://other", **link), other)
    assert {"a": "corp", "b": "other"} == world.memberships(user)
    world.log_in(groups=(), **link)
    assert {"b": "other"} == world.memberships(user)


def test_the_policy_changes_when_something_does(world):
    """Nobody's grants are read anew for a login that changes nothing."""
    world.log_in(groups=("a",), create_groups=True)
    before = world.versions()
    world.told.clear()
    world.log_in(groups=("a",), create_groups=True)
    world.log_in(groups=("a", "unknown"))
    assert (before, []) == (world.versions(), world.told)
    world.log_in(groups=())
    after = world.versions()
    assert (1, 0) == (
        after[Part.GRANTS] - before[Part.GRANTS],
        after[Part.ACCOUNTS] - before[Part.ACCOUNTS],
    )
    assert ["groups"] == world.told


def test_a_provider_may_name_administrators(world):
    """And what it named, it may take back."""
    user = world.log_in(groups=("Admins",), admin_group="admins")
    assert (True, {"admins": "corp"}) == (user.is_admin, world.memberships(user))
    assert [user.id, "groups"] == world.told
    assert world.log_in(groups=None, admin_group="admins").is_admin
    user = world.log_in(groups=("others",), admin_group="admins")
    assert (False, {}) == (user.is_admin, world.memberships(user))


def test_without_the_setting_nobody_becomes_an_administrator(world):
    """Whatever the group is called."""
    assert not world.log_in(groups=("admins", "admin", "", "corp"), create_groups=True).is_admin


def test_an_administrator_made_here_stays_one(world):
    """The provider takes back only what it has given."""
    world.log_in()
    world.accounts.change(ANN, is_admin=True)
    assert world.log_in(groups=(), admin_group="admins").is_admin


def test_the_last_administrator_stays_one(world):
    """Until there is another one; then what the provider says counts."""
    rules = {"admin_group": "admins"}
    user = world.log_in(groups=("admins",), **rules)
    world.accounts.change("root@example.org", is_admin=False)
    user = world.log_in(groups=(), **rules)
    assert (True, {"admins": "corp"}) == (user.is_admin, world.memberships(user))
    with pytest.raises(AccountError, match="last administrator"):
        world.accounts.change(ANN, disabled=True)
    world.accounts.change("root@example.org", is_admin=True)
    user = world.log_in(groups=(), **rules)
    assert (False, {}) == (user.is_admin, world.memberships(user))

"""Whom claims are about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.gateway.oidc.person import Person, lacks_claims, read_person
from penstock.gateway.provider_settings import ProviderSettings

WHO = {"iss": "https://id.example.org", "sub": "ann-1"}


def provider(groups_claim: str = "groups") -> ProviderSettings:
    return ProviderSettings(
        name="corp", issuer=WHO["iss"], client_id="penstock", groups_claim=groups_claim
    )


def person(**claims: object) -> Person:
    return read_person({**WHO, **claims}, provider())


def test_a_person_is_read_from_claims():
    """Issuer and subject say who they are; the rest is what is told of them."""
    expected = Person(
        WHO["iss"], "ann-1", "Ann@Example.org", email_verified=True, groups=("a", "b")
    )
    told = {"email": " Ann@Example.org ", "email_verified": True, "groups": ["a", "b", "a"]}
    assert (expected, "example.org") == (person(**told), expected.domain)


def test_what_is_not_told_is_not_known():
    """Neither an address, nor whether it is verified, nor groups."""
    nobody = person()
    assert (None, None, None, "") == (
        nobody.email,
        nobody.email_verified,
        nobody.groups,
        nobody.domain,
    )


@pytest.mark.parametrize("email", ["", "  ", None, 1, ["a@b.c"], {"value": "a@b.c"}])
def test_what_is_no_address_is_none(email):
    """Whatever a provider sends instead."""
    assert person(email=email).email is None


@pytest.mark.parametrize(
    ("told", "verified"),
    [
        (True, True),
        ("true", True),
        (None, None),
        (False, False),
        ("false", False),
        (1, False),
        ("yes", False),
        ([], False),
    ],
)
def test_an_address_is_verified_where_the_provider_says_so(told, verified):
    """Some say it in text."""
    assert verified is person(email_verified=told).email_verified


@pytest.mark.parametrize(
    ("told", "groups"),
    [
        ([], ()),
        (None, ()),
        ("a", ("a",)),
        (["/a", "/a/b", " c "], ("a", "a/b", "c")),
        (["a", 1, None, {"name": "b"}, ""], ("a",)),
        ({"a": 1}, ()),
    ],
)
def test_groups_are_names(told, groups):
    """What is no name is passed over; a tree's topmost groups lose their slash."""
    assert groups == person(groups=told).groups


def test_groups_may_stand_in_another_claim():
    """Under its very name, dots and all, or inside another claim."""
    nested = {**WHO, "realm_access": {"roles": ["a"]}}
    assert ("a",) == read_person(nested, provider("realm_access.roles")).groups
    named = {**nested, "realm_access.roles": ["b"], "https://x.example/groups": ["c"]}
    assert ("b",) == read_person(named, provider("realm_access.roles")).groups
    assert ("c",) == read_person(named, provider("https://x.example/groups")).groups
    assert read_person(WHO, provider("realm_access.roles")).groups is None
    assert read_person({**WHO, "realm_access": []}, provider("realm_access.roles")).groups is None


def test_silence_may_mean_no_groups():
    """Providers leave out claims that are empty."""
    assert () == read_person(WHO, provider(), silence_is_none=True).groups
    told = {**WHO, "groups": ["a"]}
    assert ("a",) == read_person(told, provider(), silence_is_none=True).groups


def test_what_the_provider_may_tell_elsewhere_is_missed():
    """Many tell address and groups at their userinfo endpoint alone."""
    full = {**WHO, "email": None, "groups": []}
    assert [True, True, False] == [
        lacks_claims(claims, provider()) for claims in (WHO, {**WHO, "email": "a@b"}, full)
    ]


@given(st.dictionaries(st.text(max_size=8), st.none() | st.text() | st.lists(st.text())))
def test_any_claims_make_a_person(claims):
    """Checked claims have an issuer and a subject, and else anything."""
    read = read_person({**claims, **WHO}, provider("a.b"))
    assert (WHO["iss"], WHO["sub"]) == (read.issuer, read.subject)

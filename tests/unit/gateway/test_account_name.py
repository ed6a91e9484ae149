import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from penstock.errors import AccountError
from penstock.gateway.auth.account_name import MAX_LENGTH, comparison_key, parse_account_name
from penstock.gateway.auth.passwords import check_password


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ann@example.org", "ann@example.org"),
        ("Ann@Example.ORG", "ann@example.org"),
        ("rene\u0301", "ren\u00e9"),
        ("STRASSE", "strasse"),
        ("stra\u00dfe", "strasse"),
        ("\uff41nn", "ann"),
        ("\u2460", "1"),
        ("ann smith", "ann smith"),
        ("ann\u00a0smith", "ann smith"),
        ("\u0130", "i\u0307"),
        ("\u6f22\u5b57", "\u6f22\u5b57"),
    ],
)
def test_names_compare_without_case_and_form(text, key):
    """`text` stays as its owner writes it, but composed."""
    name = parse_account_name(text)
    assert (key, unicodedata.normalize("NFC", text)) == (name.key, name.text)
    assert name.text == str(name)


@pytest.mark.parametrize(
    "text", ["a%2eb", "%2F", "a%zz%41", "a\uff052eb", "\uff0e\uff0e", "..", "."]
)
def test_a_name_that_no_address_can_hold_is_refused(text):
    """`/v1/user/{name}` would be another address once its escapes are read, in any spelling."""
    with pytest.raises(AccountError, match="must not"):
        parse_account_name(text)


@pytest.mark.parametrize("text", ["100%", "a%zz", "50% off"])
def test_a_percent_sign_that_is_no_escape_may_stand_in_a_name(text):
    """Clients escape it like any other sign."""
    assert text == str(parse_account_name(text))


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_refused(text):
    """A name has no colon, nothing invisible and no spaces around it, in no form of it."""
    try:
        name = parse_account_name(text)
    except AccountError:
        return
    for form in (name.text, name.key):
        assert form
        assert ":" not in form
        assert form == form.strip()
        assert len(form) <= MAX_LENGTH
    assert not any(unicodedata.category(sign)[0] == "C" for sign in name.text)
    assert parse_account_name(name.text) == name


@given(st.text(st.characters(codec="ascii", exclude_characters=":/\\"), min_size=1, max_size=30))
def test_case_never_makes_another_name(text):
    """Whoever has a name has it in upper and in lower case."""
    try:
        name = parse_account_name(text)
    except AccountError:
        return
    assert {name.key} == {parse_account_name(form).key for form in (text.upper(), text.lower())}


@given(st.text(max_size=40))
def test_the_key_of_a_key_is_the_key(text):
    """Comparing is stable: a name that looks like a key is compared as one."""
    key = comparison_key(text)
    assume(comparison_key(key) == comparison_key(comparison_key(key)))
    assert comparison_key(text) == comparison_key(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize("text", [".", "..", "a/b", "a\\b", "a\uff0fb", "a\u2024\uff0f"])
def test_names_that_an_address_cannot_hold_are_refused(text):
    """Each account has an address, `/v1/user/{name}`."""
    with pytest.raises(AccountError, match="'/'"):
        parse_account_name(text)


def test_a_refusal_does_not_repeat_the_name():
    """A name may have been typed in place of a password."""
    for text in ("hunter2:", "hunter2\n", " hunter2", "hunter2" * 60):
        with pytest.raises(AccountError) as caught:
            parse_account_name(text)
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("", "at least 10"),
        ("123456789", "at least 10"),
        ("x" * 1025, "at most 1024"),
        ("ann@example.org", "differ"),
        ("ANN@EXAMPLE.ORG", "differ"),
        ("\uff41nn@example.org", "differ"),
        ("half a \ud800 character", "text"),
        ("pst_looks like a token", "begin with"),
    ],
)
def test_bad_passwords_are_refused(password, word):
    """The message names the rule, not the password."""
    with pytest.raises(AccountError, match=word) as caught:
        check_password(password, parse_account_name("Ann@example.org"))
    assert not password or password not in str(caught.value)


@pytest.mark.parametrize("password", ["1234567890", "x" * 1024, "ann@example.org!", "\u6f22" * 10])
def test_other_passwords_are_accepted(password):
    """Length is the rule; what it is made of is the owner's choice."""
    check_password(password, parse_account_name("ann@example.org"))

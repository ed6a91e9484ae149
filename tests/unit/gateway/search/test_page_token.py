"""Tokens that say nothing."""

import base64

import pytest

from penstock.errors import RequestRefused
from penstock.gateway.proxy.search.page_token import PageTokens
from penstock.gateway.secret_key import SecretKey

TOKENS = PageTokens(SecretKey("a" * 32))


def test_a_token_brings_its_state_back():
    """To the same search."""
    token = TOKENS.write([["eyJvZmZzZXQiOiAxMDB9", 3, False]], context="c")
    assert [["eyJvZmZzZXQiOiAxMDB9", 3, False]] == TOKENS.read(token, context="c")


def test_a_token_shows_nothing_of_its_state():
    """MLflow's own hold an offset, which counts what nobody may see."""
    token = TOKENS.write(["offset"], context="c")
    assert b"offset" not in base64.urlsafe_b64decode(token + "==")
    assert token != TOKENS.write(["offset"], context="c")


@pytest.mark.parametrize("token", ["", "x", "é", "=" * 9, "A" * 40, "A" * 100_000, "\u0000"])
def test_what_is_no_token_is_refused(token):
    """With 400, as by MLflow."""
    with pytest.raises(RequestRefused) as caught:
        TOKENS.read(token, context="c")
    assert (400, "INVALID_PARAMETER_VALUE") == (caught.value.status, caught.value.error_code)


def test_a_token_is_good_for_its_own_search_alone():
    """Neither for another subject or search, nor under another key, nor changed."""
    token = TOKENS.write([1], context="c")
    changed = ("B" if token[0] == "A" else "A") + token[1:]
    for tokens, text, context in (
        (TOKENS, token, "d"),
        (PageTokens(SecretKey("b" * 32)), token, "c"),
        (TOKENS, changed, "c"),
    ):
        with pytest.raises(RequestRefused):
            tokens.read(text, context=context)

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import RequestRefused
from penstock.gateway.api.model_filters import ModelFilters
from penstock.gateway.api.model_pages import ModelSearch, Position

SEARCH = ModelSearch(ModelFilters(name="churn"), 10)


@given(st.text(), st.integers(0, 1000))
def test_a_token_leads_back_to_its_position(token, skip):
    """Whatever MLflow's own token is."""
    position = Position(token, skip)
    assert position == SEARCH.read_token(SEARCH.write_token(position))


@pytest.mark.parametrize(
    "other", [ModelSearch(ModelFilters(name="churn"), 11), ModelSearch(ModelFilters(), 10)]
)
def test_a_token_of_another_search_is_refused(other):
    """With another size or other filters."""
    with pytest.raises(RequestRefused) as refusal:
        SEARCH.read_token(other.write_token(Position("a", 1)))
    assert 400 == refusal.value.status


@given(st.text())
def test_a_text_that_is_no_token_is_refused(text):
    """With 400, whatever it holds."""
    with pytest.raises(RequestRefused):
        SEARCH.read_token(text)


@pytest.mark.parametrize("change", [("x", 1), ("", -1), ("", 1001), ("", True), ("", "1"), (1, 1)])
def test_a_token_that_was_changed_is_refused(change):
    """Each part has its type and its bounds."""
    digest = json.loads(base64.urlsafe_b64decode(SEARCH.write_token(Position())))[0]
    parts = ["x" if change[0] == "x" else digest, *change]
    token = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
    with pytest.raises(RequestRefused):
        SEARCH.read_token(token)

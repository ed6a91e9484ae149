"""Arguments of searches that are wrong are the caller's mistake."""

from typing import Any

import pytest

from penstock.errors import RequestRefused
from penstock.gateway.permissions.subject import Subject, UserId
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.routes.runs import ROUTES
from penstock.gateway.proxy.search.arguments import read_arguments

ANN = Subject(UserId(1), "ann@example.org", is_admin=False)
(SEARCH, *_) = [one for one in ROUTES if one.path == "/api/2.0/mlflow/runs/search"]


def searched(name: str, value: object) -> Any:
    """Return an argument of a search by a JSON body, as it is read."""
    call = Call(SEARCH, "POST", SEARCH.path, ANN, document={name: value})
    return read_arguments(call).get(name)


@pytest.mark.parametrize("name", ["view_type", "run_view_type"])
@pytest.mark.parametrize("value", ["ACTIVE_ONLY", "ALL", "2", 3, None])
def test_views_have_names_and_numbers(name, value):
    """As in MLflow's messages; none is the usual one."""
    assert value == searched(name, value)


@pytest.mark.parametrize("name", ["view_type", "run_view_type"])
@pytest.mark.parametrize("value", ["", "all", 0, 4, True, [], {"a": 1}, "x" * 9000])
def test_another_view_is_refused(name, value):
    """Before MLflow is asked, which fails at some of them."""
    with pytest.raises(RequestRefused, match="ACTIVE_ONLY") as caught:
        searched(name, value)
    assert 400 == caught.value.status

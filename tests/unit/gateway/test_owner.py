import json

import pytest

from penstock.errors import RequestRefused
from penstock.gateway.permissions.subject import Subject, UserId
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.rewrites.owner import (
    owned,
    owned_dataset,
    owned_prompt_run,
    owned_run,
)
from penstock.gateway.proxy.routes.runs import ROUTES

(CREATE, *_) = [one for one in ROUTES if one.path == "/api/2.0/mlflow/runs/create"]
ANN = Subject(UserId(1), "Ann@example.org", is_admin=False)
OWNER = {"key": "mlflow.user", "value": "Ann@example.org"}


def call(document):
    return Call(CREATE, "POST", CREATE.path, ANN, document=document)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (None, {"user_id": "Ann@example.org", "tags": [OWNER]}),
        ({"user_id": "ben"}, {"user_id": "Ann@example.org", "tags": [OWNER]}),
        ({"userId": "ben"}, {"user_id": "Ann@example.org", "tags": [OWNER]}),
        (
            {"tags": [{"key": "mlflow.user", "value": "ben"}, {"key": "a", "value": "b"}] * 2},
            {
                "user_id": "Ann@example.org",
                "tags": [{"key": "a", "value": "b"}, {"key": "a", "value": "b"}, OWNER],
            },
        ),
        (
            {"experiment_id": "1", "tags": None, "run_name": "r"},
            {
                "experiment_id": "1",
                "run_name": "r",
                "user_id": "Ann@example.org",
                "tags": [OWNER],
            },
        ),
        (
            {"tags": [{"key": "MLflow.User ", "value": "ben"}]},
            {"user_id": "Ann@example.org", "tags": [OWNER]},
        ),
    ],
)
def test_a_new_run_is_its_maker_s(document, expected):
    """Whatever the body says, in whatever spelling."""
    assert expected == owned_run(call(document))


@pytest.mark.parametrize("tags", ["x", {"key": "mlflow.user"}, [1], [["key", "value"]]])
def test_tags_of_another_form_are_refused(tags):
    """MLflow might read them in a way of its own."""
    with pytest.raises(RequestRefused) as caught:
        owned_run(call({"tags": tags}))
    assert 400 == caught.value.status


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, {}),
        ({"tags": None}, {}),
        ({"tags": [{"key": "mlflow.user", "value": "ben"}]}, {}),
        ({"tags": [OWNER, {"key": "a", "value": "b"}]}, {"tags": [{"key": "a", "value": "b"}]}),
    ],
)
def test_a_run_of_the_prompt_page_brings_no_tag_of_its_own(tags, expected):
    """MLflow fails at any; its maker stands in `user_id` alone."""
    body = {"experiment_id": "1", "user_id": "ben", **tags}
    made = owned_prompt_run(call(body))
    assert {"experiment_id": "1", "user_id": "Ann@example.org", **expected} == made


def test_a_new_logged_model_is_its_maker_s():
    """By the tag that MLflow's pages show; it has no `user_id`."""
    body = {"name": "m", "tags": [{"key": "mlflow.user", "value": "ben"}]}
    assert {"name": "m", "tags": [OWNER]} == owned(call(body))
    assert {"tags": [OWNER]} == owned(call(None))


@pytest.mark.parametrize(
    ("tags", "others"),
    [
        (None, {}),
        ("", {}),
        ("null", {}),
        ('{"a": "b", "mlflow.user": "ben"}', {"a": "b"}),
        ('{"mlflow.user": "ann", "mlflow.user": "ben"}', {}),
    ],
)
def test_a_new_data_set_is_its_maker_s(tags, others):
    """MLflow takes the tag, in a text of JSON, for who made it."""
    made = owned_dataset(call({"name": "d", "tags": tags}))
    assert ("d", {**others, "mlflow.user": "Ann@example.org"}) == (
        made["name"],
        json.loads(made["tags"]),
    )


@pytest.mark.parametrize("tags", ["{", "[]", "1", '"x"', "[" * 100_000, {"a": "b"}])
def test_tags_of_a_data_set_that_are_no_object_are_refused(tags):
    """MLflow would fail at them."""
    with pytest.raises(RequestRefused) as caught:
        owned_dataset(call({"tags": tags}))
    assert 400 == caught.value.status

import pytest

from penstock.errors import RequestRefused
from penstock.gateway.permissions.subject import Subject, UserId
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.rewrites.owner import owned_run
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

"""Callers who leave before their answer: what they have asked for is followed up all the same."""

import threading

import pytest

from gateway.bare import Bare, bare_server
from gateway.grants import grant
from gateway.running import USER, running_gateway
from penstock.gateway.permissions.level import Level
from servers import wait_until

DELETE = ("DELETE", "/api/2.0/mlflow/registered-models/delete", b'{"name": "churn"}')
RENAME = (
    "POST",
    "/api/2.0/mlflow/registered-models/rename",
    b'{"name": "churn", "new_name": "kept"}',
)
CREATE = ("POST", "/api/2.0/mlflow/registered-models/create", b'{"name": "made"}')
ANSWER = b'{"registered_model": {"name": "%s"}}'


@pytest.mark.parametrize(
    ("call", "name", "patterns"),
    [
        (DELETE, b"churn", set()),
        (RENAME, b"kept", {"kept"}),
        (CREATE, b"made", {"churn", "made"}),
    ],
)
def test_grants_follow_also_where_the_caller_has_left(tmp_path, call, name, patterns):
    """Else who deletes and leaves would manage whatever gets the name next."""
    bare, may_answer = Bare(), threading.Event()
    body = ANSWER % name

    def answer_late(_head: bytes, connection) -> None:
        assert may_answer.wait(20)
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        connection.sendall(head + body)

    with bare_server(bare) as address, running_gateway(tmp_path, address.url) as gateway:
        grant(gateway, USER, "registered_model", "churn", Level.MANAGE)
        bare.converse = answer_late
        with gateway.admin.kept_open() as connection:
            headers = {"Content-Type": "application/json"}
            gateway.admin.begin(connection, *call, headers=headers)
            wait_until(lambda: bare.heads, what="the call at MLflow")
        for _ in range(2):  # by then the gateway knows that its caller has left
            assert 200 == gateway.anonymous.call("GET", "/health").status
        may_answer.set()
        gateway.wait_until_idle()
        found = gateway.app.parts.grants.list_grants()
        assert patterns == {one.pattern.text for one in found}

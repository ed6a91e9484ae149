import pytest

WRITE = ("POST", "/api/2.0/mlflow/webhooks")
READ = ("GET", "/api/2.0/mlflow/webhooks")
FOREIGN = [
    "http://evil.example.org",
    "null",
    "",
    "http://",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "https://localhost",
    "file://",
    "http://{authority}.evil.example.org",
    "http://evil.example.org#{authority}",
    "http://{authority}@evil.example.org",
    "http://evil.example.org/{authority}",
    "{authority}",
    "http://[::1",
    "http://{authority} http://evil.example.org",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_write_from_another_origin_is_refused(gateway, recorder, origin):
    """A page of somebody else's must not use the login that a browser keeps."""
    headers = {"Origin": origin.format(authority=gateway.address.authority)}
    for method, path in (WRITE, ("PUT", "/api/2.0/mlflow-artifacts/artifacts/a")):
        assert 403 == gateway.admin.call(method, path, b"{}", headers=headers).status
    assert [] == recorder.seen


@pytest.mark.parametrize("scheme", ["http", "https", "HTTP"])
def test_a_write_from_the_gateway_s_own_pages_passes(gateway, recorder, scheme):
    """Behind a proxy that ends TLS the scheme may differ; host and port count."""
    headers = {"Origin": f"{scheme}://{gateway.address.authority}"}
    assert 200 == gateway.admin.call(*WRITE, b"{}", headers=headers).status
    assert [] == recorder.one().all(b"origin")


def test_a_write_without_an_origin_passes(gateway, recorder):
    """Programs send none."""
    assert 200 == gateway.admin.call(*WRITE, b"{}").status
    assert [] == recorder.one().all(b"origin")


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_read_from_another_origin_passes(gateway, recorder, origin):
    """The browser does not show its answer to the foreign page; MLflow does not see the origin."""
    assert 200 == gateway.admin.call(*READ, headers={"Origin": origin}).status
    assert [] == recorder.one().all(b"origin")


def test_one_of_two_origins_that_is_foreign_is_refused(gateway, recorder):
    """Two origins are one too many."""
    own, evil = f"http://{gateway.address.authority}", "http://evil.example.org"
    for pair in ((own, evil), (evil, own)):
        headers = [("Origin", origin) for origin in pair]
        assert 403 == gateway.admin.call(*WRITE, b"{}", headers=headers).status
    assert [] == recorder.seen


def test_the_gateway_s_own_writes_are_guarded_too(gateway):
    """An administrator's browser must not make accounts for a foreign page."""
    headers = {"Origin": "http://evil.example.org", "Content-Type": "text/plain"}
    answer = gateway.admin.call("POST", "/v1/user", b"{}", headers=headers)
    assert (403, b"origin") == (answer.status, answer.body[answer.body.find(b"origin") :][:6])


def test_no_origin_is_granted_anything(gateway, recorder):
    """A foreign page's question before a write is not answered with a grant."""
    recorder.answer_with(200, b"", [(b"access-control-allow-origin", b"*")])
    headers = {"Origin": "http://evil.example.org", "Access-Control-Request-Method": "POST"}
    for method in ("OPTIONS", "GET"):
        answer = gateway.admin.call(method, WRITE[1], headers=headers)
        assert [] == [name for name, _ in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("origin", FOREIGN)
def test_without_an_origin_the_referer_is_judged(gateway, recorder, origin):
    """An old browser may send only where the page came from."""
    referer = origin.format(authority=gateway.address.authority)
    assert 403 == gateway.admin.call(*WRITE, b"{}", headers={"Referer": referer}).status
    assert [] == recorder.seen


def test_a_referer_of_the_gateway_itself_passes(gateway, recorder):
    """MLflow's own pages write, too."""
    referer = f"http://{gateway.address.authority}/#/experiments/1"
    assert 200 == gateway.admin.call(*WRITE, b"{}", headers={"Referer": referer}).status
    assert [] == recorder.one().all(b"referer")

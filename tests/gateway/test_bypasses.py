"""Ways around grants that have worked elsewhere; none reaches MLflow about another's things."""

import gzip
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from gateway.grants import caller, grant, granting_gateway, restore_grants
from gateway.running import Gateway
from gateway.tiny_mlflow import CALLER, GRANTED, SECRET, TinyMlflow, tiny_mlflow
from gateway.wire import Answer, exchange, head, status
from penstock.gateway.permissions.level import Level

API = "/api/2.0/mlflow"
V3 = "/api/3.0/mlflow"
STORE = "/api/2.0/mlflow-artifacts"
MINE, THEIRS = GRANTED["run"], SECRET["run"]


@pytest.fixture(scope="module")
def mlflow() -> TinyMlflow:
    return TinyMlflow()


@pytest.fixture(scope="module")
def running(mlflow: TinyMlflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("bypasses")
    with (
        tiny_mlflow(mlflow) as address,
        granting_gateway(folder, address.url, experiment="1", model="model-1") as gateway,
    ):
        yield gateway


@pytest.fixture
def granting(running: Gateway, mlflow: TinyMlflow) -> Gateway:
    restore_grants(running, experiment="1", model="model-1")
    mlflow.reset()
    return running


def ask(
    gateway: Gateway,
    method: str,
    target: str,
    body: object = None,
    *,
    held: str = "MANAGE",
    **headers: str,
) -> Answer:
    """Call as the user of a level on the first experiment."""
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    sent = {"user-agent": CALLER, "content-type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return caller(gateway, held).call(method, target, content, headers=sent)


WRONG_IDS = [
    "01",
    "+1",
    " 1",
    "1 ",
    "1.0",
    "1e0",
    "0x1",
    "1_0",
    "\u0661",
    "\uff11",
    "..",
    "../1",
    "1/../2",
]


@pytest.mark.parametrize("experiment", WRONG_IDS)
def test_another_spelling_of_an_id_is_no_experiment(granting, mlflow, experiment):
    """MLflow makes a number of it; a grant on 1 says nothing about what looks like 1."""
    query = quote(experiment, safe="")
    answers = [
        ask(granting, "GET", f"{API}/experiments/get?experiment_id={query}"),
        ask(granting, "POST", f"{API}/experiments/delete", {"experiment_id": experiment}),
        ask(granting, "POST", f"{API}/runs/create", {"experimentId": experiment}),
    ]
    assert [404] * 3 == [answer.status for answer in answers]
    assert f"No Experiment with id={experiment} exists" == json.loads(answers[0].body)["message"]
    assert [] == mlflow.calls


@pytest.mark.parametrize("wrong", [1, 1.5, True, ["1"], {"a": 1}])
def test_an_id_that_is_no_text_is_refused(granting, mlflow, wrong):
    """MLflow would leave the field out, and take the default experiment."""
    assert 400 == ask(granting, "POST", f"{API}/runs/create", {"experiment_id": wrong}).status
    assert 400 == ask(granting, "POST", f"{API}/runs/log-batch", {"run_id": wrong}).status
    assert [] == mlflow.calls


def test_a_call_that_names_no_experiment_is_about_the_default_one(granting, mlflow):
    """A run without an experiment goes to experiment 0, which is not granted."""
    for body in ({}, {"experiment_id": ""}, {"experiment_id": None}):
        assert 404 == ask(granting, "POST", f"{API}/runs/create", body).status
        assert 404 == ask(granting, "POST", f"{API}/traces", body).status
    assert [] == mlflow.calls


BODIES = [
    f'{{"run_id": "{MINE}", "runId": "{THEIRS}"}}',
    f'{{"runId": "{THEIRS}", "run_id": "{MINE}"}}',
    f'{{"run_id": "{MINE}", "run_id": "{THEIRS}"}}',
    f'{{"run_id": "{MINE}", "run_uuid": "{THEIRS}"}}',
    f'{{"run_uuid": "{MINE}", "run_id": "{THEIRS}"}}',
    f'{{"run_id": "{MINE}", "runUuid": "{THEIRS}"}}',
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("call", ["runs/set-tag", "runs/delete", "runs/log-metric", "runs/update"])
def test_a_body_that_names_two_runs_is_refused(granting, mlflow, call, body):
    """In two spellings, twice, or by the older name of the field."""
    assert 400 == ask(granting, "POST", f"{API}/{call}", body.encode()).status
    assert [] == mlflow.calls


@pytest.mark.parametrize("call", ["runs/set-tag", "runs/update", "runs/log-parameter"])
@pytest.mark.parametrize("name", ["run_id", "runId", "run_uuid", "runUuid"])
def test_every_spelling_of_a_field_is_judged(granting, mlflow, call, name):
    """One spelling by itself is read as MLflow reads it."""
    assert 404 == ask(granting, "POST", f"{API}/{call}", {name: THEIRS, "key": "k"}).status
    assert [] == mlflow.calls
    assert 200 == ask(granting, "POST", f"{API}/{call}", {name: MINE, "key": "k"}).status


@pytest.mark.parametrize(
    "query",
    [
        f"run_id={MINE}&run_id={THEIRS}",
        f"run_id={MINE}&run_uuid={THEIRS}",
        f"run_uuid={THEIRS}&run_id={MINE}",
        f"run_id=&run_uuid={MINE}&run_uuid={THEIRS}",
    ],
)
@pytest.mark.parametrize(
    "path",
    [f"{API}/runs/get", f"{API}/artifacts/list", "/get-artifact", f"{API}/metrics/get-history"],
)
def test_a_query_that_names_two_runs_is_refused(granting, mlflow, path, query):
    """MLflow takes the first of a repeated argument; others take the last."""
    assert 400 == ask(granting, "GET", f"{path}?{query}&path=f&metric_key=m").status
    assert [] == mlflow.calls


def test_a_query_in_camel_case_names_nothing(granting, mlflow):
    """MLflow reads snake case alone from a query."""
    assert 400 == ask(granting, "GET", f"{API}/runs/get?runId={MINE}").status
    assert [] == mlflow.calls


def test_a_get_with_a_body_is_refused(granting, mlflow):
    """MLflow reads the body of a GET without a query."""
    body = {"run_id": THEIRS}
    for target in (f"{API}/runs/get", f"{API}/runs/get?run_id={MINE}", f"{V3}/scorers/list"):
        assert 400 == ask(granting, "GET", target, body).status
        assert 400 == ask(granting, "HEAD", target, body).status
    assert [] == mlflow.calls


def test_a_delete_is_judged_by_its_body(granting, mlflow):
    """MLflow ignores the query of a DELETE."""
    path = f"{API}/registered-models/delete"
    answer = ask(granting, "DELETE", f"{path}?name=model-1", {"name": "model-2"})
    assert (404, []) == (answer.status, mlflow.calls)
    assert 400 == ask(granting, "DELETE", f"{path}?name=model-1").status
    assert 200 == ask(granting, "DELETE", f"{path}?name=model-2", {"name": "model-1"}).status


MY_ROOT, THEIR_ROOT = f"1/{MINE}/artifacts", f"2/{THEIRS}/artifacts"
PATHS = [
    "",
    "1",
    "2",
    f"1/{MINE}",
    THEIR_ROOT,
    f"1/{THEIRS}/artifacts/f",
    f"2/{MINE}/artifacts/f",
    f"file:1/{MINE}/artifacts/f",
    f"file:{THEIR_ROOT}/f",
    f"FILE:{THEIR_ROOT}",
    f"01/{MINE}/artifacts/f",
    f"1/{MINE}/artifactsx/f",
    f"1/{MINE}/other/artifacts/f",
    f"1/models/{GRANTED['model']}/f",
    f"1/traces/{SECRET['trace']}/artifacts/f",
    f"workspaces/w/{MY_ROOT}",
    f" {MY_ROOT}",
    f"{MY_ROOT}/../../../{THEIR_ROOT}",
    f"{MY_ROOT}/%2e%2e/%2e%2e/%2e%2e/{THEIR_ROOT}",
    f"{MY_ROOT}/%252e%252e/f",
    f"{MY_ROOT}/..%2f..%2f..%2f2/f",
    f"{MY_ROOT}/..%252f..%252f2/f",
    f"{MY_ROOT}/..\\..\\2",
    f"{MY_ROOT}/./f",
    f"{MY_ROOT}//f",
    f"/{MY_ROOT}/f",
    f"{MY_ROOT}/a%00b",
    f"{MY_ROOT}/a#b",
    "mlflow-artifacts:/" + MY_ROOT,
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_outside_one_s_own_roots_is_refused(granting, mlflow, path):
    """Listed by `path`, or put into the address: only what lies below a root that is granted."""
    listed = ask(granting, "GET", f"{STORE}/artifacts?path={quote(path, safe='')}")
    assert listed.status in {400, 404}, path
    for method, kind in [("GET", "artifacts"), ("PUT", "artifacts"), ("DELETE", "artifacts")]:
        once = quote(path, safe="/%:")
        if path:
            answer = ask(
                granting, method, f"{STORE}/{kind}/{once}", b"x" if method == "PUT" else None
            )
            assert answer.status in {400, 404}, (method, path)
    assert [] == mlflow.calls


@pytest.mark.parametrize("times", [1, 2, 5])
def test_an_encoded_path_is_judged_decoded(granting, mlflow, times):
    """MLflow decodes a path up to ten times."""
    for root, expected in ((MY_ROOT, 200), (THEIR_ROOT, 404)):
        path = root.replace("a", "%61").replace("c", "%63")
        for _ in range(times - 1):
            path = path.replace("%", "%25")
        assert expected == ask(granting, "GET", f"{STORE}/artifacts/{path}/f").status
    assert 1 == len(mlflow.calls)


def test_a_part_s_name_cannot_leave_its_folder(granting, mlflow):
    """The body of a multipart upload names a file once more."""
    for name in ("..", ".", "a/..", "a/", "a\\.."):
        answer = ask(granting, "POST", f"{STORE}/mpu/create/{MY_ROOT}", {"path": name})
        assert 400 == answer.status
    assert [] == mlflow.calls


BATCHES = [
    ("runs/log-metric", {"run_id": MINE, "model_id": SECRET["model"]}),
    ("runs/log-batch", {"run_id": MINE, "metrics": [{}, {"model_id": SECRET["model"]}]}),
    ("runs/log-batch", {"run_id": MINE, "metrics": [{}, {"modelId": SECRET["model"]}]}),
    ("runs/log-batch", {"run_id": MINE, "metrics": [{"run_id": THEIRS}]}),
    ("runs/log-inputs", {"run_id": MINE, "models": [{"model_id": SECRET["model"]}]}),
    (
        "runs/outputs",
        {"run_id": MINE, "models": [{"modelId": GRANTED["model"]}, {"modelId": SECRET["model"]}]},
    ),
    ("logged-models", {"experiment_id": "1", "source_run_id": THEIRS}),
    ("traces/link-to-run", {"run_id": MINE, "trace_ids": [GRANTED["trace"], SECRET["trace"]]}),
    ("traces/link-to-run", {"run_id": THEIRS, "trace_ids": [GRANTED["trace"]]}),
    (
        "traces/link-prompts",
        {"trace_id": GRANTED["trace"], "prompt_versions": [{"name": "model-2", "version": "1"}]},
    ),
    ("experiments/search-datasets", {"experiment_ids": ["1", "2"]}),
    ("artifacts/presigned-upload-url", {"model_id": SECRET["model"], "path": "f"}),
]


@pytest.mark.parametrize(("call", "body"), BATCHES)
def test_every_id_of_a_body_is_judged(granting, mlflow, call, body):
    """Not only the first, and not only the one that the call is about."""
    root = "/ajax-api/2.0/mlflow" if "search-datasets" in call else API
    assert 404 == ask(granting, "POST", f"{root}/{call}", body).status
    assert [] == mlflow.calls


LATER = [
    ("POST", "traces/batchGetInfos", {"trace_ids": [GRANTED["trace"], SECRET["trace"]]}),
    ("GET", f"traces/batchGet?trace_ids={GRANTED['trace']}&trace_ids={SECRET['trace']}", None),
    ("POST", "traces/metrics", {"experiment_ids": ["1", "2"]}),
    ("POST", "datasets/create", {"name": "d", "experiment_ids": ["1", "2"]}),
    ("POST", f"datasets/{GRANTED['dataset']}/add-experiments", {"experiment_ids": ["2"]}),
    ("POST", f"datasets/{GRANTED['dataset']}/remove-experiments", {"experiment_ids": ["2"]}),
    ("POST", "issues", {"experiment_id": "1", "name": "n", "source_run_id": THEIRS}),
    (
        "POST",
        "review-queues/items/add",
        {"queue_id": GRANTED["queue"], "item_ids": [SECRET["trace"]]},
    ),
    ("GET", f"review-queues/list?experiment_id=1&item_id={SECRET['trace']}", None),
    ("GET", "scorers/list?experiment_ids=1&experiment_ids=2", None),
    (
        "GET",
        f"scorers/online-configs?scorer_ids={GRANTED['scorer']}&scorer_ids={SECRET['scorer']}",
        None,
    ),
]


@pytest.mark.parametrize(("method", "call", "body"), LATER)
def test_every_id_of_a_later_call_is_judged(granting, mlflow, method, call, body):
    """The third version of the API, too."""
    assert 404 == ask(granting, method, f"{V3}/{call}", body).status
    assert [] == mlflow.calls


ADMINISTRATORS = [
    (f"{API}/experiments/create", {"name": "n", "artifact_location": "mlflow-artifacts:/2"}),
    (f"{V3}/issues/search", {}),
    (f"{V3}/datasets/create", {"name": "d"}),
    (
        f"{V3}/scorers/register",
        {"experiment_id": "1", "name": "s", "serialized_scorer": '{"model": "gateway:/e"}'},
    ),
    (f"{API}/model-versions/create", {"name": "model-1", "source": "models://other/model-1/1"}),
]


@pytest.mark.parametrize(("path", "body"), ADMINISTRATORS)
def test_what_goes_beyond_one_s_own_is_for_administrators(granting, mlflow, path, body):
    """A place of one's own for files, all experiments at once, another registry."""
    answer = ask(granting, "POST", path, body)
    assert (403, []) == (answer.status, mlflow.calls)
    assert 403 == ask(granting, "GET", f"{V3}/scorers/list").status
    assert 200 == ask(granting, "POST", path, body, held="ADMINISTRATOR").status


SOURCES = [
    {"source": f"runs:/{THEIRS}/model", "run_id": THEIRS},
    {"source": f"runs:/{THEIRS}/model", "run_id": MINE},
    {"source": f"runs:/{MINE}/model", "run_id": THEIRS},
    {"source": "models:/model-2/1"},
    {"source": "models:/model-2@first"},
    {"source": "models:/model-2/Production"},
    {"source": "MODELS:/model-2/1"},
    {"source": f"models:/{SECRET['model']}", "model_id": SECRET["model"]},
    {"source": f"mlflow-artifacts:/{THEIR_ROOT}/model", "run_id": MINE},
    {"source": f"mlflow-artifacts:/{MY_ROOT}/../../../{THEIR_ROOT}", "run_id": MINE},
    {"source": f"http://h/api/2.0/mlflow-artifacts/artifacts/{THEIR_ROOT}/m", "run_id": MINE},
    {"source": "s3://bucket/model"},
    {"source": "/etc/passwd", "run_id": MINE},
    {"source": f"file:///data/{MY_ROOT}", "run_id": MINE},
    {"source": "dummy-source"},
    {"source": "x", "modelId": SECRET["model"]},
]


@pytest.mark.parametrize("body", SOURCES)
def test_a_version_is_made_of_what_one_may_read(granting, mlflow, body):
    """Otherwise a version of one's own would open another's files."""
    answer = ask(granting, "POST", f"{API}/model-versions/create", {"name": "model-1", **body})
    assert (404, []) == (answer.status, mlflow.calls)


READABLE = [
    {"source": f"runs:/{MINE}/model", "run_id": MINE},
    {"source": f"mlflow-artifacts:/{MY_ROOT}/model", "run_id": MINE},
    {"source": f"http://h/api/2.0/mlflow-artifacts/artifacts/{MY_ROOT}/model", "run_id": MINE},
    {"source": f"models:/{GRANTED['model']}", "model_id": GRANTED["model"]},
    {"source": f"mlflow-artifacts:/1/models/{GRANTED['model']}/artifacts"},
    {"source": "models:/model-1/3"},
    {"source": "dummy-source", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]},
]


@pytest.mark.parametrize("body", READABLE)
def test_a_version_of_one_s_own_is_made(granting, mlflow, body):
    """Of a run, a logged model, a file below their roots, or another version."""
    answer = ask(granting, "POST", f"{API}/model-versions/create", {"name": "model-1", **body})
    assert (200, 1) == (answer.status, len(mlflow.calls))


def started(trace_id: str, experiment: str = "1", **more: object) -> dict[str, object]:
    """Return the body that starts a trace."""
    place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}
    return {"trace": {"trace_info": {"trace_id": trace_id, "trace_location": place, **more}}}


NEW_TRACE = "tr-" + "9" * 32


def test_a_trace_is_not_added_to_another_s(granting, mlflow):
    """MLflow merges into a trace of the id that there is, in whichever experiment."""
    path = f"{V3}/traces"
    assert 404 == ask(granting, "POST", path, started(SECRET["trace"])).status
    assert 404 == ask(granting, "POST", path, started(NEW_TRACE, "2")).status
    assert 404 == ask(granting, "POST", path, {"trace": {"trace_info": {"trace_id": "x"}}}).status
    assert [] == mlflow.calls
    assert 200 == ask(granting, "POST", path, started(NEW_TRACE)).status


@pytest.mark.parametrize(
    "key", ["mlflow.artifactLocation", "MLFLOW.artifactlocation", " mlflow.artifactLocation"]
)
def test_a_trace_s_files_cannot_be_moved_to_another_s(granting, mlflow, key):
    """MLflow opens a trace's files where its tag says."""
    there = f"mlflow-artifacts:/{THEIR_ROOT}"
    trace = GRANTED["trace"]
    calls = [
        ("PATCH", f"{V3}/traces/{trace}/tags", {"key": key, "value": there}),
        ("PATCH", f"{API}/traces/{trace}/tags", {"key": key, "value": there}),
        ("POST", f"{V3}/traces", started(NEW_TRACE, tags={key: there})),
        ("POST", f"{API}/traces", {"experiment_id": "1", "tags": [{"key": key, "value": there}]}),
        ("PATCH", f"{API}/traces/{trace}", {"tags": [{"key": key, "value": "file:///etc"}]}),
    ]
    assert [404] * 5 == [ask(granting, *one).status for one in calls]
    archive = {"tags": {"mlflow.trace.archiveLocation": "file:///etc"}}
    assert 403 == ask(granting, "POST", f"{V3}/traces", started(NEW_TRACE, **archive)).status
    assert [] == mlflow.calls


def spans(*trace_ids: str, **attributes: str) -> dict[str, object]:
    """Return an export of one span in each trace."""
    pairs = [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]
    made = [{"traceId": one, "spanId": "ff", "name": "s", "attributes": pairs} for one in trace_ids]
    return {"resourceSpans": [{"scopeSpans": [{"spans": made}]}]}


def field(number: int, content: bytes) -> bytes:
    """Return a field of a Protocol Buffer."""
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def export(trace_id: str, *, attribute: str = "a") -> bytes:
    """Return an export of one span as a Protocol Buffer."""
    attributes = field(9, field(1, attribute.encode()))
    return field(1, field(2, field(2, field(1, bytes.fromhex(trace_id)) + attributes)))


def test_spans_are_not_added_to_another_s_trace(granting, mlflow):
    """By OpenTelemetry's protocol, in both of its forms, packed or not."""
    mine, theirs = GRANTED["otel_trace"], SECRET["otel_trace"]
    protobuf = {"content_type": "application/x-protobuf", "x_mlflow_experiment_id": "1"}
    packed = {**protobuf, "content_encoding": "gzip"}
    here = {"x_mlflow_experiment_id": "1"}
    refused = [
        (spans(mine, theirs), here),
        (spans(mine), {"x_mlflow_experiment_id": "2"}),
        (spans(mine), {**here, "x_mlflow_run_id": THEIRS}),
        (export(theirs), protobuf),
        (export(mine) + export(theirs), protobuf),
        (gzip.compress(export(mine)) + gzip.compress(export(theirs)), packed),
    ]
    for body, headers in refused:
        assert 404 == ask(granting, "POST", "/v1/traces", body, **headers).status, body
    moved = {"mlflow.traceTag.mlflow.artifactLocation": "file:///etc"}
    attribute = "mlflow.traceTag.mlflow.artifactLocation"
    assert 403 == ask(granting, "POST", "/v1/traces", spans(mine, **moved), **here).status
    body = export(mine[:8], attribute=attribute)
    assert 403 == ask(granting, "POST", "/v1/traces", body, **protobuf).status
    assert [] == mlflow.calls
    assert 200 == ask(granting, "POST", "/v1/traces", export(mine), **protobuf).status
    assert 200 == ask(granting, "POST", "/v1/traces", gzip.compress(export(mine)), **packed).status


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (spans("ff"), {}),
        (b"\xff\xff", {"content_type": "application/x-protobuf"}),
        (b"\x0b\x0c", {"content_type": "application/x-protobuf"}),
        (b"x", {"content_type": "application/x-protobuf", "content_encoding": "gzip"}),
        ({"resource_spans": []}, {}),
        ({"resourceSpans": [{"scope_spans": []}]}, {}),
        (spans("zz"), {"x_mlflow_experiment_id": "1"}),
    ],
)
def test_an_unclear_export_is_refused(granting, mlflow, body, headers):
    """Without an experiment, malformed, or in names that MLflow decodes otherwise."""
    sent = headers if body == spans("ff") else {"x_mlflow_experiment_id": "1", **headers}
    assert 400 == ask(granting, "POST", "/v1/traces", body, **sent).status
    assert [] == mlflow.calls


def test_a_logged_model_s_body_names_the_model_of_the_path(granting, mlflow):
    """MLflow finishes the model that the body names."""
    path = f"{API}/logged-models/{GRANTED['model']}"
    assert 400 == ask(granting, "PATCH", path, {"model_id": SECRET["model"], "status": 2}).status
    assert [] == mlflow.calls


QUERY = "query($in: MlflowGetRunInput!) { mlflowGetRun(input: $in) { run { info { runId } } } }"
THEIR_INPUT = {"in": {"runId": THEIRS}}
GRAPHQL = {
    "another's run": (404, {"query": QUERY, "variables": THEIR_INPUT}),
    "a literal": (
        404,
        {"query": f'{{ mlflowGetRun(input: {{runId: "{THEIRS}"}}) {{ __typename }} }}'},
    ),
    "an escaped literal": (
        404,
        {"query": f'{{ mlflowGetRun(input: {{runId: "\\u0063{THEIRS[1:]}"}}) {{ __typename }} }}'},
    ),
    "the older name": (404, {"query": QUERY, "variables": {"in": {"runUuid": THEIRS}}}),
    "two names": (400, {"query": QUERY, "variables": {"in": {"runId": MINE, "runUuid": THEIRS}}}),
    "a default": (
        404,
        {
            "query": f'query($r: String = "{THEIRS}") '
            "{ mlflowGetRun(input: {runId: $r}) { __typename } }"
        },
    ),
    "one of several": (
        404,
        {
            "query": "query($a: A, $b: A) { mlflowGetExperiment(input: $a) { __typename } "
            "mlflowGetRun(input: $b) { __typename } }",
            "variables": {"a": {"experimentId": "1"}, "b": {"runId": THEIRS}},
        },
    ),
    "several runs": (
        404,
        {
            "query": "query($in: A) "
            "{ mlflowGetMetricHistoryBulkInterval(input: $in) { __typename } }",
            "variables": {"in": {"runIds": [MINE, THEIRS]}},
        },
    ),
    "a search": (
        404,
        {
            "query": "mutation($in: A) { mlflowSearchRuns(input: $in) { __typename } }",
            "variables": {"in": {"experimentIds": ["1", "2"]}},
        },
    ),
    "nothing": (400, {"query": "{ mlflowGetExperiment(input: {}) { __typename } }"}),
    "an unknown field": (403, {"query": "{ mlflowSearchModelVersions(input: {}) { __typename } }"}),
    "introspection": (403, {"query": "{ __schema { types { name } } }"}),
    "an alias": (
        403,
        {"query": QUERY.replace("mlflowGetRun(", "a: mlflowGetRun("), "variables": THEIR_INPUT},
    ),
    "an inner alias": (
        403,
        {"query": QUERY.replace("info {", "a: info {"), "variables": {"in": {"runId": MINE}}},
    ),
    "a fragment": (
        403,
        {"query": "{ ...f } fragment f on Query { mlflowGetRun(input: {}) { __typename } }"},
    ),
    "an inline fragment": (403, {"query": "{ ... { mlflowGetRun(input: {}) { __typename } } }"}),
    "two operations": (403, {"query": "query a { __typename } query b { __typename }"}),
    "no GraphQL": (400, {"query": "{"}),
    "no query": (400, {"variables": {}}),
}


@pytest.mark.parametrize(("expected", "body"), GRAPHQL.values(), ids=GRAPHQL)
def test_graphql_is_judged_field_by_field(granting, mlflow, expected, body):
    """What is not known is for administrators."""
    answer = ask(granting, "POST", "/graphql", body)
    assert (expected, []) == (answer.status, mlflow.calls), answer


def test_graphql_has_no_batches(granting, mlflow):
    """A list of queries would be several calls in one."""
    assert 400 == ask(granting, "POST", "/graphql", b'[{"query": "{ __typename }"}]').status
    assert [] == mlflow.calls


def test_versions_of_another_s_models_are_left_out_of_a_run(granting, mlflow):
    """GraphQL mixes the registered models of a run into the run."""
    versions = [{"name": "model-1", "version": "1"}, {"name": "model-2", "version": "7"}, {}]
    mlflow.answer = {"data": {"mlflowGetRun": {"run": {"modelVersions": versions}}}, "errors": None}
    query = "query($in: A) { mlflowGetRun(input: $in) { run { modelVersions { name version } } } }"
    body = {"query": query, "variables": {"in": {"runId": MINE}}}
    answer = json.loads(ask(granting, "POST", "/graphql", body).body)
    assert versions[:1] == answer["data"]["mlflowGetRun"]["run"]["modelVersions"]
    everything = json.loads(ask(granting, "POST", "/graphql", body, held="ADMINISTRATOR").body)
    assert versions == everything["data"]["mlflowGetRun"]["run"]["modelVersions"]


def test_a_rename_takes_manage_on_what_is_renamed(granting, mlflow):
    """However much the caller holds on the new name."""
    grant(granting, "edit@example.org", "experiment", "mine/*", Level.MANAGE)
    grant(granting, "edit@example.org", "registered_model", "mine.*", Level.MANAGE)
    calls = [
        ("experiments/update", {"experiment_id": "1", "new_name": "mine/x"}),
        ("registered-models/rename", {"name": "model-1", "new_name": "mine.x"}),
    ]
    for call, body in calls:
        assert 403 == ask(granting, "POST", f"{API}/{call}", body, held="EDIT").status
    theirs = {"experiment_id": "2", "new_name": "mine/x"}
    assert 404 == ask(granting, "POST", f"{API}/experiments/update", theirs).status
    assert [] == mlflow.calls


def test_a_deleted_model_takes_its_grants_along(granting):
    """Who makes it anew is its only manager."""
    deleted = ask(granting, "DELETE", f"{API}/registered-models/delete", {"name": "model-1"})
    assert 200 == deleted.status
    made = ask(
        granting, "POST", f"{API}/registered-models/create", {"name": "model-1"}, held="NONE"
    )
    assert 200 == made.status
    target = f"{API}/registered-models/get?name=model-1"
    found = {
        held: ask(granting, "GET", target, held=held).status for held in ("NONE", "READ", "MANAGE")
    }
    assert {"NONE": 200, "READ": 404, "MANAGE": 404} == found


CREATIONS = [
    ("experiments/create", {}, "name", ["*", "experiment-*", "team-b/*", "id:2", "id:", "id:x"]),
    ("registered-models/create", {}, "name", ["*", "model-*", "team-b%2F*", "team-b.*"]),
    ("experiments/update", {"experiment_id": "1"}, "new_name", ["*", "experiment-*", "id:2"]),
    ("registered-models/rename", {"name": "model-1"}, "new_name", ["*", "model-*"]),
]
NAMES_LIKE_PATTERNS = [
    (call, {**body, field: name}) for call, body, field, names in CREATIONS for name in names
]


@pytest.mark.parametrize("held", ["MANAGE", "ADMINISTRATOR"])
@pytest.mark.parametrize(
    ("call", "body"),
    NAMES_LIKE_PATTERNS,
    ids=[f"{call} {body}" for call, body in NAMES_LIKE_PATTERNS],
)
def test_nothing_gets_a_name_that_is_a_pattern(granting, mlflow, call, body, held):
    """The grant of its maker would be one on all that the pattern matches."""
    grant(granting, "none@example.org", "experiment", "team-b/*", Level.READ)
    before = granting.app.parts.grants.list_grants()
    answer = ask(granting, "POST", f"{API}/{call}", body, held=held)
    assert 400 == answer.status, answer.body
    assert "INVALID_PARAMETER_VALUE" == json.loads(answer.body)["error_code"]
    assert ([], before) == (mlflow.calls, granting.app.parts.grants.list_grants())


def test_who_makes_a_star_manages_nothing_else(granting):
    """Neither another experiment nor another registered model."""
    for path in ("experiments/create", "registered-models/create"):
        ask(granting, "POST", f"{API}/{path}", {"name": "*"}, held="NONE")
    for target in ("experiments/get?experiment_id=2", "registered-models/get?name=model-2"):
        assert 404 == ask(granting, "GET", f"{API}/{target}", held="NONE").status


def test_an_encoded_name_is_no_way_onto_another_s_grants(granting):
    """Only `/` and `:` are decoded for grants; another encoding is another name."""
    made = ask(
        granting, "POST", f"{API}/registered-models/create", {"name": "model%2D2"}, held="NONE"
    )
    assert 200 == made.status
    target = f"{API}/registered-models/get?name=model-2"
    assert 404 == ask(granting, "GET", target, held="NONE").status


@pytest.mark.parametrize(
    "name",
    [
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "X-Original-URL",
        "X-Rewrite-URL",
    ],
)
def test_a_header_changes_neither_method_nor_path(granting, mlflow, name):
    """The call that was judged is the call that goes on."""
    headers = {name: "DELETE" if "Method" in name else f"{API}/runs/delete"}
    assert (
        200 == ask(granting, "GET", f"{API}/runs/get?run_id={MINE}", held="READ", **headers).status
    )
    assert ("GET", f"{API}/runs/get?run_id={MINE}", b"") == mlflow.calls[0]


@pytest.mark.parametrize("name", ["email", "X-Forwarded-User", "Remote-User", "X-MLflow-User"])
def test_a_header_is_no_identity(granting, mlflow, name):
    """Only a proof says who calls."""
    headers = {name: "manage@example.org"}
    answer = ask(granting, "GET", f"{API}/runs/get?run_id={MINE}", held="NONE", **headers)
    assert answer.status in {401, 404}
    assert [] == mlflow.calls


def test_two_proofs_are_none(granting, mlflow):
    """Whichever of them would be taken."""
    target = f"{API}/runs/get?run_id={MINE}"
    proofs = [("Authorization", caller(granting, one).authorization) for one in ("MANAGE", "NONE")]
    for order in (proofs, proofs[::-1]):
        request = head("GET", target, ("Host", "h"), ("Connection", "close"), *order)
        assert status(exchange(granting.address, request)) in {400, 401}
    assert [] == mlflow.calls


@pytest.mark.parametrize(
    "target",
    [
        f"http://127.0.0.1{API}/runs/get?run_id={THEIRS}",
        f"{API}/runs/get/?run_id={THEIRS}",
        f"{API}/Runs/Get?run_id={THEIRS}",
        f"/API/2.0/mlflow/runs/get?run_id={THEIRS}",
        f"{API}/runs/get;x=1?run_id={THEIRS}",
        f"{API}/runs/%67et?run_id={THEIRS}",
        f"{API}//runs/get?run_id={THEIRS}",
        f"/version/..{API}/runs/get?run_id={THEIRS}",
    ],
)
def test_another_spelling_of_an_address_is_refused(granting, mlflow, target):
    """Absolute targets, slashes, other case and dot segments."""
    proof = ("Authorization", caller(granting, "MANAGE").authorization)
    request = head("GET", target, ("Host", "h"), ("Connection", "close"), proof)
    assert status(exchange(granting.address, request)) in {400, 404}
    assert [] == mlflow.calls


def test_a_call_about_too_much_is_refused(granting, mlflow):
    """One call cannot make the gateway ask MLflow without end."""
    runs = "&".join(f"run_id={number:032x}" for number in range(500))
    metrics = [{"model_id": f"m-{number:032x}"} for number in range(2500)]
    body = {"run_id": MINE, "metrics": metrics}
    assert 400 == ask(granting, "POST", f"{API}/runs/log-batch", body).status
    target = f"/ajax-api/2.0/mlflow/metrics/get-history-bulk?metric_key=m&{runs}"
    assert 404 == ask(granting, "GET", target).status
    assert len(mlflow.questions) < 110
    assert [] == mlflow.calls


def test_what_is_known_costs_no_question(granting, mlflow):
    """A warm read asks MLflow nothing but what the caller asks."""
    targets = [
        f"{API}/runs/get?run_id={MINE}",
        f"{API}/experiments/get?experiment_id=1",
        f"{API}/experiments/get-by-name?experiment_name=experiment-1",
        f"{API}/registered-models/get?name=model-1",
        f"{API}/logged-models/{GRANTED['model']}",
        f"{V3}/traces/{GRANTED['trace']}",
        f"{STORE}/artifacts/{MY_ROOT}/f",
    ]
    granting.wait_for_a_look()  # the grants have just been made
    for target in targets:
        assert 200 == ask(granting, "GET", target, held="READ").status
    mlflow.reset()
    for target in targets:
        assert 200 == ask(granting, "GET", target, held="READ").status
        assert 404 == ask(granting, "GET", target, held="NONE").status
    assert ([], len(targets)) == (
        [one for one in mlflow.questions if "server-info" not in one],
        len(mlflow.calls),
    )


def test_a_name_that_has_changed_counts_at_once(granting, mlflow):
    """Names are forgotten whenever the policy changes."""
    target = f"{API}/experiments/get?experiment_id=1"
    assert 200 == ask(granting, "GET", target, held="READ").status
    mlflow.reset()
    granting.app.parts.watch.changed()
    assert 200 == ask(granting, "GET", target, held="READ").status
    assert [f"{target}"] == [one for one in mlflow.questions if "server-info" not in one]


@pytest.mark.parametrize("key", ["mlflow.user", "MLflow.User", "mlflow.user "])
@pytest.mark.parametrize(
    "change",
    [
        ("POST", f"{API}/experiments/set-experiment-tag", {"experiment_id": "1", "value": "x"}),
        ("POST", f"{API}/experiments/delete-experiment-tag", {"experiment_id": "1"}),
        ("POST", f"{API}/registered-models/set-tag", {"name": "model-1", "value": "x"}),
        ("DELETE", f"{API}/registered-models/delete-tag", {"name": "model-1"}),
    ],
)
def test_who_made_an_experiment_or_model_is_not_changed(granting, mlflow, key, change):
    """Not by who manages it; administrators may."""
    method, path, about = change
    assert 403 == ask(granting, method, path, {**about, "key": key}).status
    assert [] == mlflow.calls
    assert 200 == ask(granting, method, path, {**about, "key": "other"}).status
    held = "ADMINISTRATOR"
    assert 200 == ask(granting, method, path, {**about, "key": key}, held=held).status


def test_who_makes_an_experiment_or_model_is_who_calls(granting, mlflow):
    """Whatever the body says."""
    tags = [{"key": "mlflow.user", "value": "somebody"}, {"key": "a", "value": "b"}]
    for path in ("experiments", "registered-models"):
        mlflow.reset()
        assert (
            200 == ask(granting, "POST", f"{API}/{path}/create", {"name": "n", "tags": tags}).status
        )
        ((_, _, body),) = mlflow.calls
        owner = {"key": "mlflow.user", "value": "manage@example.org"}
        assert [tags[1], owner] == json.loads(body)["tags"]


@pytest.mark.parametrize("key", ["mlflow.user", "MLflow.User", "mlflow.user "])
def test_nobody_says_anew_who_made_something(granting, mlflow, key):
    """Of runs and logged models, also in spellings that some databases take for the same."""
    tags, model = [{"key": "a", "value": "b"}, {"key": key, "value": "ben"}], GRANTED["model"]
    for method, call, body in (
        ("POST", "runs/set-tag", {"run_id": MINE, **tags[1]}),
        ("POST", "runs/delete-tag", {"run_id": MINE, "key": key}),
        ("POST", "runs/log-batch", {"run_id": MINE, "tags": tags}),
        ("PATCH", f"logged-models/{model}/tags", {"tags": tags}),
        ("DELETE", f"logged-models/{model}/tags/{quote(key)}", None),
    ):
        answer = ask(granting, method, f"{API}/{call}", body)
        assert (403, "PERMISSION_DENIED") == (answer.status, json.loads(answer.body)["error_code"])
    assert [] == mlflow.calls
    body = {"tags": tags[:1]}
    assert 200 == ask(granting, "PATCH", f"{API}/logged-models/{model}/tags", body).status

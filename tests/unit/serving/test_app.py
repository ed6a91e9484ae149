"""What the inference server answers."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest

from penstock.errors import ModelFailed, NothingToServe, PredictionTimeout
from unit.serving.tiny_models import TinyEngine, TinySource, call, lineup, make_app, running, until

ROW = {"dataframe_split": {"columns": ["x"], "data": [[1.5]]}}

DEEP = b"[" * 100_000
LATIN = '"Zürich"'.encode("latin-1")


def serve(story, source=None, engine=None, folder=None, **settings: Any):
    """Run a story with a server."""

    async def tell():
        chosen = source or TinySource(lineup(a=1.0))
        async with running(chosen, engine or TinyEngine(), folder, **settings) as app:
            return await story(app)

    return asyncio.run(tell())


def test_an_answer_names_its_run_version_and_revision(tmp_path):
    """So that whoever asked can tell who it was."""

    async def story(app):
        return await call(app, "POST", "/invocations", ROW)

    answer = serve(story, folder=tmp_path)
    assert (200, b'{"predictions": ["a:1.5"]}') == (answer.status, answer.body)
    assert "application/json" == answer.headers["content-type"]
    named = [answer.headers[f"x-penstock-{name}"] for name in ("run", "version", "revision")]
    assert ["a", "1.4.0", "1"] == named


def test_nan_is_written_as_mlflow_writes_it(tmp_path):
    """As NaN, which is no JSON by the book."""

    async def story(app):
        return await call(app, "POST", "/invocations", ROW)

    engine = TinyEngine({"a": lambda _: float("nan")})
    assert b'{"predictions": [NaN]}' == serve(story, engine=engine, folder=tmp_path).body


def test_features_give_scores(tmp_path):
    """One object, or a list of them."""

    async def story(app):
        one = await call(app, "POST", "/predict", {"features": {"x": 2.0}})
        two = await call(app, "POST", "/predict", {"features": [{"x": 2.0}, {"x": 3.0}]})
        return one.json(), two.json()

    found = serve(story, folder=tmp_path)
    assert ({"scores": ["a:2.0"]}, {"scores": ["a:2.0", "a:3.0"]}) == found


def test_the_open_inference_protocol_is_spoken(tmp_path):
    """Health, metadata and inference, under the name of what is served."""
    asked = {"id": "7", "inputs": [{"name": "x", "shape": [1], "datatype": "FP64", "data": [2.0]}]}

    async def story(app):
        told = await call(app, "GET", "/v2/models/churn")
        assert [{"name": "x", "datatype": "FP64", "shape": [-1]}] == told.json()["inputs"]
        for path in ("/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/churn/ready"):
            assert 200 == (await call(app, "GET", path)).status
        for name in ("other", "churn/versions/9", "churn/else", "churnx"):
            assert 404 == (await call(app, "GET", f"/v2/models/{name}")).status
        return await call(app, "POST", "/v2/models/churn/versions/1.4.0/infer", asked)

    answer = serve(story, folder=tmp_path).json()
    assert ("churn", "1.4.0", "7") == (answer["model_name"], answer["model_version"], answer["id"])
    assert ["a:2.0"] == answer["outputs"][0]["data"]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/invocations", {"instances": [{"y": 1}]}, "the input lacks 'x'"),
        ("/invocations", {"instances": [{"x": "one"}]}, "row 0, field 'x': double expected"),
        ("/invocations", {"instances": [{"x": None}]}, "field 'x': double expected, not null"),
        ("/predict", {"features": {"x": "ü" * 9999}}, "field 'x'"),
        ("/predict", {"features": {}}, "'features'"),
        ("/predict", {"features": 7}, "'features'"),
        ("/predict", {}, "'features' is missing"),
        ("/predict", b"{", "no JSON"),
        ("/predict", b"", "no JSON"),
        ("/v2/models/churn/infer", {"inputs": [{"name": "x"}]}, "'x': 'shape'"),
        ("/v2/models/churn/infer", {}, "'inputs' is missing"),
        ("/feedback", {"request_id": "a.b", "outcome": 1}, "'request_id'"),
        ("/feedback", {"outcome": 1}, "'request_id'"),
        ("/feedback", [], "no feedback"),
        ("/invocations", DEEP, "nested too deeply"),
        ("/predict", DEEP, "no JSON"),
        ("/v2/models/churn/infer", DEEP, "no JSON"),
        ("/feedback", DEEP, "no JSON"),
        ("/invocations", b'{"instances": [{"x": %s}]}' % LATIN, "refuse"),
        ("/predict", b'{"features": {"x": %s}}' % LATIN, "no JSON"),
        ("/v2/models/churn/infer", b'{"inputs": [{"name": %s}]}' % LATIN, "no JSON"),
        ("/feedback", b'{"request_id": %s}' % LATIN, "no JSON"),
        ("/feedback", b'{"request_id": "a.b", "outcome": 1%s}' % (b"0" * 400), "'outcome'"),
    ],
)
def test_a_wrong_input_is_named_with_its_field(tmp_path, path, body, told):
    """A clear 400, in MLflow's form of an error."""

    async def story(app):
        return await call(app, "POST", path, body)

    answer = serve(story, folder=tmp_path)
    assert (400, "BAD_REQUEST") == (answer.status, answer.json()["error_code"])
    assert told in answer.json()["message"]


def test_a_key_stays_with_its_run(tmp_path):
    """By the header, or by a field of the input; without a key chance decides."""
    source = TinySource(lineup(a=0.5, b=0.5))

    async def story(app):
        runs = Counter()
        for number in range(40):
            asked = {"features": {"x": 1.0, "customer": number}}
            by_field = {
                (await call(app, "POST", "/predict", asked)).headers["x-penstock-run"]
                for _ in range(3)
            }
            header = await call(app, "POST", "/predict", asked, x_penstock_key=str(number))
            assert {header.headers["x-penstock-run"]} == by_field
            runs.update(by_field)
        return runs

    found = serve(story, source=source, folder=tmp_path, key_field="customer")
    assert {"a", "b"} == set(found)


def test_it_is_ready_only_when_every_live_run_is_loaded(tmp_path):
    """What is missing is told with its reason, and the others answer."""
    engine = TinyEngine()
    engine.broken["b"] = "its files are damaged"

    async def story(app):
        for path in ("/ping", "/health", "/healthcheck", "/v2/health/ready"):
            answer = await call(app, "GET", path)
            assert 503 == answer.status
            assert {"b": "its files are damaged"} == answer.json()["missing"]
        assert b"penstock_serve_missing_runs 1.0" in (await call(app, "GET", "/metrics")).body
        assert 200 == (await call(app, "POST", "/invocations", ROW)).status
        del engine.broken["b"]
        await app.desk.follower.refresh()
        assert 200 == (await call(app, "GET", "/ping")).status
        assert {"status": "healthy"} == (await call(app, "GET", "/healthcheck")).json()

    serve(story, TinySource(lineup(a=0.5, b=0.5)), engine, tmp_path, poll_seconds=3600)


def test_with_nothing_to_serve_the_answer_says_so(tmp_path):
    """503, with what to do."""

    async def story(app):
        assert 503 == (await call(app, "GET", "/ping")).status
        return await call(app, "POST", "/invocations", ROW)

    answer = serve(story, TinySource(NothingToServe("no run is Active")), folder=tmp_path)
    assert (503, "TEMPORARILY_UNAVAILABLE") == (answer.status, answer.json()["error_code"])
    assert "no run is Active" in answer.json()["message"]


@pytest.mark.parametrize(
    ("raised", "status"), [(ModelFailed("it broke"), 500), (PredictionTimeout("too slow"), 504)]
)
def test_a_failing_model_is_told_and_counted(tmp_path, raised, status):
    """With the run that failed in the headers, and in the numbers."""

    def fail(_):
        raise raised

    async def story(app):
        answer = await call(app, "POST", "/invocations", ROW)
        page = (await call(app, "GET", "/metrics")).body.decode()
        report = (await call(app, "GET", "/report")).json()
        return answer, page, report

    answer, page, report = serve(story, engine=TinyEngine({"a": fail}), folder=tmp_path)
    assert (status, "a") == (answer.status, answer.headers["x-penstock-run"])
    assert f'penstock_serve_requests_total{{run="a",status="{status}"}} 1.0' in page
    assert (1, 1) == (report["runs"][0]["requests"], report["runs"][0]["errors"])


@pytest.mark.parametrize("headers", [{}, {"content_length": "5000"}])
def test_a_body_that_is_too_large_is_refused(tmp_path, headers):
    """By its length if it says it, else as soon as it is too much."""

    async def story(app):
        parts = [b"x" * 600, b"x" * 600]
        return await call(app, "POST", "/invocations", parts, **headers)

    answer = serve(story, folder=tmp_path, max_body_bytes=1000)
    assert (413, "close") == (answer.status, answer.headers["connection"])


def test_a_client_that_stops_in_the_middle_is_not_waited_for(tmp_path):
    """408 after the time that the settings give."""

    async def story(app):
        sent = []

        async def receive():
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/predict", "headers": []}
        await app(scope, receive, send)
        return sent[0]["status"]

    assert 408 == serve(story, folder=tmp_path, client_seconds=0.05)


def test_a_body_that_drips_is_given_up(tmp_path):
    """However short its pauses are; what comes in time may take as long as it needs."""

    async def story(app, pause, part):
        sent = []

        async def receive():
            await asyncio.sleep(pause)
            return {"type": "http.request", "body": part, "more_body": True}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/predict", "headers": []}
        await app(scope, receive, send)
        return sent[0]["status"]

    settings = {"folder": tmp_path, "client_seconds": 0.5, "max_body_bytes": 2000}
    assert 408 == serve(lambda app: story(app, 0.02, b"x"), **settings)
    assert 413 == serve(lambda app: story(app, 0.15, b"x" * 300), **settings)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/invocations", 405), ("POST", "/ping", 405), ("GET", "/nothing", 404)],
)
def test_what_is_not_there_is_told(tmp_path, method, path, status):
    """Each in JSON."""

    async def story(app):
        return await call(app, method, path)

    answer = serve(story, folder=tmp_path)
    assert status == answer.status
    assert answer.json()["message"]


def test_canaries_see_requests_and_nobody_waits_for_them(tmp_path):
    """Their answers are compared with those that were used, and never returned."""
    release = asyncio.Event()

    async def slowly(value):
        await release.wait()
        return value + 1

    source = TinySource(lineup(a=1.0, canaries=("c",)))
    engine = TinyEngine({"a": lambda value: value, "c": slowly})

    async def story(app):
        for _ in range(5):
            answer = await call(app, "POST", "/invocations", ROW)
            assert {"predictions": [1.5]} == answer.json()
        release.set()
        await until(lambda: len(engine.models["c"].asked) >= 3)
        for _ in range(500):
            report = (await call(app, "GET", "/report")).json()["runs"][1]
            if report["different"] + report["dropped"] == 5:
                return report
            await asyncio.sleep(0.01)
        raise AssertionError(report)

    report = serve(story, source, engine, tmp_path, mirror_queue=3, mirror_share=1.0)
    assert (True, 0, 1.0) == (report["is_canary"], report["same"], report["mean_distance"])
    assert 1 <= report["dropped"] <= 2


def test_a_failing_canary_fails_nobody(tmp_path):
    """It is counted, and that is all."""

    def fail(_):
        raise ModelFailed("it broke")

    source = TinySource(lineup(a=1.0, canaries=("c",)))

    async def story(app):
        assert 200 == (await call(app, "POST", "/invocations", ROW)).status
        for _ in range(500):
            report = (await call(app, "GET", "/report")).json()["runs"][1]
            if report["failed"]:
                return report
            await asyncio.sleep(0.01)
        raise AssertionError(report)

    assert 1 == serve(story, source, TinyEngine({"c": fail}), tmp_path)["failed"]


def test_feedback_reaches_the_report(tmp_path):
    """Also after a restart; twice the same is once, another outcome is refused."""

    async def story(app):
        answer = await call(app, "POST", "/predict", {"features": {"x": 1.0}})
        told = {"request_id": answer.headers["x-penstock-request"], "outcome": 0.5}
        assert 200 == (await call(app, "POST", "/feedback", told)).status
        assert 200 == (await call(app, "POST", "/feedback", [told])).status
        other = await call(app, "POST", "/feedback", {**told, "outcome": 1})
        assert 409 == other.status
        odd = json.dumps({**told, "outcome": float("inf")}).encode()
        assert 400 == (await call(app, "POST", "/feedback", odd)).status

    serve(story, folder=tmp_path)

    async def later(app):
        return (await call(app, "GET", "/report")).json(), await call(app, "GET", "/report.svg")

    report, picture = serve(later, folder=tmp_path)
    found = report["runs"][0]
    assert ("a", 1, 1, 0.5) == tuple(
        found[name] for name in ("run_id", "requests", "outcomes", "mean_outcome")
    )
    assert "image/svg+xml" == picture.headers["content-type"]


def test_the_page_shows_runs_input_and_calls(tmp_path):
    """Names of runs are nobody's markup."""
    source = TinySource(lineup(**{"<b>": 1.0}))

    async def story(app):
        return (await call(app, "GET", "/docs")).body.decode()

    page = serve(story, source, folder=tmp_path)
    assert "&lt;b&gt;" in page
    assert "<td>x<td>double<td>yes" in page
    assert "://" not in page


def test_a_thousand_changes_fail_no_request(tmp_path):
    """Runs come, go and change their shares, and each request is answered."""
    source, engine = TinySource(lineup(a=1.0)), TinyEngine()

    async def story(app):
        changes = 0

        async def change():
            nonlocal changes
            for number in range(1000):
                share = 0.1 + 0.8 * (number % 7) / 7
                names = ("a", "b") if number % 3 else ("b", "c")
                shares = dict(zip(names, (share, 1 - share), strict=True))
                source.lineup = lineup(**shares, revision=number + 2)
                await app.desk.follower.refresh()
                changes += 1

        changing = asyncio.create_task(change())
        statuses = Counter()
        while not changing.done():
            statuses[(await call(app, "POST", "/invocations", ROW)).status] += 1
            await asyncio.sleep(0)
        await changing
        assert 1000 == changes
        return statuses

    assert {200} == set(serve(story, source, engine, tmp_path, poll_seconds=3600))


def test_an_app_that_never_started_says_that_models_are_being_loaded(tmp_path):
    """The first second of a server."""
    app = make_app(TinySource(lineup(a=1.0)), TinyEngine(), tmp_path)
    answer = asyncio.run(call(app, "GET", "/ping"))
    assert (503, True) == (answer.status, "being loaded" in answer.json()["message"])

"""`penstock serve` answers byte for byte as `mlflow models serve` does."""

import importlib
import json
import threading
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from contract.serving.running import START_SECONDS, mlflow_serve, running_serve
from penstock.models import save_model
from penstock.models.flavours import infer_signature
from servers import wait_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    importlib.import_module("mlflow.pyfunc")

SOURCE = np.random.default_rng(5)
NUMBERS = pd.DataFrame(SOURCE.normal(size=(60, 3)), columns=["a", "b", "c"])
MIXED = pd.DataFrame(
    {
        "age": SOURCE.integers(18, 90, 60),
        "income": SOURCE.normal(3000, 900, 60),
        "town": SOURCE.choice(["Bern", "Zürich"], 60),
        "member": SOURCE.choice([True, False], 60),
    }
)
TARGET = SOURCE.integers(0, 2, 60)


def make_mixed():
    encode = ColumnTransformer(
        [("town", OneHotEncoder(handle_unknown="ignore"), ["town"])], remainder="passthrough"
    )
    return make_pipeline(encode, LogisticRegression(max_iter=2000))


MODELS = {
    "regression": (LinearRegression(), NUMBERS, TARGET * 0.7),
    "mixed": (make_mixed(), MIXED, np.where(TARGET, "stays", "leaves")),
}


def requests(frame):
    """Return bodies in all forms, with what is odd and what is wrong among them."""
    some = frame.head(3)
    split = json.loads(some.to_json(orient="split", index=False))
    records = json.loads(some.to_json(orient="records"))
    first = frame.columns[0]
    lacking = [{key: value for key, value in records[0].items() if key != first}]
    yield from (
        {"dataframe_split": split},
        {"dataframe_split": {**split, "index": [7, 8, 9]}},
        {"dataframe_split": {"columns": split["columns"], "data": split["data"][:1]}},
        {
            "dataframe_split": {
                "columns": split["columns"][::-1],
                "data": [row[::-1] for row in split["data"]],
            }
        },
        {"dataframe_records": records},
        {"dataframe_records": [{"more": 1, **records[0]}]},
        {"instances": records},
        {"inputs": {name: list(some[name].tolist()) for name in frame.columns}},
        {"dataframe_records": lacking},
        {"dataframe_records": [{**records[0], first: "no number"}]},
        {"dataframe_records": [{**records[0], first: None}]},
        {"dataframe_records": [{**records[0], first: 12}]},
        {"dataframe_records": [{**records[0], first: "12"}]},
        {"dataframe_records": []},
        {"dataframe_split": split, "inputs": {}},
        {"nothing": 1},
        [],
    )


@pytest.mark.parametrize("name", MODELS)
def test_each_form_is_answered_byte_for_byte(tmp_path, name):
    """Same statuses for all, same bytes for what is answered; a refusal has our own words."""
    model, frame, target = MODELS[name]
    model.fit(frame, target)
    folder = tmp_path / name
    with warnings.catch_warnings():
        # MLflow warns of integers that cannot be missing.
        warnings.simplefilter("ignore")
        signature = infer_signature(frame, model.predict(frame))
        save_model(model, folder, signature=signature, pip_requirements=["scikit-learn"])
    with running_serve(tmp_path, str(folder)) as ours, mlflow_serve(tmp_path, folder) as stock:
        wait_until(ours.is_ready, START_SECONDS)
        answered = 0
        for body in requests(frame):
            expected, found = stock.ask("/invocations", body), ours.ask("/invocations", body)
            # What the model itself raises is its failure here, and the caller's for MLflow.
            is_raised = expected.status == 400 and b"stack_trace" in expected.body
            status = 500 if is_raised else expected.status
            assert status == found.status, (body, expected.body, found.body)
            if expected.status == 200:
                answered += 1
                assert expected.body == found.body, body
                assert expected.headers["content-type"] == found.headers["content-type"]
            else:
                assert {"error_code", "message"} == set(found.json())
        assert answered >= 9
        csv = frame.head(5).to_csv(index=False).encode()
        expected = stock.ask("/invocations", csv, content_type="text/csv")
        found = ours.ask("/invocations", csv, content_type="text/csv")
        assert (200, expected.body) == (found.status, found.body)
        for path in ("/ping", "/health", "/version"):
            assert stock.ask(path).body == ours.ask(path).body
        one = [{"dataframe_split": _split(frame, number)} for number in range(len(frame))]
        expected_rows = [stock.ask("/invocations", body).body for body in one]
        assert expected_rows == _at_once(ours, one)


def _split(frame, number):
    return json.loads(frame.iloc[[number]].to_json(orient="split", index=False))


def _at_once(serve, bodies):
    """Ask for all bodies from sixteen threads, so that rows come together; return the answers."""
    answers = [b""] * len(bodies)

    def ask(start):
        for number in range(start, len(bodies), 16):
            answers[number] = serve.ask("/invocations", bodies[number]).body

    threads = [threading.Thread(target=ask, args=(start,)) for start in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers

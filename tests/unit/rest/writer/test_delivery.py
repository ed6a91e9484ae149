import json
from collections import deque

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import MlflowException, ServerUnreachable, Unauthenticated
from penstock.rest._answer import Answer
from penstock.rest.writer.delivery import Delivery
from penstock.rest.writer.parcel import cut_parcel
from penstock.rest.writer.patience import GaveUp, Patience
from unit.rest.writer.items import KEYS, metric, param

STYLES = st.sampled_from(["place", "name", "key", "lie", "silence"])


class Recorder:
    """Takes batches as MLflow does: all of a batch, or nothing if any of it is bad."""

    def __init__(self, bad=frozenset(), style="silence", *, status=400):
        self.bad, self.style, self.status = bad, style, status
        self.taken, self.calls = [], []

    def __call__(self, endpoint, **body: object):
        fields = json.loads(msgspec.json.encode(body))
        assert "mlflow/runs/log-batch" == endpoint
        self.calls.append(fields)
        metrics = fields.get("metrics", [])
        for place, item in enumerate(metrics):
            if (item["key"], item["value"]) in self.bad:
                code = "INVALID_PARAMETER_VALUE" if self.status < 500 else "INTERNAL_ERROR"
                raise MlflowException(self.words(place, item), code, status=self.status)
        self.taken += [(item["key"], item["value"]) for item in metrics]
        return Answer("POST", "/", 200, b"{}")

    def words(self, place, item):
        return {
            "place": f"Invalid value for parameter 'metrics[{place}].value' supplied",
            "name": f"Got invalid value for metric '{item['key']}'",
            "key": f"'key': '{item['key']}'",
            "lie": "'metrics[0].value' is wrong, and 'a' and 'b'",
            "silence": "no",
        }[self.style]


def parcel_of(items):
    return cut_parcel("r", deque(items))


def deliver(recorder, items, patience=None):
    return Delivery(recorder, patience or Patience()).deliver(parcel_of(items))


def test_what_is_taken_is_one_call():
    """And nothing is refused."""
    recorder = Recorder()
    assert [] == deliver(recorder, [metric(number) for number in range(500)])
    assert 1 == len(recorder.calls)


@given(
    st.lists(st.tuples(KEYS, st.integers(0, 9)), min_size=1, max_size=60),
    st.sets(st.tuples(KEYS, st.integers(0, 9)), max_size=8),
    STYLES,
)
def test_exactly_what_is_bad_is_refused(pairs, bad, style):
    """The rest is written, each key in order, whatever the words of the refusals."""
    recorder = Recorder(frozenset(bad), style)
    refusals = deliver(recorder, [metric(value, key) for key, value in pairs])
    refused = [
        (item.key, json.loads(item.body)["value"]) for refusal in refusals for item in refusal.items
    ]
    assert sorted(pair for pair in pairs if pair in bad) == sorted(refused)
    assert all(refusal.is_final for refusal in refusals)
    for key in {key for key, _ in pairs}:
        expected = [pair for pair in pairs if pair[0] == key and pair not in bad]
        assert expected == [pair for pair in recorder.taken if pair[0] == key]
    assert len(recorder.calls) <= 2 * len(pairs) + 2


def test_one_bad_item_of_a_thousand_takes_few_calls():
    """Even without any words."""
    recorder = Recorder({("m", 777)})
    (refusal,) = deliver(recorder, [metric(number) for number in range(1000)])
    assert metric(777).body == refusal.items[0].body
    assert len(recorder.calls) <= 25
    assert [number for number in range(1000) if number != 777] == [
        value for _, value in recorder.taken
    ]


def test_an_item_that_makes_the_server_fail_is_found():
    """After it was given a few chances; it may be taken another day."""
    recorder = Recorder({("m", 3)}, status=500)

    class Quick(Patience):
        def pause(self, _error, attempt):
            pauses.append(attempt)

    pauses = []
    (refusal,) = deliver(recorder, [metric(number) for number in range(6)], Quick())
    assert [metric(3).body] == [item.body for item in refusal.items]
    assert not refusal.is_final
    assert [0, 1, 2] == pauses


def test_a_wrong_login_is_no_reason_to_look_for_one_item():
    """All of it is refused with one call, and may be taken another day."""
    calls = []

    def post(_endpoint, **body: object):
        calls.append(body)
        raise Unauthenticated("who?", "UNAUTHENTICATED", status=401)

    (refusal,) = deliver(post, [metric(number) for number in range(100)])
    assert (100, False, 1) == (len(refusal.items), refusal.is_final, len(calls))


def test_a_run_that_refuses_an_empty_batch_refuses_all():
    """With two calls."""
    calls = []

    def post(_endpoint, **body: object):
        calls.append(body)
        raise MlflowException("gone", "RESOURCE_DOES_NOT_EXIST", status=404)

    (refusal,) = deliver(post, [metric(number) for number in range(100)])
    assert (100, False) == (len(refusal.items), refusal.is_final)
    assert [{"run_id", "metrics"}, {"run_id"}] == [set(call) for call in calls]


def test_a_metric_that_the_server_has_is_taken():
    """Older versions refuse a batch that holds one."""

    def post(_endpoint, **body: object):
        if body.get("metrics"):
            text = "(sqlite3.IntegrityError) UNIQUE constraint failed: metrics.key"
            raise MlflowException(text, "BAD_REQUEST", status=400)
        return Answer("POST", "/", 200, b"{}")

    assert [] == deliver(post, [metric(number) for number in range(10)])


def test_a_param_is_not_taken_for_a_metric_that_is_there():
    """Its key is another table's."""

    def post(_endpoint, **body: object):
        if body.get("params"):
            text = "UNIQUE constraint failed: metrics.key"
            raise MlflowException(text, "BAD_REQUEST", status=400)
        return Answer("POST", "/", 200, b"{}")

    assert 1 == len(deliver(post, [param("p")]))


def test_nobody_is_asked_for_ever():
    """Once the waiting has been ended."""
    patience = Patience()
    calls = []

    def post(_endpoint, **_body: object):
        calls.append(1)
        if len(calls) == 2:
            patience.stop()
        raise ServerUnreachable("nobody")

    with pytest.raises(GaveUp):
        deliver(post, [metric(1)], patience)
    assert 2 == len(calls)
    assert "nobody" == str(patience.problem)

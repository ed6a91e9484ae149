"""What is logged in the background to a real MLflow server is what its own client reads."""

import math
import shutil
import signal
import threading

import mlflow
import pytest

from contract.rest.writer.own_mlflow import own_mlflow
from contract.rest.writer.programs import names, run, sync
from penstock import MlflowClient
from penstock.errors import MlflowException
from penstock.rest.entities import Metric
from servers import wait_until


@pytest.fixture(scope="module", autouse=True)
def own(tmp_path_factory):
    """A server that may be killed; it starts while the other tests run."""
    with own_mlflow(tmp_path_factory.mktemp("own")) as server:
        yield server


@pytest.fixture
def run_id(client, unique) -> str:
    return client.create_run(client.create_experiment(unique)).info.run_id


@pytest.fixture
def client(mlflow_url):
    """The client under test; the folder's own one speaks to a small server."""
    with MlflowClient(mlflow_url) as client:
        yield client


def history(stock, run_id, key="m"):
    """Return what MLflow has of a metric, by step."""
    found = stock.get_metric_history(run_id, key)
    return sorted((one.step, one.value, one.timestamp) for one in found)


def test_everything_arrives(stock, client, run_id):
    """Metrics with their steps and times, params, tags."""
    expected = []
    for step in range(2500):
        value, timestamp = 1 / (step + 1), 1_700_000_000_000 + step
        expected.append((step, value, timestamp))
        client.log_metric(run_id, "m", value, timestamp, step, synchronous=False)
    for number in range(150):
        client.log_param(run_id, f"p{number}", f"ü{number}", synchronous=False)
        client.set_tag(run_id, f"t{number}", "old", synchronous=False)
        client.set_tag(run_id, f"t{number}", number, synchronous=False)
    client.set_terminated(run_id)
    run = stock.get_run(run_id)
    assert expected == history(stock, run_id)
    assert {f"p{number}": f"ü{number}" for number in range(150)} == run.data.params
    assert {str(number) for number in range(150)} <= set(run.data.tags.values())
    assert "FINISHED" == run.info.status
    assert [] == client.failures


def test_a_refused_item_among_accepted_ones(stock, client, run_id):
    """Each operation tells of its own item; what MLflow can take it has."""
    client.log_param(run_id, "p", 1)
    good, bad = [], []
    for step in range(200):
        good.append(client.log_metric(run_id, "m", step, step=step, synchronous=False))
        if step % 50 == 10:
            bad.append(client.log_metric(run_id, "lo(ss)", step, step=step, synchronous=False))
            bad.append(client.log_metric(run_id, "early", step, -5, synchronous=False))
    bad.append(client.log_param(run_id, "p", 2, synchronous=False))
    bad.append(client.set_tag(run_id, "t(g)", 2, synchronous=False))
    good.append(client.log_param(run_id, "q", 2, synchronous=False))
    good.append(client.set_tag(run_id, "tag", 2, synchronous=False))
    for operation in good:
        operation.wait()
    for operation in bad:
        with pytest.raises(MlflowException) as refusal:
            operation.wait()
        assert "INVALID_PARAMETER_VALUE" == refusal.value.error_code
    run = stock.get_run(run_id)
    assert list(range(200)) == [step for step, *_ in history(stock, run_id)]
    assert ({"p": "1", "q": "2"}, "2") == (run.data.params, run.data.tags["tag"])
    assert {"m"} == set(run.data.metrics)
    assert 10 == len(client.failures)


@pytest.mark.parametrize("state", ["deleted", "unknown"])
def test_a_run_that_is_not_there(stock, client, run_id, state):
    """Its items are refused, those of other runs are not."""
    other = client.create_run(client.get_run(run_id).info.experiment_id).info.run_id
    if state == "deleted":
        client.delete_run(run_id)
    gone = run_id if state == "deleted" else "0" * 32
    operation = client.log_batch(
        gone, [Metric("m", step, 1, step) for step in range(500)], synchronous=False
    )
    client.log_metric(other, "m", 1, synchronous=False).wait()
    with pytest.raises(MlflowException, match=gone):
        operation.wait()
    assert 1 == len(stock.get_metric_history(other, "m"))


def test_many_threads_log_to_many_runs(stock, client, run_id):
    """Nothing is lost, nothing is doubled."""
    experiment = client.get_run(run_id).info.experiment_id
    runs = [client.create_run(experiment).info.run_id for _ in range(50)]

    def work(number):
        for step in range(10):
            for one in runs:
                client.log_metric(one, f"m{number}", step / 7, 5, step, synchronous=False)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.flush()
    expected = [(step, step / 7, 5) for step in range(10)]
    for one in runs[::20]:
        for number in range(8):
            assert expected == history(stock, one, f"m{number}")
    for found in client.search_runs([experiment]):
        if found.info.run_id in runs:
            assert {f"m{number}" for number in range(8)} == set(found.data.metrics)


LOGGED_AND_KILLED = """
import math, os, signal, sys
from penstock import MlflowClient

url, spool, run_id = sys.argv[1:]
client = MlflowClient(url, spool=spool)
for step in range(1500):
    client.log_metric(run_id, "m", step / 7, 5, step, synchronous=False)
for number in range(150):
    client.log_metric(run_id, f"k{number}", number, 5, number, synchronous=False)
for value in (math.nan, math.inf, -math.inf, 1e-310, -0.0):
    client.log_metric(run_id, f"special {value}", value, 5, 1, synchronous=False)
client.log_param(run_id, "p", "v" * 7000, synchronous=False)
client.log_param(run_id, "q", 1, synchronous=False)
client.set_tag(run_id, "t", "old", synchronous=False)
client.set_tag(run_id, "t", "new", synchronous=False)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_client_s_spool_is_sent_and_sending_it_again_is_harmless(
    stock, run_id, mlflow_url, tmp_path
):
    """MLflow has each item once."""
    spool = tmp_path / "spool"
    assert -signal.SIGKILL == run(LOGGED_AND_KILLED, "http://127.0.0.1:9", spool, run_id).returncode
    (journal,) = spool.glob("*.journal")
    for _ in range(2):
        shutil.copy(journal, tmp_path / "again")
        ended = sync(spool, "--to", mlflow_url)
        assert (0, "") == (ended.returncode, ended.stderr)
        assert [] == names(spool)
        assert [(step, step / 7, 5) for step in range(1500)] == history(stock, run_id)
        for number in (0, 70, 149):
            assert [(number, number, 5)] == history(stock, run_id, f"k{number}")
        seen = stock.get_run(run_id).data
        assert 150 + 6 == len(seen.metrics)
        assert math.isnan(seen.metrics["special nan"])
        assert [1e-310] == [value for _, value, _ in history(stock, run_id, "special 1e-310")]
        assert 1 == len(history(stock, run_id, "special inf"))
        assert ("1", "new", 6000) == (seen.params["q"], seen.tags["t"], len(seen.params["p"]))
        shutil.copy(tmp_path / "again", journal)
    journal.unlink()


def test_the_server_is_killed_and_comes_back(own, tmp_path):
    """While two clients log, one with a spool: neither loses nor doubles anything."""
    own.start()
    spool = tmp_path / "spool"
    clients = [
        MlflowClient(own.url, flush_timeout=120),
        MlflowClient(own.url, flush_timeout=120, spool=spool),
    ]
    stock = mlflow.MlflowClient(own.url)
    runs = [client.create_run("0").info.run_id for client in clients]

    def work(client, run_id):
        for step in range(4000):
            client.log_metric(run_id, "m", step / 7, 5, step, synchronous=False)
            if step == 2000:
                wait_until(lambda: client._writing._writer._patience.problem, 120)

    with clients[0], clients[1]:
        pairs = zip(clients, runs, strict=True)
        threads = [threading.Thread(target=work, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        wait_until(lambda: stock.get_metric_history(runs[0], "m"))
        own.kill()
        for thread in threads:
            thread.join()
        own.start()
        for client in clients:
            client.flush()
    expected = [(step, step / 7, 5) for step in range(4000)]
    assert [expected, expected] == [history(stock, run_id) for run_id in runs]
    assert [] == names(spool)

"""The parts of supervision that decide without a process."""

from dataclasses import replace

import pytest

from penstock.deployments.commands import (
    Listening,
    serve_command,
    serve_environment,
    serve_variables,
    thread_variables,
)
from penstock.deployments.model_uri import parse_model_uri
from penstock.deployments.spec import DeploymentSpec, Target
from penstock.deployments.supervision.backoff import MOST_SECONDS, wait_seconds
from penstock.deployments.supervision.job import Job, read_job
from penstock.deployments.supervision.job_state import JobState, Phase, find_state
from penstock.deployments.supervision.log_file import SHOWN_LINES, last_lines, open_log
from penstock.deployments.targets.ports import parse_ports
from penstock.errors import ConfigurationError, InvalidDeployment, SupervisionError

SPEC = DeploymentSpec(
    serve_name="churn", model_uri="models:/churn/3", env="prod", min_replicas=2, max_replicas=3
)


def test_each_crash_in_a_row_is_waited_for_twice_as_long():
    """Up to a bound, however many there were."""
    assert [0.0, 0.5, 1.0, 2.0] == [wait_seconds(crashes) for crashes in range(4)]
    assert MOST_SECONDS == wait_seconds(1000)


def test_what_is_written_of_a_job_is_read_again(tmp_path):
    """A keeper starts from the file alone."""
    job = Job(("serve", "models:/é/3"), "127.0.0.1", 9100, {"OMP_NUM_THREADS": "2"}, 5.0)
    job.write(tmp_path)
    assert job == read_job(tmp_path)
    assert 0o600 == (tmp_path / "job.json").stat().st_mode & 0o777


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"command": 1}', "{", "\x00"])
def test_a_damaged_job_says_so(tmp_path, content):
    """And not where in Python it hurt."""
    (tmp_path / "job.json").write_text(content)
    with pytest.raises(SupervisionError, match="damaged"):
        read_job(tmp_path)


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"phase": "gone"}', '{"x": 1}'])
def test_a_state_that_cannot_be_read_is_none(tmp_path, content):
    """The keeper tells a new one soon."""
    if content is not None:
        (tmp_path / "state.json").write_text(content)
    assert find_state(tmp_path) is None


def test_what_is_written_of_a_state_is_read_again(tmp_path):
    """Reasons hold several lines."""
    state = JobState(Phase.RESTARTING, None, 3, "exit code 1\nno memory", has_answered=True)
    state.write(tmp_path)
    assert state == find_state(tmp_path)


def test_the_end_of_a_log_is_short(tmp_path):
    """Of what was written since the start, the last lines; bytes that are no text are shown."""
    with open_log(tmp_path / "log") as log:
        log.write(b"before\n")
    with open_log(tmp_path / "log") as log:
        since = log.tell()
        log.write(b"".join(b"line %d \xff\n" % number for number in range(100)))
    lines = last_lines(tmp_path / "log", since=since)
    assert (SHOWN_LINES, "line 99 \N{REPLACEMENT CHARACTER}") == (len(lines), lines[-1])
    assert "before" not in last_lines(tmp_path / "log", since=since)
    assert [] == last_lines(tmp_path / "nowhere")


def test_the_command_line_holds_the_model_and_where_to_listen():
    """On this machine, replicas are processes that share a port; Ray has its own."""
    local = serve_command(SPEC, Target.LOCAL, Listening("127.0.0.1", 9100))
    ray = serve_command(SPEC, Target.RAY, Listening("127.0.0.1", 9100))
    where = ("--host=127.0.0.1", "--port=9100")
    assert ("penstock", "serve", "models:/churn/3", *where, "--workers=2") == local[3:]
    assert ("penstock", "serve", "models:/churn/3", "--engine=ray", *where) == ray[3:]


def test_a_model_does_not_see_the_gateways_secrets():
    """Nor a client's login; what is meant for serving it does."""
    environ = {
        "PATH": "/bin",
        "PENSTOCK_SECRET_KEY": "s",
        "PENSTOCK_ADMIN_PASSWORD": "s",
        "PENSTOCK_DATABASE_URL": "s",
        "VAULT_SERVICE_MYSQL_PASSWORD": "s",
        "CONFIG_SERVICE_S3_PATH": "s",
        "MLFLOW_TRACKING_PASSWORD": "s",
        "PENSTOCK_CACHE_DIR": "/cache",
        "PENSTOCK_SERVE_BATCHING": "never",
    }
    assert {
        "PATH": "/bin",
        "PENSTOCK_CACHE_DIR": "/cache",
        "PENSTOCK_SERVE_BATCHING": "never",
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:8080",
    } == serve_environment(environ, tracking_uri="http://127.0.0.1:8080")
    assert {"1"} == set(thread_variables(SPEC).values())


def test_a_service_on_ray_keeps_to_its_replicas():
    """A service on this machine keeps to its threads alone."""
    spec = replace(SPEC, cores=2, min_replicas=3, max_replicas=5)
    assert thread_variables(spec) == serve_variables(spec, Target.LOCAL)
    assert {
        **thread_variables(spec),
        "PENSTOCK_SERVE_ROUTERS": "here",
        "PENSTOCK_SERVE_MIN_REPLICAS": "3",
        "PENSTOCK_SERVE_MAX_REPLICAS": "5",
        "PENSTOCK_SERVE_REPLICA_CPUS": "2",
    } == serve_variables(spec, Target.RAY)


@pytest.mark.parametrize("text", ["", "9100", "9200-9100", "0-5", "1-70000", "a-b", "1-2-3"])
def test_what_is_no_range_of_ports_is_refused(text):
    """With an example."""
    with pytest.raises(ConfigurationError, match="9100-9199"):
        parse_ports(text)


def test_a_range_of_ports_includes_its_ends():
    """One port is a range, too."""
    assert [9100, 9101] == list(parse_ports("9100-9101"))
    assert [65535] == list(parse_ports("65535-65535"))


@pytest.mark.parametrize(
    "uri",
    [
        "models:/churn/3",
        "models:/churn/Production",
        "models:/churn/latest",
        "models:/churn@champion",
        "models:/m-0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "runs:/0f1e2d3c4b5a69788796a5b4c3d2e1f0/model",
        "mlflow-artifacts:/12/0f1e2d3c4b5a69788796a5b4c3d2e1f0/artifacts/model",
    ],
)
def test_models_of_the_server_can_be_deployed(uri):
    """In every form that it knows."""
    assert uri == parse_model_uri(uri).text


@pytest.mark.parametrize(
    "uri",
    [
        "/etc",
        "./model",
        "file:///etc",
        "s3://bucket/model",
        "http://169.254.0.1/",
        "https://example.org/model",
        "mlflow-artifacts://example.org/1/a",
        "models:/",
        "runs:/",
        "--engine=other",
    ],
)
def test_anything_else_is_refused_with_the_right_forms(uri):
    """Neither a folder of this machine, nor an address that a gateway could be made to ask."""
    with pytest.raises(InvalidDeployment, match="model_uri"):
        parse_model_uri(uri)

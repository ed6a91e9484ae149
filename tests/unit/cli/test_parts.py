"""How MLflow and the gateway are started."""

from pathlib import Path

import pytest

from penstock.cli.up.administrator import Administrator, PasswordSource
from penstock.cli.up.folder import DataFolder
from penstock.cli.up.parts import gateway_part, mlflow_environment, mlflow_part
from penstock.cli.up.readiness import Readiness

SECRET = "not-for-other-eyes"


def administrator(password: str | None = SECRET) -> Administrator:
    return Administrator("admin@localhost", password, PasswordSource.SETTING, existed=False)


def gateway(password: str | None = SECRET):
    servers = Readiness("127.0.0.1", 8000, 8080, administrator(password))
    return gateway_part(DataFolder(Path("/srv/p")), servers)


@pytest.mark.parametrize(
    "name",
    [
        "PENSTOCK_ADMIN_PASSWORD",
        "PENSTOCK_SECRET_KEY",
        "VAULT_SERVICE_MYSQL_PASSWORD",
        "MLFLOW_TRACKING_PASSWORD",
        "MLFLOW_TRACKING_URI",
        "MLFLOW_AUTH_CONFIG_PATH",
        "MLFLOW_BACKEND_STORE_URI",
        "MLFLOW_STATIC_PREFIX",
    ],
)
def test_mlflow_does_not_see_what_is_not_for_it(name):
    """Our secrets, a client's login and what would reshape the server stay outside of MLflow."""
    assert name not in mlflow_environment({name: "x", "PATH": "/bin"}, job_workers=False)


def test_mlflow_sees_the_rest():
    """Credentials of storage, limits and the like reach MLflow."""
    kept = {"PATH": "/bin", "AWS_ACCESS_KEY_ID": "x", "MLFLOW_LOGGING_LEVEL": "DEBUG"}

    assert kept.items() <= mlflow_environment(kept, job_workers=False).items()


def test_telemetry_is_off_unless_the_user_has_decided():
    """MLflow reports to nobody, except where somebody wants it to."""
    name = "MLFLOW_DISABLE_TELEMETRY"

    assert "true" == mlflow_environment({}, job_workers=False)[name]
    assert "false" == mlflow_environment({name: "false"}, job_workers=False)[name]


@pytest.mark.parametrize(("wanted", "said"), [(True, "true"), (False, "false")])
def test_job_workers_run_when_asked_for(wanted, said):
    """The option decides, whatever the environment says."""
    name = "MLFLOW_SERVER_ENABLE_JOB_EXECUTION"

    assert said == mlflow_environment({name: "maybe"}, job_workers=wanted)[name]


def test_the_password_travels_by_environment_alone():
    """The gateway gets the password, and nobody can read it in a process's arguments or a repr."""
    part = gateway()

    assert SECRET == part.environment["PENSTOCK_ADMIN_PASSWORD"]
    assert SECRET not in " ".join(part.command)
    assert SECRET not in repr(part)
    assert SECRET not in repr(administrator())


def test_an_unknown_password_is_not_made_up(monkeypatch):
    """Where nobody knows the password, the gateway is not given one."""
    monkeypatch.delenv("PENSTOCK_ADMIN_PASSWORD", raising=False)

    assert "PENSTOCK_ADMIN_PASSWORD" not in gateway(password=None).environment


def test_mlflow_listens_on_this_machine_alone():
    """Whatever host the gateway has, MLflow's is loopback."""
    part = mlflow_part(DataFolder(Path("/srv/p")), port=8080, version="3", job_workers=False)

    assert "--host=127.0.0.1" in part.command
    assert "--backend-store-uri=sqlite:////srv/p/mlflow.db" in part.command
    assert "--artifacts-destination=/srv/p/artifacts" in part.command


def test_mlflow_stores_artifacts_where_it_is_told():
    """In a bucket, in place of the data folder."""
    part = mlflow_part(
        DataFolder(Path("/srv/p")), port=1, version="3", job_workers=False, artifacts="s3://b/p"
    )

    assert "--artifacts-destination=s3://b/p" in part.command

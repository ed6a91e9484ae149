"""Fill a SQLite file with MLflow's own schema, and one with its `basic-auth`'s, for `bench.access`.

`python -m bench.fill FOLDER` reads a JSON object from its input: `admin` and `password`. It is a
process of its own because it imports MLflow's server. It prints the id of the run that is read.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlflow.entities import Metric, Param, RunTag
from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore as AuthStore
from mlflow.store.model_registry.dbmodels.models import SqlModelVersion, SqlRegisteredModel
from mlflow.store.tracking.dbmodels.models import SqlExperiment
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from bench.contents import (
    EXPERIMENTS,
    MODELS,
    RUN_EXPERIMENT,
    VERSIONS,
    experiment_name,
    model_name,
    readers,
)

FIRST_MOMENT = 1_700_000_000_000
VALUES = 5
"""Metrics, params and tags of the run, each."""


def main(folder: Path, *, admin: str, password: str) -> str:
    """Make `mlflow.db` and `auth.db` in a folder, and return the id of the run."""
    _grant(folder, admin=admin, password=password)
    return _fill(folder)


def _fill(folder: Path) -> str:
    store = SqlAlchemyStore(f"sqlite:///{folder / 'mlflow.db'}", "mlflow-artifacts:/")
    with store.engine.begin() as connection:
        connection.execute(SqlExperiment.__table__.insert(), list(_experiments()))
        connection.execute(SqlRegisteredModel.__table__.insert(), list(_models()))
        connection.execute(SqlModelVersion.__table__.insert(), list(_versions()))
    run_id = _run(store)
    store.engine.dispose()
    return run_id


def _experiments() -> Iterator[dict[str, Any]]:
    for number in range(1, EXPERIMENTS + 1):
        moment = FIRST_MOMENT + number
        yield {
            "experiment_id": number,
            "name": experiment_name(number),
            "artifact_location": f"mlflow-artifacts:/{number}",
            "lifecycle_stage": "active",
            "creation_time": moment,
            "last_update_time": moment,
        }


def _models() -> Iterator[dict[str, Any]]:
    for number in range(1, MODELS + 1):
        moment = FIRST_MOMENT + number
        yield {
            "name": model_name(number),
            "creation_time": moment,
            "last_updated_time": moment,
        }


def _versions() -> Iterator[dict[str, Any]]:
    for number in range(1, MODELS + 1):
        for version in range(1, VERSIONS + 1):
            moment = FIRST_MOMENT + number + version
            yield {
                "name": model_name(number),
                "version": version,
                "creation_time": moment,
                "last_updated_time": moment,
                "source": f"mlflow-artifacts:/models/{number}/{version}",
            }


def _run(store: Any) -> str:
    run = store.create_run(RUN_EXPERIMENT, "bench", FIRST_MOMENT, [], "a-run")
    numbers = range(VALUES)
    store.log_batch(
        run.info.run_id,
        [Metric(f"metric-{number}", 1.0, FIRST_MOMENT, 0) for number in numbers],
        [Param(f"param-{number}", "a value") for number in numbers],
        [RunTag(f"tag-{number}", "a value") for number in numbers],
    )
    return str(run.info.run_id)


def _grant(folder: Path, *, admin: str, password: str) -> None:
    store = AuthStore()
    store.init_db(f"sqlite:///{folder / 'auth.db'}")
    store.create_user(admin, password, is_admin=True)
    for reader in readers().values():
        store.create_user(reader.email, password)
        for kind, pattern in reader.peers:
            store.grant_user_permission(reader.email, kind, pattern, "READ")
    store.engine.dispose()


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), **json.load(sys.stdin)))

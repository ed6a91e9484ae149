"""Fill MLflow's own schema with scopes of many runs, for `bench.rollout`.

`python -m bench.rollout_fill FILE` makes the database; it is a process of its own because it
imports MLflow's server.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlflow.store.tracking.dbmodels.models import (
    SqlExperiment,
    SqlLatestMetric,
    SqlMetric,
    SqlParam,
    SqlRun,
)
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

from bench.rollout_contents import MODEL_PARAMS, SCOPES, SUBMODEL, VERSION, run_ids

FIRST_MOMENT = 1_700_000_000_000
NEW = 1.0


def main(file: Path) -> None:
    """Make the database."""
    store = SqlAlchemyStore(f"sqlite:///{file}", "mlflow-artifacts:/")
    with store.engine.begin() as connection:
        for experiment_id, count in SCOPES.items():
            connection.execute(SqlExperiment.__table__.insert(), _experiment(experiment_id))
            ids = run_ids(experiment_id, count)
            connection.execute(SqlRun.__table__.insert(), list(_runs(experiment_id, ids)))
            connection.execute(SqlParam.__table__.insert(), list(_params(ids)))
            metrics = list(_metrics(ids))
            connection.execute(SqlMetric.__table__.insert(), metrics)
            connection.execute(SqlLatestMetric.__table__.insert(), metrics)
    store.engine.dispose()


def _experiment(experiment_id: int) -> dict[str, Any]:
    return {
        "experiment_id": experiment_id,
        "name": f"bench-{experiment_id}",
        "artifact_location": f"mlflow-artifacts:/{experiment_id}",
        "lifecycle_stage": "active",
        "creation_time": FIRST_MOMENT,
        "last_update_time": FIRST_MOMENT,
    }


def _runs(experiment_id: int, ids: list[str]) -> Iterator[dict[str, Any]]:
    for number, run_id in enumerate(ids):
        yield {
            "run_uuid": run_id,
            "name": f"run-{number}",
            "source_type": "LOCAL",
            "user_id": "bench",
            "status": "FINISHED",
            "start_time": FIRST_MOMENT + number,
            "end_time": FIRST_MOMENT + number + 1,
            "lifecycle_stage": "active",
            "artifact_uri": f"mlflow-artifacts:/{experiment_id}/{run_id}/artifacts",
            "experiment_id": experiment_id,
        }


def _params(ids: list[str]) -> Iterator[dict[str, Any]]:
    numbers = zip(("major_version", "minor_version", "micro_version"), VERSION, strict=True)
    values = {"submodel_name": SUBMODEL, **{key: str(number) for key, number in numbers}}
    for run_id in ids:
        for key, value in {**values, **MODEL_PARAMS}.items():
            yield {"key": key, "value": value, "run_uuid": run_id}


def _metrics(ids: list[str]) -> Iterator[dict[str, Any]]:
    for run_id in ids:
        auc = int(hashlib.sha256(run_id.encode()).hexdigest()[:4], 16) / 0xFFFF
        for key, value in {"active_state": NEW, "test_fraction": 0.0, "auc": auc}.items():
            yield {
                "key": key,
                "value": value,
                "timestamp": FIRST_MOMENT,
                "step": 0,
                "is_nan": False,
                "run_uuid": run_id,
            }


if __name__ == "__main__":
    main(Path(sys.argv[1]))

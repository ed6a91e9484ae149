from collections.abc import Sequence
from functools import partial
from logging import getLogger
from typing import Any

from penstock.errors import MlflowException
from penstock.rest.artifacts.crew import Crew
from penstock.rest.artifacts.logged_table import TABLES_TAG, fetch_bytes
from penstock.rest.artifacts.store import ArtifactStore
from penstock.rest.artifacts.tables import checked_table_file, join_frames, load_pandas, read_table
from penstock.rest.entities import Run

MOST_AT_ONCE = 8
INFO_COLUMNS = ("run_id", "experiment_id", "status", "artifact_uri")
TIME_COLUMNS = ("start_time", "end_time")


def table_filter(artifact_file: str, run_ids: Sequence[str] | None) -> str:
    """Return the filter that finds the runs which have a table."""
    file = checked_table_file(artifact_file)
    condition = f"""tags.{TABLES_TAG} LIKE '%"path"%:%"{file}",%"type"%:%"table"%'"""
    if run_ids:
        condition += f" and attributes.run_id IN ({', '.join(map(repr, run_ids))})"
    return condition


def load_table(
    store: ArtifactStore,
    runs: Sequence[Run],
    artifact_file: str,
    *,
    run_ids: Sequence[str] | None,
    extra_columns: Sequence[str] | None,
) -> Any:  # noqa: ANN401 - of pandas
    """Return the rows of a table of several runs, with columns that tell of the runs."""
    file = checked_table_file(artifact_file)
    if not runs:
        raise MlflowException(f"no run has a table '{file}'", "RESOURCE_DOES_NOT_EXIST")
    if run_ids and len(set(run_ids)) > len(runs):
        getLogger("penstock.rest").warning(
            "only %d of the %d runs have a table '%s'", len(runs), len(set(run_ids)), file
        )
    contents = _fetch(store, runs, file)
    frames = [read_table(contents[run.info.run_id], file) for run in runs]
    for column in extra_columns or ():
        _check_column(column, runs)
        # A series, because pandas has its own idea of what nothing is among texts.
        values = load_pandas().Series([_value(run, column) for run in runs])
        for frame, value in zip(frames, values, strict=True):
            _add_column(frame, column, value)
    return join_frames(frames)


def _fetch(store: ArtifactStore, runs: Sequence[Run], file: str) -> dict[str, bytes]:
    tasks = {
        run.info.run_id: partial(fetch_bytes, store.open(run.info.artifact_uri), file)
        for run in runs
    }
    with Crew(tasks, most=MOST_AT_ONCE) as crew:
        return {done.name: done.get() for done in crew.done()}


def _check_column(column: str, runs: Sequence[Run]) -> None:
    kind, _, key = column.partition(".")
    known = column in {*INFO_COLUMNS, *TIME_COLUMNS} or (
        kind in {"metrics", "params", "tags"}
        and any(key in getattr(run.data, kind) for run in runs)
    )
    if not known:
        raise MlflowException(
            f"no run has the column '{column}'; there are {', '.join(INFO_COLUMNS)}, "
            f"{', '.join(TIME_COLUMNS)}, and metrics.…, params.…, tags.… that a run has",
            "INVALID_PARAMETER_VALUE",
        )


def _value(run: Run, column: str) -> Any:  # noqa: ANN401 - text, a number, or of pandas
    kind, _, key = column.partition(".")
    if column in INFO_COLUMNS:
        return getattr(run.info, column)
    if column in TIME_COLUMNS:
        return load_pandas().to_datetime(getattr(run.info, column), unit="ms", utc=True)
    return getattr(run.data, kind).get(key, float("nan") if kind == "metrics" else None)


def _add_column(frame: Any, column: str, value: Any) -> None:  # noqa: ANN401 - as above
    if column in frame:
        getLogger("penstock.rest").warning(
            "the table has a column '%s'; added '%s_'", column, column
        )
        column = f"{column}_"
    frame[column] = value

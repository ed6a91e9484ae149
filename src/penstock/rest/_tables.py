from __future__ import annotations

from typing import TYPE_CHECKING, Any

from penstock.rest._artifact_family import ArtifactFamily
from penstock.rest._runs import Runs

if TYPE_CHECKING:
    from collections.abc import Sequence


# What the methods import is loaded when it is needed: a client that was only made pays nothing.


class Tables(Runs, ArtifactFamily):
    """Tables of runs, which MLflow's pages show and compare. Needs pandas."""

    def log_table(
        self,
        run_id: str,
        data: Any,  # noqa: ANN401 - a dictionary, or of pandas
        artifact_file: str,
    ) -> None:
        """Upload a DataFrame, or a dictionary, as a `.json` or `.parquet` file.

        Rows are added to a table that is already there. Images in a column are uploaded beside it.
        """
        from penstock.rest.artifacts.logged_table import log_table  # noqa: PLC0415

        log_table(self._artifact_store, run_id, data, artifact_file)

    def load_table(
        self,
        experiment_id: str,
        artifact_file: str,
        run_ids: Sequence[str] | None = None,
        extra_columns: Sequence[str] | None = None,
    ) -> Any:  # noqa: ANN401 - of pandas
        """Return the rows of this table of all runs of an experiment, or of some, as a DataFrame.

        `extra_columns` are added from the run of each row: `run_id`, `status`, `start_time` and
        the like, or `params.…`, `metrics.…`, `tags.…`.
        """
        from penstock.rest.artifacts.loaded_table import load_table, table_filter  # noqa: PLC0415
        from penstock.rest.artifacts.tables import load_pandas  # noqa: PLC0415

        load_pandas()
        condition = table_filter(artifact_file, run_ids)
        runs = list(self.iter_runs([experiment_id], condition))
        return load_table(
            self._artifact_store, runs, artifact_file, run_ids=run_ids, extra_columns=extra_columns
        )

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.rest import entities
from penstock.rest._family import Family
from penstock.rest._paging import iterate

if TYPE_CHECKING:
    from penstock.rest.entities import Metric

PAGE_SIZE = 25_000


class Metrics(Family):
    """Metrics: what was logged over time."""

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        """Return all values of a metric; none is an empty list."""
        return list(
            iterate(
                lambda token: self._tracking.get(
                    "mlflow/metrics/get-history",
                    run_id=run_id,
                    metric_key=key,
                    max_results=PAGE_SIZE,
                    page_token=token,
                ).page("metrics", entities.Metric)
            )
        )

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from penstock.errors import MlflowException, ServerTooOld

if TYPE_CHECKING:
    from collections.abc import Callable

    from penstock.rest._answer import Answer

VERSION_ENDPOINT = "/version"
NOT_FOUND = 404
MAJOR_MINOR = re.compile(rb"\s*(\d+)\.(\d+)")


class Novelty(NamedTuple):
    """What came to MLflow's API after the oldest version that this client works with, 2.12."""

    endpoint: str
    title: str
    since: tuple[int, int]


LOGGED_MODELS = Novelty("mlflow/logged-models", "logged models", (3, 0))
NOVELTIES = (
    LOGGED_MODELS,
    Novelty("mlflow/runs/outputs", "outputs of runs", (3, 0)),
    Novelty("mlflow/experiments/delete-experiment-tag", "removing a tag of an experiment", (3, 2)),
    Novelty("mlflow-artifacts/presigned", "presigned URLs of proxied artifacts", (3, 11)),
    Novelty("mlflow/artifacts/presigned-upload-url", "presigned URLs for uploads", (3, 12)),
    Novelty("mlflow/artifacts/presigned-download-url", "presigned URLs for downloads", (3, 15)),
)


class ServerVersion:
    """The version of MLflow that a server runs: asked for once, when first wanted."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._is_asked = False
        self._known: tuple[int, int] | None = None

    def check(self, novelty: Novelty) -> None:
        """Raise ServerTooOld if the server is known to be older than something."""
        version = self._find()
        if version is not None and version < novelty.since:
            raise ServerTooOld(
                f"the server runs MLflow {_text(version)}, and {novelty.title} came with "
                f"{_text(novelty.since)}; update the server, or do without",
                "ENDPOINT_NOT_FOUND",
                status=NOT_FOUND,
            )

    def check_after(self, error: MlflowException, endpoint: str) -> None:
        """Raise ServerTooOld if that is why the server does not know an endpoint."""
        novelty = find_novelty(endpoint)
        if novelty is not None and error.get_http_status_code() == NOT_FOUND:
            self.check(novelty)

    def _find(self) -> tuple[int, int] | None:
        if not self._is_asked:
            try:
                found = MAJOR_MINOR.match(self._ask().body)
                self._known = (int(found[1]), int(found[2])) if found else None
            except MlflowException:
                # Something between hides it; then nothing can be said of the version.
                self._known = None
            self._is_asked = True
        return self._known


def find_novelty(endpoint: str) -> Novelty | None:
    """Return what an endpoint belongs to if older servers lack it."""
    for novelty in NOVELTIES:
        if endpoint == novelty.endpoint or endpoint.startswith(f"{novelty.endpoint}/"):
            return novelty
    return None


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"

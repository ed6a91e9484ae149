"""Read the file `MLmodel` of a version, which tells what the model takes and returns."""

from typing import Final
from urllib.parse import urlencode

from penstock.errors import RequestRefused, UpstreamError, UpstreamTimeout, UpstreamUnreachable
from penstock.gateway.api.mlflow_errand import Errand
from penstock.gateway.api.model_versions import Version
from penstock.gateway.proxy.upstream import Pace, Upstream
from penstock.uris import RunsUri, parse_runs_uri

NAME: Final = "MLmodel"
MOST_BYTES: Final = 262_144
"""Of the file; a larger one is not read."""

OK: Final = 200


class ModelFiles:
    """Reads files of versions that a caller has found, and so may read."""

    def __init__(self, upstream: Upstream, *, seconds: float) -> None:
        self._upstream = upstream
        self._pace = Pace(seconds)

    async def find(self, errand: Errand, version: Version) -> bytes | None:
        """Return the file, or None: not every version is made of a model. Raises UpstreamError."""
        source = _run_of(str(version.get("source", "")))
        try:
            if source is not None:
                return await self._find_in_run(source)
            named = {"name": version["name"], "version": version["version"], "path": NAME}
            path = "/model-versions/get-artifact"
            return await errand.fetch(path, named, most_bytes=MOST_BYTES)
        except (UpstreamUnreachable, UpstreamTimeout):
            raise
        except (RequestRefused, UpstreamError):
            # Stores differ in what they say of a file that is not there: 404, or 500.
            return None

    async def _find_in_run(self, source: RunsUri) -> bytes | None:
        """Return the file of a version whose source is a run's address.

        MLflow 3.17 fails to follow such an address to files that it serves itself. Whoever made
        the version could read the run, and whoever may read the model may read its files: so
        the gateway follows the address itself.
        """
        path = f"{source.path}/{NAME}" if source.path else NAME
        query = urlencode({"path": path, "run_uuid": source.run_id})
        async with self._upstream.send("GET", f"/get-artifact?{query}", pace=self._pace) as answer:
            if answer.status != OK:
                return None
            content = bytearray()
            async for chunk in answer.chunks:
                content += chunk
                if len(content) > MOST_BYTES:
                    return None
        return bytes(content)


def _run_of(source: str) -> RunsUri | None:
    try:
        return parse_runs_uri(source)
    except ValueError:
        return None

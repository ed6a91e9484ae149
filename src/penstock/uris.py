"""Parse and format the URIs that name models and artifacts. Pure: asks no server.

Names stand verbatim, as in MLflow: nothing is percent-decoded.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunsUri:
    """`runs:/{run_id}/{path}`: an artifact of a run; `path` may be empty."""

    run_id: str
    path: str

    def __str__(self) -> str:
        return f"runs:/{self.run_id}/{self.path}" if self.path else f"runs:/{self.run_id}"


@dataclass(frozen=True, slots=True)
class ModelsUri:
    """`models:/{name}/{version}`, `…/{stage}`, `…/latest`, `…@{alias}`, or `models:/{model_id}`.

    One of `version`, `stage`, `alias`, `is_latest` selects the version; `model_id` stands alone.
    """

    name: str | None = None
    version: int | None = None
    stage: str | None = None
    alias: str | None = None
    model_id: str | None = None
    is_latest: bool = False

    def __str__(self) -> str:
        if self.model_id is not None:
            return f"models:/{self.model_id}"
        if self.alias is not None:
            return f"models:/{self.name}@{self.alias}"
        if self.version is not None:
            return f"models:/{self.name}/{self.version}"
        return f"models:/{self.name}/{'latest' if self.is_latest else self.stage}"


@dataclass(frozen=True, slots=True)
class ArtifactsUri:
    """`mlflow-artifacts:/{path}`, or with the server's address, `mlflow-artifacts://host/{path}`."""

    path: str
    netloc: str = ""

    def __str__(self) -> str:
        prefix = f"mlflow-artifacts://{self.netloc}" if self.netloc else "mlflow-artifacts:"
        return f"{prefix}/{self.path}"


def parse_runs_uri(uri: str) -> RunsUri:
    """Parse `runs:/{run_id}/{path}`. Raises ValueError that shows the right form."""
    run_id, _, path = uri.removeprefix("runs:/").rstrip("/").partition("/")
    if not uri.startswith("runs:/") or not run_id:
        raise ValueError(f"not a run URI: '{uri}'; expected runs:/<run_id>/<path>")
    return RunsUri(run_id, path)


def parse_artifacts_uri(uri: str) -> ArtifactsUri:
    """Parse `mlflow-artifacts:/{path}`. Raises ValueError that shows the right form."""
    rest = uri.removeprefix("mlflow-artifacts:")
    if rest == uri:
        raise ValueError(f"not an artifact URI: '{uri}'; expected mlflow-artifacts:/<path>")
    if not rest.startswith("//"):
        return ArtifactsUri(rest.lstrip("/"))
    netloc, _, path = rest[2:].partition("/")
    return ArtifactsUri(path.lstrip("/"), netloc)


def parse_models_uri(uri: str) -> ModelsUri:
    """Parse a `models:/…` URI. Raises ValueError that shows the right forms."""
    refusal = ValueError(
        f"not a model URI: '{uri}'; expected models:/<name>/<version>, models:/<name>/<stage>, "
        "models:/<name>/latest, models:/<name>@<alias> or models:/<model_id>"
    )
    if not uri.startswith("models:/") or uri.startswith("models://"):
        raise refusal
    name, slash, selector = uri.removeprefix("models:/").partition("/")
    if not slash:
        return _parse_alias_or_id(name, refusal)
    if not name or not selector or "/" in selector:
        raise refusal
    if selector.isascii() and selector.isdecimal():
        return ModelsUri(name, version=int(selector))
    if selector.lower() == "latest":
        return ModelsUri(name, is_latest=True)
    return ModelsUri(name, stage=selector)


def _parse_alias_or_id(text: str, refusal: ValueError) -> ModelsUri:
    name, at, alias = text.rpartition("@")
    if at:
        if not name or not alias:
            raise refusal
        return ModelsUri(name, alias=alias)
    if not text:
        raise refusal
    return ModelsUri(model_id=text)

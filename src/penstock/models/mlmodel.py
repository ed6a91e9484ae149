import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from penstock.errors import UnreadableModel
from penstock.models.requirements import read_requirements

MLMODEL: Final = "MLmodel"
_SIGNED: Final = ("inputs", "outputs", "params")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a model takes, returns and can be told, each as MLflow describes it; None if open."""

    inputs: tuple[Mapping[str, Any], ...] | None = None
    outputs: tuple[Mapping[str, Any], ...] | None = None
    params: tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class MlModel:
    """What the `MLmodel` file of a saved model says. `utc_time_created` is MLflow's text."""

    path: Path
    flavours: Mapping[str, Mapping[str, Any]]
    requirements: tuple[str, ...] = ()
    signature: Signature | None = None
    run_id: str | None = None
    model_id: str | None = None
    model_uuid: str | None = None
    artifact_path: str | None = None
    utc_time_created: str | None = None
    mlflow_version: str | None = None
    model_size_bytes: int | None = None
    input_example: str | None = None
    metadata: Mapping[str, Any] | None = None


def read_mlmodel(path: Path | str) -> MlModel:
    """Read the `MLmodel` file of a folder, and the requirements beside it, without mlflow.

    Raises UnreadableModel where there is none, or where it is damaged.
    """
    folder = Path(path)
    document = read_document(folder)
    flavours = document.get("flavors")
    if not isinstance(flavours, dict) or not flavours:
        raise UnreadableModel(f"{folder / MLMODEL} names no flavour; save the model again")
    example = document.get("saved_input_example_info")
    return MlModel(
        path=folder,
        flavours={str(name): dict(of or {}) for name, of in flavours.items()},
        requirements=read_requirements(folder),
        signature=_parse_signature(document.get("signature"), folder),
        run_id=document.get("run_id"),
        model_id=document.get("model_id"),
        model_uuid=document.get("model_uuid"),
        artifact_path=document.get("artifact_path"),
        utc_time_created=_text(document.get("utc_time_created")),
        mlflow_version=_text(document.get("mlflow_version")),
        model_size_bytes=document.get("model_size_bytes"),
        input_example=example.get("artifact_path") if isinstance(example, dict) else None,
        metadata=document.get("metadata"),
    )


def read_document(folder: Path) -> dict[str, Any]:
    """Return the content of an `MLmodel` file. Raises UnreadableModel."""
    import yaml  # noqa: PLC0415 - only when a model is looked at

    file = folder / MLMODEL
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(file.read_bytes(), Loader=loader)  # noqa: S506 - both loaders are safe ones
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnreadableModel(
            f"there is no readable model in {folder}: {MLMODEL}: {reason}"
        ) from error
    if not isinstance(document, dict):
        raise UnreadableModel(f"{file} is no MLmodel file; save the model again")
    return document


def write_document(folder: Path, document: Mapping[str, Any]) -> None:
    """Write the content of an `MLmodel` file, as MLflow writes it."""
    import yaml  # noqa: PLC0415 - as above

    text = yaml.safe_dump(dict(document), default_flow_style=False)
    (folder / MLMODEL).write_text(text, encoding="utf-8")


def _parse_signature(found: object, folder: Path) -> Signature | None:
    if not isinstance(found, dict):
        return None
    try:
        parts = {name: _parse_columns(found.get(name)) for name in _SIGNED}
    except (TypeError, ValueError) as error:
        raise UnreadableModel(f"the signature in {folder / MLMODEL} is damaged: {error}") from error
    return Signature(**parts)


def _parse_columns(text: object) -> tuple[Mapping[str, Any], ...] | None:
    """Return columns or tensors; MLflow keeps them as JSON inside of the YAML."""
    if text is None:
        return None
    found: Any = json.loads(text) if isinstance(text, str) else text
    return tuple(found) if isinstance(found, list) else (found,)


def _text(value: object) -> str | None:
    return None if value is None else str(value)

"""What the URI of a model means now, and whether what the model needs is installed."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.deployments.model_uri import parse_model_uri
from penstock.errors import InvalidDeployment, UnmetRequirements, UnreadableModel
from penstock.models.mlmodel import MLMODEL, MlModel, read_mlmodel
from penstock.models.reference import Kind, ModelReference
from penstock.models.requirements import FILE, find_shortfalls
from penstock.models.sources.registry import find_version
from penstock.uris import ModelsUri, parse_runs_uri

if TYPE_CHECKING:
    from penstock.rest import MlflowClient


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model whose files do not change any more: `uri` names a version where `asked` was an alias.

    `requirements` are those that were saved with it, `flavours` the ways in which it can be loaded.
    """

    asked: str
    uri: str
    run_id: str | None
    requirements: tuple[str, ...]
    flavours: tuple[str, ...]

    def check_installed(self) -> None:
        """Raise UnmetRequirements, listing them, unless what it needs is installed here."""
        shortfalls = find_shortfalls(self.requirements)
        if shortfalls:
            listed = "; ".join(map(str, shortfalls))
            raise UnmetRequirements(
                f"{self.uri} needs what is not installed on this machine: {listed}. Install it "
                "beside Penstock, or deploy with ignore_requirements"
            )


def resolve_model(client: MlflowClient, text: str) -> ResolvedModel:
    """Ask the server what a URI means, and read the model's `MLmodel` and requirements.

    Raises InvalidDeployment for what is no URI of a model, or names files that are none, and
    MlflowException with what the server says.
    """
    reference = parse_model_uri(text)
    uri, run_id = _pin(client, reference)
    model = _read(client, uri)
    return ResolvedModel(
        asked=text,
        uri=uri,
        run_id=run_id or model.run_id,
        requirements=model.requirements,
        flavours=tuple(model.flavours),
    )


def _pin(client: MlflowClient, reference: ModelReference) -> tuple[str, str | None]:
    """Return the URI that means the same for ever, and the run if it is known."""
    uri = reference.models_uri
    if uri is not None and uri.model_id is None:
        found = find_version(client, uri)
        return str(ModelsUri(found.name, version=int(found.version))), found.run_id or None
    if reference.kind is Kind.RUN:
        return reference.text, parse_runs_uri(reference.text).run_id
    return reference.text, None


def _read(client: MlflowClient, uri: str) -> MlModel:
    with tempfile.TemporaryDirectory(prefix="penstock-") as place:
        try:
            client.download_model(uri, place, only=(MLMODEL, FILE))
            return read_mlmodel(Path(place))
        except UnreadableModel as error:
            raise InvalidDeployment(
                f"model_uri: there is no model at {uri}: no readable {MLMODEL} file; log the model "
                "again, or name its folder"
            ) from error

"""The URIs by which models are deployed. Pure."""

from typing import Final

from penstock.errors import InvalidDeployment, MlflowException
from penstock.models.reference import Kind, ModelReference, parse_reference

FORMS: Final = (
    "models:/NAME/VERSION, models:/NAME/STAGE, models:/NAME@ALIAS, runs:/RUN_ID/model, "
    "or mlflow-artifacts:/EXPERIMENT_ID/RUN_ID/artifacts/model"
)


def parse_model_uri(text: str) -> ModelReference:
    """Return the model that a URI names. Raises InvalidDeployment that shows the right forms."""
    try:
        reference = parse_reference(text)
    except MlflowException as error:
        raise InvalidDeployment(f"model_uri: {error}") from error
    is_artifact = reference.kind is Kind.PLACE and text.startswith("mlflow-artifacts:/")
    if reference.kind is Kind.FOLDER or (reference.kind is Kind.PLACE and not is_artifact):
        raise InvalidDeployment(f"model_uri: not a model of the server: '{text}'; expected {FORMS}")
    if text.startswith("mlflow-artifacts://"):
        raise InvalidDeployment(f"model_uri: leave the server's address out; expected {FORMS}")
    return reference

"""What a caller must be able to read to deploy a model. Pure."""

from penstock.deployments.model_uri import parse_model_uri
from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.uris import parse_runs_uri


def reference_to(model_uri: str) -> Reference:
    """Return what the URI of a model belongs to, with READ. Raises InvalidDeployment."""
    parsed = parse_model_uri(model_uri)
    uri = parsed.models_uri
    if uri is not None and uri.model_id is not None:
        return Reference(Named.LOGGED_MODEL, uri.model_id, Level.READ)
    if uri is not None:
        return Reference(Named.REGISTERED_MODEL, uri.name or "", Level.READ)
    if parsed.text.startswith("runs:"):
        return Reference(Named.RUN, parse_runs_uri(parsed.text).run_id, Level.READ)
    return Reference(Named.LOCATION, parsed.text, Level.READ)

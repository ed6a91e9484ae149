"""What calls change about experiments and registered models, once MLflow carries them out. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from penstock.errors import UpstreamError
from penstock.gateway.permissions.change import Change, Created, Deleted, Renamed
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import get_field
from penstock.gateway.proxy.targets.model_name import registered_model, shown_name


def experiment_creation(call: Call) -> Change:
    """Tell of a new experiment; its id is in MLflow's answer."""
    return Created(Resource(Kind.EXPERIMENT, get_field(call, "name")))


def experiment_renaming(call: Call) -> Change:
    """Tell of the new name; the call does not say the old one."""
    name, experiment_id = get_field(call, "new_name"), get_field(call, "experiment_id")
    return Renamed(None, Resource(Kind.EXPERIMENT, name, experiment_id))


def model_creation(call: Call) -> Change:
    """Tell of a new registered model."""
    return Created(registered_model(get_field(call, "name")))


def model_renaming(call: Call) -> Change:
    """Tell of both names."""
    new = registered_model(get_field(call, "new_name"))
    return Renamed(shown_name(get_field(call, "name")), new)


def model_deletion(call: Call) -> Change:
    """Tell of a registered model that is gone for good."""
    return Deleted(registered_model(get_field(call, "name")))


def completed(change: Change, answer: Mapping[str, Any]) -> Change:
    """Return a change with the id that MLflow's answer names. Raises UpstreamError without one."""
    resource = change.resource
    if resource.kind is not Kind.EXPERIMENT or resource.id is not None:
        return change
    experiment_id = answer.get("experiment_id")
    if not isinstance(experiment_id, str):
        raise UpstreamError("MLflow's answer does not name the new experiment")
    return replace(change, resource=replace(resource, id=experiment_id))

"""What calls that succeeded have changed about experiments and registered models. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from penstock.errors import UpstreamError
from penstock.gateway.permissions.change import Change, Created, Deleted, Renamed
from penstock.gateway.permissions.resource import Kind, Resource
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import get_field
from penstock.gateway.proxy.targets.model_name import registered_model, shown_name


def experiment_created(call: Call, answer: Mapping[str, Any]) -> Sequence[Change]:
    """Tell of the experiment whose id MLflow's answer names. Raises UpstreamError without one."""
    experiment_id = answer.get("experiment_id")
    if not isinstance(experiment_id, str):
        raise UpstreamError("MLflow's answer does not name the new experiment")
    return [Created(Resource(Kind.EXPERIMENT, get_field(call, "name"), experiment_id))]


def experiment_renamed(call: Call, answer: Mapping[str, Any]) -> Sequence[Change]:  # noqa: ARG001 - an Aftermath
    """Tell of the new name; MLflow does not say the old one."""
    name, experiment_id = get_field(call, "new_name"), get_field(call, "experiment_id")
    return [Renamed(None, Resource(Kind.EXPERIMENT, name, experiment_id))]


def model_created(call: Call, answer: Mapping[str, Any]) -> Sequence[Change]:  # noqa: ARG001 - an Aftermath
    """Tell of a new registered model."""
    return [Created(registered_model(get_field(call, "name")))]


def model_renamed(call: Call, answer: Mapping[str, Any]) -> Sequence[Change]:  # noqa: ARG001 - an Aftermath
    """Tell of both names."""
    new = registered_model(get_field(call, "new_name"))
    return [Renamed(shown_name(get_field(call, "name")), new)]


def model_deleted(call: Call, answer: Mapping[str, Any]) -> Sequence[Change]:  # noqa: ARG001 - an Aftermath
    """Tell of a registered model that is gone for good."""
    return [Deleted(registered_model(get_field(call, "name")))]

"""Leave out of an answer what its caller may not read, where MLflow mixes it in. Pure."""

from collections.abc import Mapping
from typing import Any

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.scope import Scope
from penstock.gateway.proxy.targets.model_name import registered_model

VERSIONS = "modelVersions"
"""GraphQL's field of the versions that a run is registered as, of any registered model."""


def sift_graphql(answer: Mapping[str, Any], scope: Scope) -> Mapping[str, Any]:
    """Return an answer to GraphQL without versions of registered models that are not readable.

    A version whose name was not asked for is left out as well.
    """
    return answer if scope.is_admin else {name: _sift(one, scope) for name, one in answer.items()}


def _sift(value: Any, scope: Scope) -> Any:  # noqa: ANN401 - a value of JSON
    if isinstance(value, list):
        return [_sift(one, scope) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _readable(one, scope)
        if name == VERSIONS and isinstance(one, list)
        else _sift(one, scope)
        for name, one in value.items()
    }


def _readable(versions: list[Any], scope: Scope) -> list[Any]:
    return [
        one
        for one in versions
        if isinstance(one, dict)
        and isinstance(one.get("name"), str)
        and scope.level(registered_model(one["name"])) >= Level.READ
    ]

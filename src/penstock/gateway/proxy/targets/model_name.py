"""The names of registered models, as grants see them. Pure."""

from penstock.gateway.permissions.resource import Kind, Resource

_SPELLED = {"%2F": "/", "%3A": ":"}


def shown_name(name: str) -> str:
    """Return the name that grants match: with `/` and `:` where they are percent-encoded.

    MLflow allows neither in a name, so whoever wants them encodes them. Nothing else is
    decoded: no two names of MLflow's may look like one to the grants.
    """
    for spelled, character in _SPELLED.items():
        name = name.replace(spelled, character)
    return name


def spelled_name(name: str) -> str:
    """Return what MLflow calls the registered model that grants know by a name."""
    for spelled, character in _SPELLED.items():
        name = name.replace(character, spelled)
    return name


def registered_model(name: str) -> Resource:
    """Return the resource of a name of MLflow's."""
    return Resource(Kind.REGISTERED_MODEL, shown_name(name))

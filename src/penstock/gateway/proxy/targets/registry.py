"""What calls about registered models, their versions and prompts touch. Pure."""

from collections.abc import Iterator

from penstock.gateway.permissions.level import Level
from penstock.gateway.permissions.reference import Named, Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import get_field, missing
from penstock.gateway.proxy.targets.finder import EDIT, MANAGE, READ, Finder, required
from penstock.gateway.proxy.targets.model_source import version_source
from penstock.gateway.proxy.targets.owner_tag import owner_tag
from penstock.gateway.proxy.targets.protected import protected_tag, protected_tags


def model(level: Level) -> Finder:
    """Find the registered model, or prompt, `name`."""
    return required(Named.REGISTERED_MODEL, "name", level)


def _find_creation(call: Call) -> Iterator[Reference]:
    yield Reference(Named.NEW_REGISTERED_MODEL, get_field(call, "name"), MANAGE)


def _find_rename(call: Call) -> Iterator[Reference]:
    yield Reference(Named.REGISTERED_MODEL, get_field(call, "name"), MANAGE)
    yield Reference(Named.NEW_REGISTERED_MODEL, get_field(call, "new_name"), MANAGE)


def _find_version_file(call: Call) -> Iterator[Reference]:
    # This call of MLflow's pages reads the query whatever the method.
    name = call.argument("name")
    if not name:
        raise missing("name")
    yield Reference(Named.REGISTERED_MODEL, name, READ)


model_creation = Finder("the right to create `name`", _find_creation) & protected_tags
version_tag = model(EDIT) & protected_tag
model_tag = version_tag & owner_tag
model_rename = Finder(
    "MANAGE on the registered model `name`; the right to create `new_name`", _find_rename
)
version_creation = model(EDIT) & version_source & protected_tags
version_file = Finder("READ on the registered model `name` of the query", _find_version_file)

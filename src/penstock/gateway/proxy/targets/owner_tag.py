"""The tag that says who made something of MLflow's; only the making of it writes it. Pure."""

from collections.abc import Iterator
from typing import Final

from penstock.gateway.permissions.reference import Reference
from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import find_field, list_objects, string_member
from penstock.gateway.proxy.targets.finder import Finder, reserved

OWNER_TAG: Final = "mlflow.user"
"""Whom something belongs to, as MLflow's pages show it; written when it is made."""

_NEEDS: Final = "administrators for the tag `mlflow.user`"


def is_owner_tag(key: str | None) -> bool:
    """Return whether a database may take a key for that of the tag.

    Some compare without case and trailing spaces: there `MLflow.User ` overwrites `mlflow.user`.
    """
    return (key or "").strip().lower() == OWNER_TAG


def _owner() -> Reference:
    return reserved(f"the tag '{OWNER_TAG}' of what exists")


def _find_tag(call: Call) -> Iterator[Reference]:
    if is_owner_tag(find_field(call, "key")):
        yield _owner()


def _find_tags(call: Call) -> Iterator[Reference]:
    for tag in list_objects(call.document or {}, "tags"):
        if is_owner_tag(string_member(tag, "key")):
            yield _owner()


def _find_tag_of_path(call: Call) -> Iterator[Reference]:
    if is_owner_tag(call.parameters["tag_key"]):
        yield _owner()


owner_tag = Finder(_NEEDS, _find_tag)
owner_tags = Finder(_NEEDS, _find_tags)
owner_tag_of_path = Finder(_NEEDS, _find_tag_of_path)

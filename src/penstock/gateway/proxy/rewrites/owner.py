"""Runs belong to whom they belong: the proven identity is written in. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import list_objects
from penstock.gateway.proxy.targets.runs import OWNER_TAG

_USER_FIELDS: Final = frozenset({"user_id", "userId"})


def owned_run(call: Call) -> Mapping[str, Any]:
    """Return the body with the caller as `user_id` and as the tag that MLflow's pages show.

    Raises RequestRefused (400) for tags that are no list of objects.
    """
    document = call.document or {}
    kept = {name: value for name, value in document.items() if name not in _USER_FIELDS}
    others = [tag for tag in list_objects(document, "tags") if tag.get("key") != OWNER_TAG]
    owner = {"key": OWNER_TAG, "value": call.subject.email}
    return {**kept, "user_id": call.subject.email, "tags": [*others, owner]}

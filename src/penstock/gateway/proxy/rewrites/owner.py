"""Runs and logged models belong to who made them: the proven identity is written in. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import list_objects, string_member
from penstock.gateway.proxy.targets.owner_tag import OWNER_TAG, is_owner_tag

_USER_FIELDS: Final = frozenset({"user_id", "userId"})


def owned_run(call: Call) -> Mapping[str, Any]:
    """Return the body with the caller as `user_id` and as the tag that MLflow's pages show.

    Raises RequestRefused (400) for tags that are no list of objects.
    """
    return {**_without_user(call), "user_id": call.subject.email, "tags": _owned_tags(call)}


def owned_prompt_run(call: Call) -> Mapping[str, Any]:
    """Return the body with the caller as `user_id`, and without a tag that says otherwise.

    MLflow fails (500) at any tag in this call, so there is none that says whose the run is.
    Raises RequestRefused like `owned_run`.
    """
    body = {**_without_user(call), "user_id": call.subject.email}
    tags = _other_tags(call)
    return {**body, "tags": tags} if tags else {k: v for k, v in body.items() if k != "tags"}


def owned_model(call: Call) -> Mapping[str, Any]:
    """Return the body with the caller as the tag that says who made a logged model.

    Raises RequestRefused like `owned_run`.
    """
    return {**(call.document or {}), "tags": _owned_tags(call)}


def _without_user(call: Call) -> dict[str, Any]:
    document = call.document or {}
    return {name: value for name, value in document.items() if name not in _USER_FIELDS}


def _owned_tags(call: Call) -> list[Mapping[str, Any]]:
    return [*_other_tags(call), {"key": OWNER_TAG, "value": call.subject.email}]


def _other_tags(call: Call) -> list[Mapping[str, Any]]:
    tags = list_objects(call.document or {}, "tags")
    return [tag for tag in tags if not is_owner_tag(string_member(tag, "key"))]

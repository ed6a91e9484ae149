"""What is made belongs to who made it: the proven identity is written in. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from penstock.gateway.proxy.call import Call
from penstock.gateway.proxy.targets.arguments import invalid, list_objects, string_member
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


def owned(call: Call) -> Mapping[str, Any]:
    """Return the body with the caller as the tag that says who made something.

    Raises RequestRefused like `owned_run`.
    """
    return {**(call.document or {}), "tags": _owned_tags(call)}


def owned_dataset(call: Call) -> Mapping[str, Any]:
    """Return the body with the caller as the tag from which MLflow takes who made a data set.

    Its tags are JSON in a text. Raises RequestRefused (400) for tags that are no such object.
    """
    document = call.document or {}
    given = _json_object(string_member(document, "tags"))
    others = {key: value for key, value in given.items() if not is_owner_tag(key)}
    return {**document, "tags": json.dumps({**others, OWNER_TAG: call.subject.email})}


def _json_object(text: str | None) -> Mapping[str, Any]:
    if text is None:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid("tags", "must be JSON") from error
    if value is not None and not isinstance(value, dict):
        raise invalid("tags", "must be a JSON object")
    return value or {}


def _without_user(call: Call) -> dict[str, Any]:
    document = call.document or {}
    return {name: value for name, value in document.items() if name not in _USER_FIELDS}


def _owned_tags(call: Call) -> list[Mapping[str, Any]]:
    return [*_other_tags(call), {"key": OWNER_TAG, "value": call.subject.email}]


def _other_tags(call: Call) -> list[Mapping[str, Any]]:
    tags = list_objects(call.document or {}, "tags")
    return [tag for tag in tags if not is_owner_tag(string_member(tag, "key"))]

"""Print the fields of all messages that the installed MLflow takes, as JSON.

One object a field: message, name, json_name, is_free (a map or any JSON) and is_message (one
other message, not a list of them). A program of its own: importing MLflow warns.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator

import mlflow.protos
from google.protobuf.descriptor import Descriptor, FieldDescriptor

FREE = {f"google.protobuf.{name}" for name in ("Any", "ListValue", "Struct", "Value")}


def requests() -> Iterator[Descriptor]:
    for module in pkgutil.walk_packages(mlflow.protos.__path__, "mlflow.protos."):
        if module.name.endswith("_pb2"):
            services = importlib.import_module(module.name).DESCRIPTOR.services_by_name
            for service in services.values():
                yield from (method.input_type for method in service.methods)


def fields(message: Descriptor, seen: set[str]) -> Iterator[tuple[Descriptor, FieldDescriptor]]:
    if message.full_name in seen:
        return
    seen.add(message.full_name)
    for field in message.fields:
        yield message, field
        if field.message_type is not None and not _is_free(field):
            yield from fields(field.message_type, seen)


def _is_free(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and (kind.GetOptions().map_entry or kind.full_name in FREE)


def described() -> Iterator[dict[str, object]]:
    seen: set[str] = set()
    for request in requests():
        for message, field in fields(request, seen):
            yield {
                "message": message.full_name,
                "name": field.name,
                "json_name": field.json_name,
                "is_free": _is_free(field),
                "is_message": field.message_type is not None
                and not _is_free(field)
                and not field.is_repeated,
            }


json.dump(list(described()), sys.stdout)

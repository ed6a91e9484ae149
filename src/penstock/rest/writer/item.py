from typing import Any

import msgspec

from penstock.errors import MlflowException
from penstock.rest._arguments import as_text
from penstock.rest._operations import RunOperations
from penstock.rest.writer.kind import Kind

NOT_SPOOLED = -1

_encode = msgspec.json.Encoder().encode


class Item(msgspec.Struct):
    """One metric, param or tag on its way to the server.

    `body` is its JSON as `log-batch` takes it; `number` tells it from all others of its writer,
    and grows; `place` is where it stands in the journal, in bytes from its beginning.
    """

    run_id: str
    kind: Kind
    key: str
    body: bytes
    operation: RunOperations | None = None
    number: int = 0
    place: int = NOT_SPOOLED

    @property
    def is_spooled(self) -> bool:
        """Tell whether it outlives this process."""
        return self.place != NOT_SPOOLED


def make_item(
    run_id: str, kind: Kind, fields: dict[str, Any], operation: RunOperations | None = None
) -> Item:
    """Make an item of what is sent of it. Raises MlflowException for what JSON cannot carry."""
    key = as_text(fields["key"], "key")
    try:
        body = _encode(fields)
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        raise MlflowException(
            f"{kind} '{key}' cannot be sent: {error}", "INVALID_PARAMETER_VALUE"
        ) from error
    return Item(run_id, kind, key, body, operation)

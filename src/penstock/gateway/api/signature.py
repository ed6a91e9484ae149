"""What a model takes and returns, by the file `MLmodel` that lies beside it. Pure.

Whoever may write a run's artifacts writes this file, and all who may read the model read it here:
it must neither bring the gateway down nor spoil their page.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

DEEPEST: Final = 50
"""Collections inside of one another. YAML's loader in C overflows its stack where nobody counts,
and no answer can be written of JSON that is much deeper."""

Specification = list[dict[str, Any]]
"""Columns or tensors, in MLflow's words: `name`, `type`, `required`, `tensor-spec`, …"""


@dataclass(frozen=True, slots=True)
class Signature:
    """Inputs and outputs of a model, empty where it does not say."""

    inputs: str = "[]"
    outputs: str = "[]"

    @property
    def length(self) -> int:
        """How much there is to remember, in characters."""
        return len(self.inputs) + len(self.outputs)


NO_SIGNATURE: Final = Signature()


def parse_signature(content: bytes) -> Signature:
    """Return the signature of an `MLmodel` file, an empty one where it has none or is broken."""
    # Only who asks for models needs it.
    import yaml  # noqa: PLC0415

    try:
        document = _load(content)
    except (yaml.YAMLError, ValueError, RecursionError):
        return NO_SIGNATURE
    signature = document.get("signature") if isinstance(document, dict) else None
    if not isinstance(signature, dict):
        return NO_SIGNATURE
    return Signature(_text(signature, "inputs"), _text(signature, "outputs"))


def specification(text: str) -> Specification:
    """Return the columns or tensors of a text of a signature."""
    found: Specification = json.loads(text)
    return found


def _load(content: bytes) -> object:
    """Return a YAML document, all its scalars as text. Raises YAMLError, ValueError."""
    import yaml  # noqa: PLC0415 - as above

    # The base loader knows no merge keys (`<<`), by which few lines become millions.
    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    depth = 0
    for event in yaml.parse(content, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ValueError("collections are nested too deep")
    return yaml.load(content, Loader=loader)  # noqa: S506 - it makes texts, lists and mappings


def _text(signature: Mapping[str, object], name: str) -> str:
    """Return a member that holds JSON as text, `[]` where it is no list of objects."""
    text = signature.get(name)
    if not isinstance(text, str):
        return "[]"
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # half a character can be read, not written
    except (ValueError, RecursionError):
        return "[]"
    is_list = isinstance(found, list) and all(isinstance(one, dict) for one in found)
    return text if is_list and _is_shallow(found, DEEPEST) else "[]"


def _is_shallow(value: object, most: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    members = value.values() if isinstance(value, dict) else value
    return most > 0 and all(_is_shallow(one, most - 1) for one in members)

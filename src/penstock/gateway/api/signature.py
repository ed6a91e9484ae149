"""What a model takes and returns, by the file `MLmodel` that lies beside it. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

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

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(content, Loader=loader)  # noqa: S506 - both are safe loaders
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


def _text(signature: Mapping[str, object], name: str) -> str:
    """Return a member that holds JSON as text, `[]` where it is no list of objects."""
    text = signature.get(name)
    if not isinstance(text, str):
        return "[]"
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return "[]"
    is_specification = isinstance(found, list) and all(isinstance(one, dict) for one in found)
    return text if is_specification else "[]"

"""Submodels as names of registered models. Pure.

MLflow takes no `/` and no `:` in a model's name, so these stand there percent-encoded; a `%` that
would read as an encoding is encoded too, and the way back is unambiguous.
"""

import re

_REFUSED = re.compile(r"[/:]|%(?=[0-9A-Fa-f]{2})")
_ENCODED = re.compile(r"%(2F|3A|25)")


def encode_model_name(submodel_name: str) -> str:
    """Return the name of the registered model of a submodel."""
    return _REFUSED.sub(lambda found: f"%{ord(found[0]):02X}", submodel_name)


def decode_model_name(name: str) -> str:
    """Return the submodel whose registered model has this name."""
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), name)

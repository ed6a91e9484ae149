import json
from posixpath import splitext
from typing import Any

from penstock.errors import UnsuitableObject
from penstock.rest.artifacts.libraries import load_library

YAML_ENDINGS = {".yml", ".yaml"}


def write_document(value: Any, file: str) -> bytes:  # noqa: ANN401 - whatever JSON or YAML can say
    """Return a value as YAML or JSON, by the ending of the file, as MLflow writes it."""
    try:
        if splitext(file)[1] in YAML_ENDINGS:
            return _write_yaml(value).encode()
        return json.dumps(value, indent=2, default=str).encode()
    except (RecursionError, TypeError, ValueError) as error:
        raise UnsuitableObject(f"this cannot be written to '{file}': {error}") from error


def _write_yaml(value: Any) -> str:  # noqa: ANN401 - as above
    yaml = load_library("yaml", "pip install PyYAML, or log a .json file")
    try:
        text: str = yaml.dump(value, indent=2, default_flow_style=False)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    return text

"""What a deployment is asked to be, as a value. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from penstock.errors import InvalidDeployment

MOST_NAME: Final = 63
MOST_CORES: Final = 64
MOST_MEMORY: Final = 512
MOST_REPLICAS: Final = 100
MOST_URI: Final = 2_000

LABEL: Final = r"^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$"
"""A name that is also the name of a service in DNS and in Kubernetes."""

_LABEL: Final = re.compile(LABEL.removesuffix("$"))
_PRINTED: Final = re.compile(r"[^\x00-\x1f\x7f]+")


class Target(StrEnum):
    """Where a service runs."""

    LOCAL = "local"
    RAY = "ray"
    KUBERNETES = "kubernetes"


class NodeCapacity(StrEnum):
    """What kind of machine a service may run on: one that may be taken away, or one that is not."""

    SPOT = "spot"
    ONDEMAND = "ondemand"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentSpec:
    """A service that answers with a model. `memory` in GB, like `cores` of each replica.

    Raises InvalidDeployment that names the value and the rule.
    """

    serve_name: str
    model_uri: str
    env: str
    cores: int = 1
    memory: int = 1
    node_capacity: NodeCapacity = NodeCapacity.ONDEMAND
    min_replicas: int = 1
    max_replicas: int = 1

    def __post_init__(self) -> None:
        check_label("serve_name", self.serve_name)
        check_label("env", self.env)
        if not _PRINTED.fullmatch(self.model_uri) or len(self.model_uri) > MOST_URI:
            raise InvalidDeployment(
                f"model_uri must have 1 to {MOST_URI} characters, and no control characters"
            )
        _check_number("cores", self.cores, MOST_CORES)
        _check_number("memory", self.memory, MOST_MEMORY)
        _check_number("min_replicas", self.min_replicas, MOST_REPLICAS)
        _check_number("max_replicas", self.max_replicas, MOST_REPLICAS)
        if self.min_replicas > self.max_replicas:
            raise InvalidDeployment(
                f"min_replicas ({self.min_replicas}) must not exceed "
                f"max_replicas ({self.max_replicas})"
            )


def check_label(field: str, text: str) -> None:
    """Raise InvalidDeployment unless a text can name a service or a namespace."""
    if not _LABEL.fullmatch(text):
        shown = text if len(text) <= MOST_NAME else f"{text[:MOST_NAME]}…"
        raise InvalidDeployment(
            f"{field} must have 1 to {MOST_NAME} characters of a-z, 0-9 and '-', begin with a "
            f"letter and not end with '-'; not {shown!a}"
        )


def _check_number(field: str, number: int, most: int) -> None:
    if not 1 <= number <= most:
        raise InvalidDeployment(f"{field} must be from 1 to {most}, not {number}")

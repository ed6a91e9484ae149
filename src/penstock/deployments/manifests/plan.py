"""What the manifests of one service are made from, and the names in them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from penstock.deployments.spec import MOST_NAME, DeploymentSpec, check_label
from penstock.errors import InvalidDeployment

Manifest = dict[str, Any]

PORT: Final = 9000
PORT_NAME: Final = "http"
USER_ID: Final = 10001
SUFFIX: Final = "-token"
MANAGER: Final = "penstock"
_SCHEMES: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPlan:
    """A service in a namespace: its image, and the address of the gateway as pods reach it.

    The model's URI in `spec` means the same for ever. Raises InvalidDeployment.
    """

    spec: DeploymentSpec
    image: str
    gateway_url: str
    namespace: str

    def __post_init__(self) -> None:
        check_label("namespace", self.namespace)
        if len(self.spec.serve_name) > MOST_NAME - len(SUFFIX):
            raise InvalidDeployment(
                f"serve_name must have at most {MOST_NAME - len(SUFFIX)} characters for "
                "kubernetes: other objects are named after it"
            )
        if not self.image or any(mark.isspace() for mark in self.image):
            raise InvalidDeployment("image must name a container image, such as churn:prod")
        parts = urlsplit(self.gateway_url)
        if parts.scheme not in _SCHEMES or not parts.hostname or parts.username is not None:
            raise InvalidDeployment(
                "the gateway's address must be such as http://penstock.mlops:8000, without a login"
            )

    @property
    def name(self) -> str:
        """The name of each object."""
        return self.spec.serve_name

    @property
    def secret_name(self) -> str:
        """The name of the secret that holds the token of the service; it is not made here."""
        return f"{self.name}{SUFFIX}"

    @property
    def gateway_host(self) -> str:
        """The gateway's host, as pods call it."""
        return urlsplit(self.gateway_url).hostname or ""

    @property
    def gateway_port(self) -> int:
        """The gateway's port."""
        parts = urlsplit(self.gateway_url)
        return parts.port or _SCHEMES[parts.scheme]

    @property
    def selector(self) -> dict[str, str]:
        """The labels by which the pods of the service are found; they never change."""
        return {"app.kubernetes.io/name": self.name, "app.kubernetes.io/managed-by": MANAGER}

    def manifest(self, kind: str, api: str, spec: Mapping[str, Any]) -> Manifest:
        """Return an object of the service."""
        return {
            "apiVersion": api,
            "kind": kind,
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "labels": {**self.selector, "penstock/env": self.spec.env},
                "annotations": {"penstock/model-uri": self.spec.model_uri},
            },
            "spec": dict(spec),
        }

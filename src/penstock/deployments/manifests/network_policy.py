"""Who may speak to a service in a cluster, and whom it may speak to. Pure."""

import ipaddress
from typing import Any, Final

from penstock.deployments.manifests.plan import PORT, ClusterPlan, Manifest

GATEWAY: Final = {"app.kubernetes.io/name": "penstock-gateway"}
"""The label that a gateway's pods must have."""

NAMESPACE: Final = "kubernetes.io/metadata.name"
_DNS: Final = 53


def network_policy(plan: ClusterPlan) -> Manifest:
    """Return the rules: requests in; names and the gateway out; nothing else, either way."""
    return plan.manifest(
        "NetworkPolicy",
        "networking.k8s.io/v1",
        {
            "podSelector": {"matchLabels": dict(plan.selector)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"ports": [_port(PORT)]}],
            "egress": [
                {"ports": [_port(_DNS, "UDP"), _port(_DNS)]},
                {**_peers(plan.gateway_host), "ports": [_port(plan.gateway_port)]},
            ],
        },
    )


def _port(number: int, protocol: str = "TCP") -> dict[str, Any]:
    return {"protocol": protocol, "port": number}


def _peers(host: str) -> dict[str, Any]:
    """Return the gateway: its address, its pods, or, for a name outside the cluster, anybody."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _named(host)
    return {"to": [{"ipBlock": {"cidr": f"{address}/{address.max_prefixlen}"}}]}


def _named(host: str) -> dict[str, Any]:
    # SERVICE, SERVICE.NAMESPACE or SERVICE.NAMESPACE.svc…; rules know no other names.
    parts = host.split(".")
    if len(parts) > 2 and parts[2] != "svc":  # noqa: PLR2004 - the third part tells
        return {}
    peer: dict[str, Any] = {"podSelector": {"matchLabels": dict(GATEWAY)}}
    if len(parts) > 1:
        peer["namespaceSelector"] = {"matchLabels": {NAMESPACE: parts[1]}}
    return {"to": [peer]}

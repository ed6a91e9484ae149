"""What runs in a pod, and on which machines. Pure."""

from typing import Any, Final

from penstock.deployments.commands import thread_variables
from penstock.deployments.manifests.plan import PORT, PORT_NAME, USER_ID, ClusterPlan
from penstock.deployments.spec import NodeCapacity

PING: Final = "/ping"
CONTAINER: Final = "serve"
CAPACITY: Final = "karpenter.sh/capacity-type"
"""The label of machines, and the taint of those that may be taken away."""

_SPOT: Final = "spot"
_FOLDERS: Final = {"tmp": "/tmp", "cache": "/cache"}  # noqa: S108 - an empty folder of the pod


def pod_spec(plan: ClusterPlan, *, container: str = CONTAINER) -> dict[str, Any]:
    """Return a pod without rights, of one container that answers `/ping` when it is ready."""
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER_ID,
            "runAsGroup": USER_ID,
            "fsGroup": USER_ID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "terminationGracePeriodSeconds": 30,
        **_machines(plan.spec.node_capacity),
        "containers": [_container(plan, container)],
        "volumes": [{"name": name, "emptyDir": {}} for name in _FOLDERS],
    }


def _container(plan: ClusterPlan, name: str) -> dict[str, Any]:
    spec = plan.spec
    amount = {"cpu": str(spec.cores), "memory": f"{spec.memory}G"}
    return {
        "name": name,
        "image": plan.image,
        "args": ["serve", spec.model_uri, "--host=0.0.0.0", f"--port={PORT}"],
        "env": _variables(plan),
        "ports": [{"name": PORT_NAME, "containerPort": PORT, "protocol": "TCP"}],
        "resources": {"requests": amount, "limits": dict(amount)},
        "startupProbe": _probe(period=5, failures=120),
        "readinessProbe": _probe(period=5, failures=3),
        "livenessProbe": _probe(period=10, failures=6),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": one, "mountPath": path} for one, path in _FOLDERS.items()],
    }


def _variables(plan: ClusterPlan) -> list[dict[str, Any]]:
    plain = {
        "MLFLOW_TRACKING_URI": plan.gateway_url,
        "PENSTOCK_CACHE_DIR": f"{_FOLDERS['cache']}/models",
        "PENSTOCK_SERVE_DATA_DIR": f"{_FOLDERS['cache']}/serving",
        "HOME": _FOLDERS["tmp"],
        **thread_variables(plan.spec),
    }
    token = {"secretKeyRef": {"name": plan.secret_name, "key": "token"}}
    return [
        *({"name": name, "value": value} for name, value in plain.items()),
        {"name": "MLFLOW_TRACKING_TOKEN", "valueFrom": token},
    ]


def _probe(*, period: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": PING, "port": PORT_NAME},
        "periodSeconds": period,
        "timeoutSeconds": 3,
        "failureThreshold": failures,
    }


def _machines(capacity: NodeCapacity) -> dict[str, Any]:
    """Return where pods go: spot machines alone, or any that are none, known as such or not."""
    if capacity is NodeCapacity.SPOT:
        tolerated = {"key": CAPACITY, "operator": "Equal", "value": _SPOT, "effect": "NoSchedule"}
        return {"nodeSelector": {CAPACITY: _SPOT}, "tolerations": [tolerated]}
    is_no_spot = {"key": CAPACITY, "operator": "NotIn", "values": [_SPOT]}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [is_no_spot]}]}
    return {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}}

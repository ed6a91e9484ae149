"""The objects that run a service in a cluster, and let it be reached. Pure."""

from typing import Final

from penstock.deployments.manifests.plan import PORT_NAME, ClusterPlan, Manifest
from penstock.deployments.manifests.pods import pod_spec

CPU_PERCENT: Final = 70
"""Of what a replica has asked for; above it there are more of them."""

CALM_SECONDS: Final = 300


def deployment(plan: ClusterPlan) -> Manifest:
    """Return the replicas. How many there are is the autoscaler's to say."""
    template = {
        "metadata": {"labels": dict(plan.selector)},
        "spec": pod_spec(plan),
    }
    return plan.manifest(
        "Deployment",
        "apps/v1",
        {
            "selector": {"matchLabels": dict(plan.selector)},
            # A new version takes over when it is loaded, and nobody waits meanwhile.
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
            },
            "progressDeadlineSeconds": 900,
            "revisionHistoryLimit": 10,
            "template": template,
        },
    )


def service(plan: ClusterPlan) -> Manifest:
    """Return the address of the replicas inside the cluster."""
    port = {"name": PORT_NAME, "port": 80, "targetPort": PORT_NAME, "protocol": "TCP"}
    return plan.manifest(
        "Service",
        "v1",
        {"type": "ClusterIP", "selector": dict(plan.selector), "ports": [port]},
    )


def autoscaler(plan: ClusterPlan) -> Manifest:
    """Return what makes replicas more and fewer, by their use of the processor."""
    target = {"type": "Utilization", "averageUtilization": CPU_PERCENT}
    return plan.manifest(
        "HorizontalPodAutoscaler",
        "autoscaling/v2",
        {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": plan.name},
            "minReplicas": plan.spec.min_replicas,
            "maxReplicas": plan.spec.max_replicas,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": CALM_SECONDS}},
        },
    )


def disruption_budget(plan: ClusterPlan) -> Manifest:
    """Return how many replicas may be taken away at a time."""
    return plan.manifest(
        "PodDisruptionBudget",
        "policy/v1",
        {"maxUnavailable": 1, "selector": {"matchLabels": dict(plan.selector)}},
    )

"""The same service for clusters with KServe, which makes the other objects itself. Pure."""

from typing import Final

from penstock.deployments.manifests.plan import ClusterPlan, Manifest
from penstock.deployments.manifests.pods import pod_spec
from penstock.deployments.manifests.workload import CPU_PERCENT

CONTAINER: Final = "kserve-container"
MODE: Final = "serving.kserve.io/deploymentMode"


def inference_service(plan: ClusterPlan) -> Manifest:
    """Return an InferenceService, in the mode that needs no more than Kubernetes itself."""
    predictor = {
        "minReplicas": plan.spec.min_replicas,
        "maxReplicas": plan.spec.max_replicas,
        "scaleMetric": "cpu",
        "scaleTarget": CPU_PERCENT,
        "labels": dict(plan.selector),
        **pod_spec(plan, container=CONTAINER),
    }
    made = plan.manifest("InferenceService", "serving.kserve.io/v1beta1", {"predictor": predictor})
    made["metadata"]["annotations"][MODE] = "RawDeployment"
    return made

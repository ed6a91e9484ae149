"""What Kubernetes is given fits its schemas, and gives a service no more than it needs."""

from dataclasses import replace

import kubernetes_validate
import pytest
import yaml

from penstock import __version__
from penstock.deployments.manifests.plan import ClusterPlan
from penstock.deployments.spec import DeploymentSpec, NodeCapacity
from penstock.deployments.targets.kubernetes import render, write
from penstock.errors import InvalidDeployment, LocalFileError

SPEC = DeploymentSpec(
    serve_name="churn",
    model_uri="models:/churn/3",
    env="prod",
    cores=2,
    memory=4,
    node_capacity=NodeCapacity.SPOT,
    min_replicas=2,
    max_replicas=5,
)
PLAN = ClusterPlan(
    spec=SPEC,
    image="churn:prod",
    gateway_url="http://penstock.mlops:8000",
    namespace="prod",
)
OLDEST, NEWEST = "1.25", "1.37"


def objects(plan: ClusterPlan = PLAN, file: str = "service.yaml"):
    """Return the objects of a file by their kinds."""
    return {one["kind"]: one for one in yaml.safe_load_all(render(plan)[file])}


def pod(plan: ClusterPlan = PLAN):
    return objects(plan)["Deployment"]["spec"]["template"]["spec"]


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("capacity", NodeCapacity)
@pytest.mark.parametrize(
    "gateway", ["http://penstock.mlops:8000", "https://10.1.2.3", "https://mlflow.example.org"]
)
def test_every_object_fits_the_schema_of_kubernetes(version, capacity, gateway):
    """Strictly: a field that Kubernetes does not know is a mistake."""
    plan = replace(PLAN, spec=replace(SPEC, node_capacity=capacity), gateway_url=gateway)
    found = objects(plan)
    kinds = ["Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"]
    assert [*kinds, "NetworkPolicy"] == list(found)
    for one in found.values():
        kubernetes_validate.validate(one, version, strict=True)


def test_a_mistyped_field_does_not_fit():
    """The schemas say no at all."""
    wrong = objects()["Deployment"]
    wrong["spec"]["template"]["spec"]["containers"][0]["livenessprobe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


def test_the_predictor_of_kserve_is_a_pod_with_its_own_fields():
    """Kubernetes has no schema of KServe's objects, but of the pod inside of it."""
    found = objects(file="kserve.yaml")
    service = found["InferenceService"]
    assert "serving.kserve.io/v1beta1" == service["apiVersion"]
    predictor = service["spec"]["predictor"]
    own = {"minReplicas": 2, "maxReplicas": 5, "scaleMetric": "cpu", "scaleTarget": 70}
    assert own == {name: predictor.pop(name) for name in own}
    assert "churn" == predictor.pop("labels")["app.kubernetes.io/name"]
    assert "kserve-container" == predictor["containers"][0]["name"]
    wrapped = objects()["Deployment"]
    wrapped["spec"]["template"]["spec"] = predictor
    kubernetes_validate.validate(wrapped, NEWEST, strict=True)
    kubernetes_validate.validate(found["NetworkPolicy"], NEWEST, strict=True)


def test_selectors_find_the_pods():
    """Of the deployment, the service, the budget and the rules of the network alike."""
    found = objects()
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert [labels] * 4 == [
        found["Deployment"]["spec"]["selector"]["matchLabels"],
        found["Service"]["spec"]["selector"],
        found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        found["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ]


def test_resources_and_replicas_are_those_asked_for():
    """Requests and limits are alike, and the autoscaler has the last word on replicas."""
    found = objects()
    amount = {"cpu": "2", "memory": "4G"}
    assert {"requests": amount, "limits": amount} == pod()["containers"][0]["resources"]
    assert "replicas" not in found["Deployment"]["spec"]
    scaler = found["HorizontalPodAutoscaler"]["spec"]
    assert (2, 5) == (scaler["minReplicas"], scaler["maxReplicas"])
    assert "cpu" == scaler["metrics"][0]["resource"]["name"]


def test_every_probe_asks_whether_the_model_is_loaded():
    """Nothing is sent to a replica before."""
    (container,) = pod()["containers"]
    probes = [container[f"{name}Probe"]["httpGet"] for name in ("startup", "readiness", "liveness")]
    assert [{"path": "/ping", "port": "http"}] * 3 == probes


def test_spot_pods_go_to_spot_machines_and_others_do_not():
    """Also where no machine is known as either."""
    assert {"karpenter.sh/capacity-type": "spot"} == pod()["nodeSelector"]
    assert "spot" == pod()["tolerations"][0]["value"]
    lasting = pod(replace(PLAN, spec=replace(SPEC, node_capacity=NodeCapacity.ONDEMAND)))
    assert "nodeSelector" not in lasting
    assert "NotIn" in str(lasting["affinity"])


def test_the_token_is_a_reference_and_nothing_more():
    """No file holds a secret; who applies them makes it."""
    (token,) = [one for one in pod()["containers"][0]["env"] if "valueFrom" in one]
    assert {
        "name": "MLFLOW_TRACKING_TOKEN",
        "valueFrom": {"secretKeyRef": {"name": "churn-token", "key": "token"}},
    } == token
    assert not [kind for kind in objects() if kind == "Secret"]


def test_pods_have_no_rights():
    """Not of the user, of the file system, or of the cluster."""
    spec = pod()
    (container,) = spec["containers"]
    assert False is spec["automountServiceAccountToken"]
    assert (True, 10001) == (
        spec["securityContext"]["runAsNonRoot"],
        spec["securityContext"]["runAsUser"],
    )
    assert {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    } == container["securityContext"]


@pytest.mark.parametrize(
    ("gateway", "expected"),
    [
        ("http://10.1.2.3:8000", {"to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}]}),
        ("http://[fd00::1]:8000", {"to": [{"ipBlock": {"cidr": "fd00::1/128"}}]}),
        (
            "http://penstock.mlops.svc.cluster.local:8000",
            {
                "to": [
                    {
                        "podSelector": {
                            "matchLabels": {"app.kubernetes.io/name": "penstock-gateway"}
                        },
                        "namespaceSelector": {
                            "matchLabels": {"kubernetes.io/metadata.name": "mlops"}
                        },
                    }
                ]
            },
        ),
        ("http://mlflow.example.org:8000", {}),
    ],
)
def test_pods_speak_to_the_gateway_and_ask_for_names_alone(gateway, expected):
    """Requests come in at one port; nothing else goes out."""
    rules = objects(replace(PLAN, gateway_url=gateway))["NetworkPolicy"]["spec"]
    assert ["Ingress", "Egress"] == rules["policyTypes"]
    assert [{"ports": [{"protocol": "TCP", "port": 9000}]}] == rules["ingress"]
    names, gateway_rule = rules["egress"]
    assert {53} == {port["port"] for port in names["ports"]}
    assert {**expected, "ports": [{"protocol": "TCP", "port": 8000}]} == gateway_rule


@pytest.mark.parametrize(
    "wrong",
    [
        {"gateway_url": "http://ann:secret@penstock:8000"},
        {"gateway_url": "penstock:8000"},
        {"image": ""},
        {"image": "a b"},
        {"namespace": "Prod"},
        {"spec": replace(SPEC, serve_name="c" * 63)},
    ],
)
def test_a_plan_that_no_cluster_takes_is_refused(wrong):
    """Before a file is written; a login is not shown."""
    with pytest.raises(InvalidDeployment) as refusal:
        replace(PLAN, **wrong)
    assert "secret" not in str(refusal.value)


def test_a_model_with_a_hostile_name_stays_a_text():
    """YAML is written by a library; no name ends its line."""
    name = "models:/a: b # {x} 'y' \"z\"/3"
    plan = replace(PLAN, spec=replace(SPEC, model_uri=name))
    assert name == pod(plan)["containers"][0]["args"][1]


def test_the_dockerfile_installs_what_the_model_needs_and_is_not_root():
    """Every line is an instruction or the rest of one; the last words are of the exec form."""
    files = render(PLAN, ["scikit-learn==1.7.0", "numpy"])
    assert "scikit-learn==1.7.0\nnumpy\n" == files["requirements.txt"]
    lines = [line for line in files["Dockerfile"].splitlines() if line]
    known = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "ENTRYPOINT", "CMD"}
    assert known == {line.split()[0] for line in lines}
    assert f"penstock[serving,mlflow]=={__version__}" in files["Dockerfile"]
    assert lines.index("USER 10001:10001") < lines.index('ENTRYPOINT ["penstock"]')


def test_files_are_written_into_a_new_folder(tmp_path):
    """With the names that the command tells."""
    write(tmp_path / "a" / "b", render(PLAN))
    names = {"service.yaml", "kserve.yaml", "Dockerfile", "requirements.txt"}
    assert names == {path.name for path in (tmp_path / "a" / "b").iterdir()}


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    """With the option that chooses another."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalFileError, match="--output"):
        write(tmp_path / "file", render(PLAN))

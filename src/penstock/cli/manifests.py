"""What `penstock deploy-model --target kubernetes` writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from penstock.cli import output
from penstock.cli.server import SECONDS, Place, find_place, named
from penstock.deployments.manifests.plan import ClusterPlan
from penstock.deployments.resolve import ResolvedModel, resolve_model
from penstock.deployments.spec import DeploymentSpec
from penstock.deployments.targets.kubernetes import render, write
from penstock.rest import MlflowClient


class Cluster(NamedTuple):
    """What the cluster's side asks for; None is for the usual."""

    image: str | None
    gateway_url: str | None
    namespace: str | None


def write_manifests(
    spec: DeploymentSpec, uri: str | None, *, folder: Path, cluster: Cluster, as_json: bool
) -> None:
    """Resolve the model, and write manifests and Dockerfile into a folder. Raises PenstockError."""
    place = find_place(uri)
    model = _resolve(place, spec.model_uri)
    plan = ClusterPlan(
        spec=replace(spec, model_uri=model.uri),
        image=cluster.image or f"{spec.serve_name}:{spec.env}",
        gateway_url=cluster.gateway_url or _without_login(place.address),
        namespace=cluster.namespace or spec.env,
    )
    files = render(plan, model.requirements)
    write(folder, files)
    if as_json:
        output.say_json({"model_uri": model.uri, "files": [str(folder / one) for one in files]})
        return
    output.say(
        f"{', '.join(files)} written to {folder}, for {model.uri}\n"
        f"  image   docker build -t {plan.image} {folder}\n"
        f"  token   kubectl -n {plan.namespace} create secret generic {plan.secret_name} "
        "--from-file=token=FILE\n"
        f"  apply   kubectl apply -f {folder / 'service.yaml'}\n"
        f"  KServe  kubectl apply -f {folder / 'kserve.yaml'}, instead"
    )


def _resolve(place: Place, model_uri: str) -> ResolvedModel:
    with _client(place) as client:
        return resolve_model(client, model_uri)


@contextmanager
def _client(place: Place) -> Iterator[MlflowClient]:
    with named(place.source), MlflowClient(place.address, timeout=SECONDS, retries=0) as client:
        yield client


def _without_login(address: str) -> str:
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")

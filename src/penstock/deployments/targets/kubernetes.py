"""Services in a cluster: the files that are given to it. Nothing here speaks to one."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from penstock import __version__
from penstock.deployments.manifests.image import REQUIREMENTS, dockerfile, requirements_text
from penstock.deployments.manifests.inference_service import inference_service
from penstock.deployments.manifests.network_policy import network_policy
from penstock.deployments.manifests.plan import ClusterPlan, Manifest
from penstock.deployments.manifests.workload import (
    autoscaler,
    deployment,
    disruption_budget,
    service,
)
from penstock.errors import LocalFileError


def render(plan: ClusterPlan, requirements: Sequence[str] = ()) -> dict[str, str]:
    """Return the files by their names: `service.yaml` for any cluster, `kserve.yaml` for KServe.

    Either of the two is all that a cluster needs; no file holds a secret.
    """
    any_cluster = (
        deployment(plan),
        service(plan),
        autoscaler(plan),
        disruption_budget(plan),
        network_policy(plan),
    )
    return {
        "service.yaml": to_yaml(any_cluster),
        "kserve.yaml": to_yaml((inference_service(plan), network_policy(plan))),
        "Dockerfile": dockerfile(version=__version__),
        REQUIREMENTS: requirements_text(requirements),
    }


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder, which is made if need be. Raises LocalFileError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise LocalFileError(
            f"cannot write to {folder}: {error.strerror}; choose another folder with --output"
        ) from error


def to_yaml(manifests: Iterable[Manifest]) -> str:
    """Return manifests as one YAML text."""
    import yaml  # noqa: PLC0415 - only when manifests are written

    class Plain(yaml.SafeDumper):
        """Writes what occurs twice twice: nobody reads anchors."""

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's
            return True

    text: str = yaml.dump_all(list(manifests), Dumper=Plain, sort_keys=False, allow_unicode=True)
    return text

"""`penstock deploy-model` and its kin: models as services."""

from pathlib import Path
from typing import Annotated

import typer

from penstock.cli.options import AsJson, Uri
from penstock.deployments.spec import (
    MOST_CORES,
    MOST_MEMORY,
    MOST_REPLICAS,
    NodeCapacity,
    Target,
)

ServeName = Annotated[
    str, typer.Option(metavar="NAME", help="Name of the service: a-z, 0-9 and '-'.")
]
Env = Annotated[str, typer.Option(metavar="ENV", help="Environment, such as prod.")]
START_SECONDS = 600.0


def deploy_model(
    *,
    serve_name: ServeName,
    model_uri: Annotated[
        str,
        typer.Option(
            metavar="URI",
            help="models:/NAME/VERSION, models:/NAME@ALIAS, runs:/ID/model, mlflow-artifacts:/….",
        ),
    ],
    env: Env,
    cores: Annotated[int, typer.Option(min=1, max=MOST_CORES, help="Cores of each replica.")] = 1,
    memory: Annotated[
        int, typer.Option(metavar="GB", min=1, max=MOST_MEMORY, help="Memory of each, in GB.")
    ] = 1,
    node_capacity: Annotated[
        NodeCapacity, typer.Option(help="Machines that may be taken away, or not.")
    ] = NodeCapacity.ONDEMAND,
    min_replicas: Annotated[
        int, typer.Option(min=1, max=MOST_REPLICAS, help="Replicas at least.")
    ] = 1,
    max_replicas: Annotated[
        int | None,
        typer.Option(
            min=1, max=MOST_REPLICAS, help="Replicas at most.", show_default="as at least"
        ),
    ] = None,
    target: Annotated[Target, typer.Option(help="Where it runs.")] = Target.LOCAL,
    ignore_requirements: Annotated[
        bool,
        typer.Option("--ignore-requirements", help="Do not ask whether what it needs is there."),
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until the model answers.")
    ] = True,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, help="How long to wait at most.")
    ] = START_SECONDS,
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the manifests, for --target kubernetes."),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(
            metavar="IMAGE",
            help="Image of the service, for --target kubernetes.",
            show_default="NAME:ENV",
        ),
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Namespace, for --target kubernetes.", show_default="the ENV"
        ),
    ] = None,
    gateway_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Address of the gateway as pods reach it, for --target kubernetes.",
            show_default="that of --uri",
        ),
    ] = None,
    as_json: AsJson = False,
    uri: Uri = None,
) -> None:
    """Deploy a model as a service, or write what Kubernetes needs for one."""
    from penstock.cli.deploy_report import report_deployment  # noqa: PLC0415 - help is quick
    from penstock.cli.deployed import body_of  # noqa: PLC0415 - the same
    from penstock.deployments.spec import DeploymentSpec  # noqa: PLC0415 - the same

    spec = DeploymentSpec(
        serve_name=serve_name,
        model_uri=model_uri,
        env=env,
        cores=cores,
        memory=memory,
        node_capacity=node_capacity,
        min_replicas=min_replicas,
        max_replicas=min_replicas if max_replicas is None else max_replicas,
    )
    if (target is Target.KUBERNETES) is (output is None):
        raise typer.BadParameter("pass --output DIR with --target kubernetes, and only with it")
    if output is not None:
        from penstock.cli.manifests import Cluster, write_manifests  # noqa: PLC0415 - help is quick

        cluster = Cluster(image, gateway_url, namespace)
        write_manifests(spec, uri, folder=output, cluster=cluster, as_json=as_json)
        return
    if image or namespace or gateway_url:
        raise typer.BadParameter(
            "--image, --namespace and --gateway-url are for --target kubernetes"
        )
    body = body_of(spec, target, ignores_requirements=ignore_requirements)
    report_deployment(body, uri, seconds=timeout if wait else None, as_json=as_json)


def undeploy_model(*, serve_name: ServeName, env: Env, uri: Uri = None) -> None:
    """End the service of a name in an environment."""
    from penstock.cli import output  # noqa: PLC0415 - `--help` stays quick
    from penstock.cli.deployed import Deployed  # noqa: PLC0415 - the same
    from penstock.cli.server import open_server  # noqa: PLC0415 - the same

    with open_server(uri) as server:
        Deployed(server).undeploy(serve_name, env)
    output.say(f"{serve_name} is no longer deployed in {env}")


def get_serve_status(
    *, serve_name: ServeName, env: Env, as_json: AsJson = False, uri: Uri = None
) -> None:
    """Show how a service is; the exit code is 0 where a model answers."""
    from penstock.cli.deploy_report import report_status  # noqa: PLC0415 - `--help` stays quick

    raise typer.Exit(report_status(serve_name, env, uri, as_json=as_json))


def list_deployments(
    *,
    serve_name: ServeName,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Most to show, the newest.")] = 20,
    as_json: AsJson = False,
    uri: Uri = None,
) -> None:
    """List all deployments of a name, in every environment, the newest first."""
    from penstock.cli.deploy_report import report_history  # noqa: PLC0415 - `--help` stays quick

    report_history(serve_name, uri, limit=limit, as_json=as_json)


def rollback_model(
    *,
    serve_name: ServeName,
    deployment_id: Annotated[
        int, typer.Option(metavar="ID", min=1, help="Deployment to go back to.")
    ],
    env: Env,
    as_json: AsJson = False,
    uri: Uri = None,
) -> None:
    """Deploy the model of an earlier deployment again, the very version it was."""
    from penstock.cli.deploy_report import report_rollback  # noqa: PLC0415 - `--help` stays quick

    report_rollback(serve_name, deployment_id, env, uri, as_json=as_json)

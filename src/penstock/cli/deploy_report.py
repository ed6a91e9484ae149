"""What the commands of deployments show."""

from contextlib import nullcontext
from typing import Final

from penstock.cli import output
from penstock.cli.deployed import Deployed, Document
from penstock.cli.server import open_server
from penstock.cli.up.progress import waiting

FAILED: Final = 1
START_SECONDS: Final = 600.0


def report_deployment(
    body: Document, uri: str | None, *, seconds: float | None, as_json: bool
) -> None:
    """Deploy, and show the progress until the model answers; without seconds, do not wait.

    Raises DeploymentError where it does not.
    """
    with open_server(uri) as server:
        deployed = Deployed(server)
        _follow(deployed, deployed.deploy(body), seconds=seconds, as_json=as_json)


def report_rollback(
    serve_name: str, deployment_id: int, env: str, uri: str | None, *, as_json: bool
) -> None:
    """Roll back, and show the progress until the model answers."""
    with open_server(uri) as server:
        deployed = Deployed(server)
        made = deployed.roll_back(serve_name, env, deployment_id)
        _follow(deployed, made, seconds=START_SECONDS, as_json=as_json)


def report_status(serve_name: str, env: str, uri: str | None, *, as_json: bool) -> int:
    """Show how a service is; return the exit code: 0 where a model answers."""
    with open_server(uri) as server:
        status = Deployed(server).status(serve_name, env)
    if as_json:
        output.say_json(status)
    else:
        _say(status)
    return 0 if status["active"] is not None else FAILED


def report_history(serve_name: str, uri: str | None, *, limit: int, as_json: bool) -> None:
    """List deployments."""
    with open_server(uri) as server:
        found = Deployed(server).history(serve_name, limit=limit)
    if as_json:
        output.say_json(found)
        return
    columns = ("ID", "ENV", "STATUS", "MODEL", "BY", "ADDRESS")
    names = ("deployment_id", "env", "status", "resolved_uri", "created_by", "service_url")
    output.say_table(columns, [[str(one[name]) for name in names] for one in found])


def _follow(deployed: Deployed, made: Document, *, seconds: float | None, as_json: bool) -> None:
    status = made if seconds is None else _wait(deployed, made, seconds=seconds, silent=as_json)
    if as_json:
        output.say_json(status)
        return
    _say(status)


def _wait(deployed: Deployed, made: Document, *, seconds: float, silent: bool) -> Document:
    text = f"Starting {made['serve_name']} with {made['resolved_uri']}"
    # A script reads one document; a person sees that something happens.
    shown = nullcontext(_no_tick) if silent else waiting(text, done="The model answers")
    with shown as tick:
        return deployed.wait(made, seconds=seconds, tick=tick)


def _no_tick() -> None:
    """Show nothing."""


def _say(status: Document) -> None:
    lines = [
        f"{status['serve_name']} in {status['env']}: {status['status']}",
        f"  address     {status['service_url']}",
        f"  model       {status['resolved_uri']}",
        f"  deployment  {status['deployment_id']}, by {status['created_by']}",
    ]
    active = status.get("active")
    if active is not None and active["deployment_id"] != status["deployment_id"]:
        lines.append(f"  answers     {active['resolved_uri']} at {active['service_url']}")
    if status["restarts"]:
        lines.append(f"  restarts    {status['restarts']}")
    if status["reason"]:
        lines += ["  reason", *(f"    {line}" for line in status["reason"].splitlines())]
    output.say("\n".join(lines))

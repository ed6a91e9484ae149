"""What people and monitors read: `/docs`, `/metrics`."""

from html import escape
from typing import Final

from penstock.serving.desk import Desk
from penstock.serving.engines.engine import ModelFacts
from penstock.serving.exchange import Reply, Request
from penstock.serving.table import RoutingTable

OK: Final = 200
METRICS: Final = b"text/plain; version=1.0.0; charset=utf-8"
HTML: Final = b"text/html; charset=utf-8"

_FEEDBACK: Final = (
    "takes <code>request_id</code>, from <code>X-Penstock-Request</code>, "
    "and <code>outcome</code>, a number: how well that answer turned out"
)
_FEATURES: Final = "<code>{&quot;features&quot;: {…}}</code>"

CALLS: Final = (
    ("POST /invocations", "what <code>mlflow models serve</code> answers, to JSON or CSV"),
    ("POST /predict", f"scores, to {_FEATURES}"),
    ("POST /v2/models/{name}/infer", "the Open Inference Protocol, version 2"),
    ("POST /feedback", _FEEDBACK),
    ("GET /report, /report.svg", "counts, errors, latency and outcomes of the runs"),
    ("GET /ping, /health, /healthcheck", "200 once every live run is loaded"),
    ("GET /metrics", "numbers for Prometheus"),
    ("GET /version", "the version of MLflow that predicts"),
)
"""What the page tells of each call."""

_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name} · Penstock</title>
<style>
body {{ font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; padding: .3rem; border-bottom: 1px solid #8884; vertical-align: top }}
code {{ background: #8882; padding: 0 .2rem; overflow-wrap: anywhere }}
</style>
<h1>{name}</h1>
<p>Version {version}, revision {revision} of the plan.
The header <code>X-Penstock-Key</code> keeps a caller with one run.</p>
<h2>Runs</h2><table><tr><th>run<th>state<th>share</tr>{runs}</table>
<h2>Input</h2><table><tr><th>field<th>type<th>needed</tr>{inputs}</table>
<h2>Calls</h2><table><tr><th>call<th>answer</tr>{calls}</table>
</html>
"""


async def docs(desk: Desk, request: Request) -> Reply:  # noqa: ARG001 - as all calls
    """Show what is served, what it takes, and how to ask."""
    table = desk.table
    facts = next((route.model.facts for route in table.routes.values()), None)
    page = _PAGE.format(
        name=escape(desk.name),
        version=escape(table.lineup.version),
        revision=table.lineup.revision,
        runs=_runs(table),
        inputs=_inputs(facts),
        calls="".join(_row(f"<code>{call}</code>", text) for call, text in CALLS),
    )
    return Reply(OK, page.encode(), HTML)


async def metrics(desk: Desk, request: Request) -> Reply:  # noqa: ARG001 - as all calls
    """Show the numbers of all workers."""
    return Reply(OK, desk.records.meter.page(), METRICS)


def _runs(table: RoutingTable) -> str:
    lineup = table.lineup
    rows = [
        _row(escape(run_id), escape(table.missing.get(run_id, "loaded")), f"{share:.4g}")
        for run_id, share in lineup.active.items()
    ]
    rows += [
        _row(escape(run_id), escape(table.missing.get(run_id, "loaded")), "canary")
        for run_id in lineup.canaries
    ]
    return "".join(rows)


def _inputs(facts: ModelFacts | None) -> str:
    signature = facts.signature if facts else None
    if signature is None or not signature.inputs:
        return _row("any", "the model has no signature", "")
    return "".join(
        _row(
            escape(str(spec.get("name", "the only one"))),
            escape(str(spec.get("tensor-spec") or spec.get("type"))),
            "yes" if spec.get("required", True) else "no",
        )
        for spec in signature.inputs
    )


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{cell}" for cell in cells)

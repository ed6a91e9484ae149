"""Every call of MLflow's that a grant decides about, with the level that it takes.

Written by hand, from what MLflow does, and not from the route table: a row that asks for less
than this list fails its test. Names in braces stand for the ids of one experiment's things.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

CALLS = """
CREATE POST   /2.0/mlflow/experiments/create {"name": "[new]"}
MANAGE POST   /2.0/mlflow/experiments/delete {"experiment_id": "[experiment]"}
EDIT   POST   /2.0/mlflow/experiments/delete-experiment-tag {"experiment_id": "[experiment]", "key": "k"}
READ   GET    /2.0/mlflow/experiments/get?experiment_id=[experiment]
READ   GET    /2.0/mlflow/experiments/get-by-name?experiment_name=[experiment_name]
MANAGE POST   /2.0/mlflow/experiments/restore {"experiment_id": "[experiment]"}
SEARCH GET    /2.0/mlflow/experiments/search?max_results=5
SEARCH POST   /2.0/mlflow/experiments/search {"max_results": 5}
SEARCH GET    /2.0/mlflow/experiments/list
EDIT   POST   /2.0/mlflow/experiments/set-experiment-tag {"experiment_id": "[experiment]", "key": "k", "value": "v"}
MANAGE POST   /2.0/mlflow/experiments/update {"experiment_id": "[experiment]", "new_name": "[new]"}
READ   POST   /2.0/mlflow/experiments/search-datasets {"experiment_ids": ["[experiment]"]}
READ   POST   /2.0mlflow/experiments/search-datasets {"experiment_ids": ["[experiment]"]}
READ   GET    /2.0/mlflow/metrics/get-history?run_id=[run]&metric_key=m
READ   GET    /2.0/mlflow/metrics/get-history-bulk-interval?run_ids=[run]&metric_key=m
READ   GET    /2.0/mlflow/metrics/get-history-bulk?run_id=[run]&metric_key=m
EDIT   POST   /2.0/mlflow/runs/create {"experiment_id": "[experiment]"}
EDIT   POST   /2.0/mlflow/runs/create-promptlab-run {"experiment_id": "[experiment]"}
MANAGE POST   /2.0/mlflow/runs/delete {"run_id": "[run]"}
EDIT   POST   /2.0/mlflow/runs/delete-tag {"run_id": "[run]", "key": "k"}
READ   GET    /2.0/mlflow/runs/get?run_id=[run]
EDIT   POST   /2.0/mlflow/runs/log-batch {"run_id": "[run]", "params": [{"key": "p", "value": "1"}]}
EDIT   POST   /2.0/mlflow/runs/log-inputs {"run_id": "[run]", "models": [{"model_id": "[model]"}]}
EDIT   POST   /2.0/mlflow/runs/log-metric {"run_id": "[run]", "key": "m", "value": 1, "timestamp": 1}
EDIT   POST   /2.0/mlflow/runs/log-model {"run_id": "[run]", "model_json": "{}"}
EDIT   POST   /2.0/mlflow/runs/log-parameter {"run_id": "[run]", "key": "q", "value": "1"}
EDIT   POST   /2.0/mlflow/runs/outputs {"run_id": "[run]", "models": [{"model_id": "[model]"}]}
MANAGE POST   /2.0/mlflow/runs/restore {"run_id": "[run]"}
SEARCH POST   /2.0/mlflow/runs/search {"experiment_ids": ["[experiment]"]}
EDIT   POST   /2.0/mlflow/runs/set-tag {"run_id": "[run]", "key": "k", "value": "v"}
EDIT   POST   /2.0/mlflow/runs/update {"run_id": "[run]", "run_name": "r"}
READ   GET    /2.0/mlflow/artifacts/list?run_id=[run]
READ   POST   /2.0/mlflow/artifacts/presigned-download-url {"run_id": "[run]", "path": "f"}
EDIT   POST   /2.0/mlflow/artifacts/presigned-upload-url {"run_id": "[run]", "path": "f"}
READ   GET    /2.0/mlflow-artifacts/artifacts?path=[root]
EDIT   POST   /2.0/mlflow-artifacts/mpu/abort/[root] {"path": "f", "upload_id": "u"}
EDIT   POST   /2.0/mlflow-artifacts/mpu/complete/[root] {"path": "f", "upload_id": "u", "parts": []}
EDIT   POST   /2.0/mlflow-artifacts/mpu/create/[root] {"path": "f", "num_parts": 1}
READ   GET    /2.0/mlflow-artifacts/presigned/[root]/f
MANAGE DELETE /2.0/mlflow-artifacts/artifacts/[root]/f
READ   GET    /2.0/mlflow-artifacts/artifacts/[root]/f
EDIT   PUT    /2.0/mlflow-artifacts/artifacts/[root]/f "content"
EDIT   POST   /2.0/mlflow/upload-artifact?run_uuid=[run]&path=f "content"
READ   GET    /get-artifact?run_id=[run]&path=f
READ   GET    /model-versions/get-artifact?name=[registered]&version=1&path=f
EDIT   POST   /2.0/mlflow/model-versions/create {"name": "[registered]", "source": "runs:/[run]/model", "run_id": "[run]"}
MANAGE DELETE /2.0/mlflow/model-versions/delete {"name": "[registered]", "version": "99"}
EDIT   DELETE /2.0/mlflow/model-versions/delete-tag {"name": "[registered]", "version": "1", "key": "k"}
READ   GET    /2.0/mlflow/model-versions/get?name=[registered]&version=1
READ   GET    /2.0/mlflow/model-versions/get-download-uri?name=[registered]&version=1
SEARCH GET    /2.0/mlflow/model-versions/search?max_results=5
EDIT   POST   /2.0/mlflow/model-versions/set-tag {"name": "[registered]", "version": "1", "key": "k", "value": "v"}
EDIT   POST   /2.0/mlflow/model-versions/transition-stage {"name": "[registered]", "version": "1", "stage": "Staging"}
EDIT   PATCH  /2.0/mlflow/model-versions/update {"name": "[registered]", "version": "1", "description": "d"}
EDIT   DELETE /2.0/mlflow/registered-models/alias {"name": "[registered]", "alias": "none"}
READ   GET    /2.0/mlflow/registered-models/alias?name=[registered]&alias=first
EDIT   POST   /2.0/mlflow/registered-models/alias {"name": "[registered]", "alias": "first", "version": "1"}
CREATE POST   /2.0/mlflow/registered-models/create {"name": "[new]"}
MANAGE DELETE /2.0/mlflow/registered-models/delete {"name": "[registered]"}
EDIT   DELETE /2.0/mlflow/registered-models/delete-tag {"name": "[registered]", "key": "k"}
READ   GET    /2.0/mlflow/registered-models/get?name=[registered]
READ   GET    /2.0/mlflow/registered-models/get-latest-versions?name=[registered]
READ   POST   /2.0/mlflow/registered-models/get-latest-versions {"name": "[registered]"}
MANAGE POST   /2.0/mlflow/registered-models/rename {"name": "[registered]", "new_name": "[new]"}
SEARCH GET    /2.0/mlflow/registered-models/search?max_results=5
EDIT   POST   /2.0/mlflow/registered-models/set-tag {"name": "[registered]", "key": "k", "value": "v"}
EDIT   PATCH  /2.0/mlflow/registered-models/update {"name": "[registered]", "description": "d"}
EDIT   POST   /2.0/mlflow/logged-models {"experiment_id": "[experiment]", "source_run_id": "[run]"}
SEARCH POST   /2.0/mlflow/logged-models/search {"experiment_ids": ["[experiment]"]}
MANAGE DELETE /2.0/mlflow/logged-models/[model]
READ   GET    /2.0/mlflow/logged-models/[model]
EDIT   PATCH  /2.0/mlflow/logged-models/[model] {"model_id": "[model]", "status": "LOGGED_MODEL_READY"}
READ   GET    /2.0/mlflow/logged-models/[model]/artifacts/directories
READ   GET    /2.0/mlflow/logged-models/[model]/artifacts/files?artifact_file_path=f
EDIT   POST   /2.0/mlflow/logged-models/[model]/params {"model_id": "[model]", "params": []}
EDIT   PATCH  /2.0/mlflow/logged-models/[model]/tags {"tags": [{"key": "k", "value": "v"}]}
EDIT   DELETE /2.0/mlflow/logged-models/[model]/tags/k
SEARCH GET    /2.0/mlflow/traces?experiment_ids=[experiment]
EDIT   POST   /2.0/mlflow/traces {"experiment_id": "[experiment]", "timestamp_ms": 1}
MANAGE POST   /2.0/mlflow/traces/delete-traces {"experiment_id": "[experiment]", "request_ids": ["none"]}
EDIT   POST   /2.0/mlflow/traces/link-prompts {"trace_id": "[trace]", "prompt_versions": [{"name": "[registered]", "version": "1"}]}
EDIT   POST   /2.0/mlflow/traces/link-to-run {"run_id": "[run]", "trace_ids": ["[trace]"]}
EDIT   PATCH  /2.0/mlflow/traces/[trace] {"timestamp_ms": 1, "status": "OK"}
READ   GET    /2.0/mlflow/traces/[trace]/info
EDIT   DELETE /2.0/mlflow/traces/[trace]/tags {"key": "k"}
EDIT   PATCH  /2.0/mlflow/traces/[trace]/tags {"key": "k", "value": "v"}
EDIT   POST   /3.0/mlflow/traces {"trace": {"trace_info": {"trace_id": "[trace]", "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "[experiment]"}}, "request_time": "2026-01-01T00:00:00Z", "state": "OK"}}}
READ   GET    /3.0/mlflow/traces/batchGet?trace_ids=[trace]
READ   POST   /3.0/mlflow/traces/batchGetInfos {"trace_ids": ["[trace]"]}
READ   POST   /3.0/mlflow/traces/calculate-filter-correlation {"experiment_ids": ["[experiment]"], "filter_string1": "status = 'OK'", "filter_string2": "status = 'ERROR'"}
MANAGE POST   /3.0/mlflow/traces/delete-traces {"experiment_id": "[experiment]", "request_ids": ["none"]}
READ   GET    /3.0/mlflow/traces/get?trace_id=[trace]
READ   POST   /3.0/mlflow/traces/metrics {"experiment_ids": ["[experiment]"], "view_type": "TRACES", "metric_name": "trace_count", "aggregations": [{"aggregation_type": "COUNT"}]}
SEARCH POST   /3.0/mlflow/traces/search {"locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "[experiment]"}}]}
READ   GET    /3.0/mlflow/traces/[trace]
EDIT   POST   /3.0/mlflow/traces/[trace]/assessments {"assessment": {"assessment_name": "a", "feedback": {"value": true}, "source": {"source_type": "CODE", "source_id": "x"}}}
EDIT   DELETE /3.0/mlflow/traces/[trace]/assessments/none
READ   GET    /3.0/mlflow/traces/[trace]/assessments/none
EDIT   PATCH  /3.0/mlflow/traces/[trace]/assessments/none {"assessment": {"rationale": "r"}, "update_mask": "rationale"}
EDIT   DELETE /3.0/mlflow/traces/[trace]/tags {"key": "k"}
EDIT   PATCH  /3.0/mlflow/traces/[trace]/tags {"key": "k", "value": "v"}
READ   GET    /2.0/mlflow/get-trace-artifact?request_id=[trace]
READ   GET    /3.0/mlflow/get-trace-artifact?request_id=[trace]
EDIT   POST   /v1/traces {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "[otel_trace]", "spanId": "00000000000000ff", "name": "s"}]}]}]}
EDIT   POST   /3.0/mlflow/datasets/create {"name": "d", "experiment_ids": ["[experiment]"]}
SEARCH GET    /3.0/mlflow/datasets/search?experiment_ids=[experiment]
SEARCH POST   /3.0/mlflow/datasets/search {"experiment_ids": ["[experiment]"]}
MANAGE DELETE /3.0/mlflow/datasets/[dataset]
READ   GET    /3.0/mlflow/datasets/[dataset]
EDIT   POST   /3.0/mlflow/datasets/[dataset]/add-experiments {"experiment_ids": ["[experiment]"]}
READ   GET    /3.0/mlflow/datasets/[dataset]/experiment-ids
EDIT   DELETE /3.0/mlflow/datasets/[dataset]/records {"dataset_record_ids": ["none"]}
READ   GET    /3.0/mlflow/datasets/[dataset]/records
EDIT   POST   /3.0/mlflow/datasets/[dataset]/records {"records": "[]"}
EDIT   POST   /3.0/mlflow/datasets/[dataset]/remove-experiments {"experiment_ids": ["[experiment]"]}
EDIT   PATCH  /3.0/mlflow/datasets/[dataset]/tags {"tags": "{}"}
EDIT   DELETE /3.0/mlflow/datasets/[dataset]/tags/k
EDIT   POST   /3.0/mlflow/issues {"experiment_id": "[experiment]", "name": "n", "description": "d"}
READ   POST   /3.0/mlflow/issues/search {"experiment_id": "[experiment]"}
READ   GET    /3.0/mlflow/issues/[issue]
EDIT   PATCH  /3.0/mlflow/issues/[issue] {"issue_id": "[issue]", "name": "n"}
EDIT   POST   /3.0/mlflow/label-schemas/create {"experiment_id": "[experiment]", "name": "[new]", "type": "FEEDBACK", "input": {"text": {}}}
MANAGE DELETE /3.0/mlflow/label-schemas/delete {"schema_id": "[schema]"}
READ   GET    /3.0/mlflow/label-schemas/get?schema_id=[schema]
READ   GET    /3.0/mlflow/label-schemas/get-by-name?experiment_id=[experiment]&name=schema
READ   GET    /3.0/mlflow/label-schemas/list?experiment_id=[experiment]
EDIT   PATCH  /3.0/mlflow/label-schemas/update {"schema_id": "[schema]", "instruction": "i"}
EDIT   POST   /3.0/mlflow/review-queues/create {"experiment_id": "[experiment]", "name": "[new]", "queue_type": "CUSTOM", "schema_ids": ["[schema]"]}
MANAGE POST   /3.0/mlflow/review-queues/delete {"queue_id": "[queue]"}
READ   GET    /3.0/mlflow/review-queues/get?queue_id=[queue]
READ   GET    /3.0/mlflow/review-queues/get-by-name?experiment_id=[experiment]&name=queue
EDIT   POST   /3.0/mlflow/review-queues/get-or-create-user {"experiment_id": "[experiment]", "user": "x"}
EDIT   POST   /3.0/mlflow/review-queues/items/add {"queue_id": "[queue]", "item_ids": ["[trace]"]}
READ   GET    /3.0/mlflow/review-queues/items/list?queue_id=[queue]
EDIT   POST   /3.0/mlflow/review-queues/items/remove {"queue_id": "[queue]", "item_ids": ["none"]}
EDIT   POST   /3.0/mlflow/review-queues/items/set-status {"queue_id": "[queue]", "item_id": "[trace]", "status": "PENDING"}
READ   GET    /3.0/mlflow/review-queues/list?experiment_id=[experiment]
EDIT   POST   /3.0/mlflow/review-queues/update {"queue_id": "[queue]", "name": "queue"}
MANAGE DELETE /3.0/mlflow/scorers/delete {"experiment_id": "[experiment]", "name": "none"}
READ   GET    /3.0/mlflow/scorers/get?experiment_id=[experiment]&name=scorer
READ   GET    /3.0/mlflow/scorers/list?experiment_id=[experiment]
EDIT   PUT    /3.0/mlflow/scorers/online-config {"experiment_id": "[experiment]", "name": "scorer", "sample_rate": 0}
READ   GET    /3.0/mlflow/scorers/online-configs?scorer_ids=[scorer]
EDIT   POST   /3.0/mlflow/scorers/register {"experiment_id": "[experiment]", "name": "scorer", "serialized_scorer": "{}"}
READ   GET    /3.0/mlflow/scorers/versions?experiment_id=[experiment]&name=scorer
READ   POST   /graphql {"query": "query($in: MlflowGetRunInput) { mlflowGetRun(input: $in) { run { info { runId } } } }", "variables": {"in": {"runId": "[run]"}}}
USER   GET    /3.0/mlflow/ui-telemetry
USER   POST   /3.0/mlflow/ui-telemetry {}
USER   GET    /
USER   GET    /experiments
USER   GET    /version
USER   GET    /static-files/x
USER   GET    /build/x
"""  # noqa: E501 - a call is a line

ADMINISTRATORS = re.compile(
    r"/(ajax-)?api/[23]\.0(/mlflow)?/(webhooks|jobs|demo|gateway|gateway-proxy|assistant|workspaces"
    r"|mcp-servers|prompt-optimization|unified-traces|get-online-trace-details)(/|$)"
    r"|/ajax-api/3\.0/mlflow/(genai/evaluate|issues|scorer)/invoke$"
    r"|/gateway/"
)
"""What no grant opens."""

READ, EDIT, MANAGE = "READ", "EDIT", "MANAGE"
LEVELS = ("NONE", READ, EDIT, MANAGE)


@dataclass(frozen=True)
class Line:
    """One call at one address."""

    level: str
    method: str
    target: str
    body: str | None

    def filled(self, ids: Mapping[str, str]) -> "Line":
        """Return the call about these things."""
        target, body = self.target, self.body
        for name, value in ids.items():
            target = target.replace(f"[{name}]", value)
            body = body and body.replace(f"[{name}]", value)
        return Line(self.level, self.method, target, body)

    def headers(self, ids: Mapping[str, str]) -> dict[str, str]:
        """Return what the call needs besides."""
        if self.target == "/v1/traces":
            kind = {"content-type": "application/json"}
            return {**kind, "x-mlflow-experiment-id": ids["experiment"]}
        if self.body is None:
            return {}
        is_json = "mlflow-artifacts/artifacts" not in self.target and "upload" not in self.target
        return {"content-type": "application/json" if is_json else "application/octet-stream"}

    def __str__(self) -> str:
        return f"{self.method} {self.target.partition('?')[0]}"


def lines() -> list[Line]:
    """Return all calls, at both of MLflow's roots; which of the two exist the table says."""
    found = []
    for text in CALLS.strip().splitlines():
        level, method, target, *rest = text.split(maxsplit=3)
        body = rest[0] if rest else None
        if body is not None and body.startswith('"'):
            body = json.loads(body)
        versioned = re.match(r"/[23]\.0", target)
        roots = ("/api", "/ajax-api") if versioned else ("",)
        found += [Line(level, method, root + target, body) for root in roots]
    return found


def expected(level: str, held: str | None) -> int:
    """Return what becomes of a call: 0 for one that is let through, else the refusal's status.

    `held` is the level that the caller holds on what the call is about, None without a login.
    """
    if held is None:
        return 401
    if level in {"CREATE", "SEARCH", "USER"} or held == "ADMINISTRATOR":
        return 0
    if held == "NONE":
        return 404
    return 0 if LEVELS.index(held) >= LEVELS.index(level) else 403

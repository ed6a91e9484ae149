"""What a reader of `--help` can copy."""

from typing import Final

_MANIFESTS: Final = (
    "penstock deploy-model --serve-name churn --model-uri models:/churn/3 --env prod "
    "--target kubernetes --output ./churn --cores 2 --memory 4 --max-replicas 5"
)

EXAMPLES: Final = {
    "up": (
        "penstock up",
        "penstock up --port 9000 --data /srv/penstock",
        "penstock up --artifacts s3://models/mlflow",
    ),
    "gateway": (
        "penstock gateway --upstream http://mlflow.internal:5000",
        "penstock gateway --upstream http://127.0.0.1:5000 --host 0.0.0.0 --data /srv/penstock",
    ),
    "serve": (
        "penstock serve --experiment churn --model-version 1.4.*",
        "penstock serve models:/churn@champion --port 9001 --workers 2",
        "penstock serve report --picture churn.svg",
    ),
    "ping": (
        "penstock ping",
        "penstock ping --uri http://127.0.0.1:8000 --json",
    ),
    "sync": ("penstock sync spool --to http://127.0.0.1:8000",),
    "storage": (
        "penstock storage init s3://models/mlflow",
        "penstock storage init s3://models --region eu-central-1 --json",
    ),
    "lineage": (
        "penstock lineage list --experiment churn",
        "penstock lineage show churn_model --experiment churn",
        "penstock lineage show 5f0c7a1e9b3d4c28a6e1f7d2c9b8a403 --format mermaid",
        "penstock lineage export churn_model events.jsonl --experiment churn",
    ),
    "model": (
        "penstock model info churn@prod",
        "penstock model download churn/3 ./churn",
        "penstock model compare churn/2 churn/3",
        "penstock model cache list",
    ),
    "rollout": (
        "penstock rollout list --experiment churn",
        "penstock rollout show 1.4.0 --experiment churn",
        "penstock rollout set 0f1e2d3c=0.8 77ab12cd=0.2 --version 1.4.0 --dry-run",
        "penstock rollout enable 0f1e2d3c",
        "penstock rollout ramp 77ab12cd --steps 1,5,25,100 --every 10m --guard 'error_rate<1%'",
        "penstock rollout rollback 7 --experiment churn --version 1.4.0 --yes",
        "penstock rollout at 2d",
    ),
    "deploy-model": (
        "penstock deploy-model --serve-name churn --model-uri models:/churn@champion --env prod",
        _MANIFESTS,
    ),
    "undeploy-model": ("penstock undeploy-model --serve-name churn --env prod",),
    "get-serve-status": ("penstock get-serve-status --serve-name churn --env prod --json",),
    "list-deployments": ("penstock list-deployments --serve-name churn",),
    "rollback-model": ("penstock rollback-model --serve-name churn --env prod --deployment-id 7",),
    "user": (
        "penstock user add alice@example.com --invite",
        "penstock user add root@example.com --admin --data ./penstock-data",
        "penstock user list --json",
    ),
    "token": (
        "penstock token create nightly --expires-in 90d",
        "penstock token list",
    ),
    "group": (
        "penstock group add team-a",
        "penstock group join team-a alice@example.com",
    ),
    "audit": (
        "penstock audit list --actor alice@example.com --since 2d",
        "penstock audit export november.jsonl --since 2026-11-01",
    ),
    "grant": (
        "penstock grant add group:team-a EDIT experiment 'team-a/*'",
        "penstock grant explain alice@example.com READ experiment team-a/churn",
    ),
}
"""Command lines, by command or group of commands."""


def examples(command: str) -> str:
    """Return the end of a command's help."""
    # Typer takes a paragraph for a line.
    return "\n\n".join(["Examples:", *EXAMPLES[command]])

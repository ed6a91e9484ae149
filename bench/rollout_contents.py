"""What stands in the server that `bench.rollout` measures."""

import hashlib

SUBMODEL = "churn"
VERSION = (1, 4, 0)
SCOPES = {1: 1000, 2: 10}
"""Runs of the one scope of each experiment, by its id."""

MODEL_PARAMS = {f"param-{number}": "a value" for number in range(5)}


def run_ids(experiment_id: int, count: int) -> list[str]:
    """Return the ids of the runs of an experiment, the oldest first."""
    return [
        hashlib.sha256(f"{experiment_id} {number}".encode()).hexdigest()[:32]
        for number in range(count)
    ]

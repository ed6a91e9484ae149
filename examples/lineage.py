"""Train two versions of a model, and ask what each of them came from.

Start a server with `make up`, then in another shell:

    export MLFLOW_TRACKING_URI=http://127.0.0.1:8000
    export MLFLOW_TRACKING_USERNAME=admin@localhost
    export MLFLOW_TRACKING_PASSWORD="$(cat penstock-data/admin-password)"
    .venv/bin/python examples/lineage.py

It can run again: each time, the model gets two versions more.
"""

import hashlib
import os
import sys

from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from penstock import MlflowClient, MLFlowMetadataTracker, PenstockError
from penstock.lineage import Resource

EXPERIMENT = "lineage-example"
MODEL = "tumours"
STRENGTHS = (0.001, 0.1, 1.0)


def main() -> None:
    """Train a version on half of the samples, then one on all of them, and compare them."""
    address = os.environ.get("MLFLOW_TRACKING_URI")
    if not address:
        sys.exit(f"lineage: set MLFLOW_TRACKING_URI first; {__file__} begins with how to")
    try:
        first = train(address, share=0.5)
        second = train(address, share=1.0)
    except PenstockError as error:
        sys.exit(f"lineage: {error}")
    print("\nwhat the second differs in from the first:")
    print(f"    penstock lineage compare {first} {second}")


def train(address: str, *, share: float) -> str:
    """Run a small pipeline; return the id of its run."""
    conf = {"mlflow_tracking_uri": address, "mlflow_experiment_name": EXPERIMENT}
    with MLFlowMetadataTracker(conf=conf) as tracker:
        samples = load_breast_cancer()
        count = int(share * len(samples.target))
        features, target = samples.data[:count], samples.target[:count]
        data = tracker.create_resource("samples", type="dataset_version")
        commit = hashlib.sha1(features.tobytes(), usedforsecurity=False).hexdigest()
        tracker.register_vc_resource(data, {"hexsha": commit, "uri": f"git://samples#{count}"})
        tracker.log_metadata(data, "rows", count)

        version = tracker.create_resource(MODEL, type="model_version")
        tracker.build_model_lineage(version, [data])
        splits = train_test_split(features, target, random_state=7)
        scores = {try_out(tracker, version, splits, c=c): c for c in STRENGTHS}
        (_, winner), _ = max(scores.items())
        tracker.log_metadata(version, "winning_experiment_id", winner)
        register(tracker.client, tracker.run.info.run_id)
        tell_before(tracker, version)
        tracker.log_metadata(version, "status", "DEPLOYED")
        tracker.create_resource(f"{MODEL}_predictions", type="prediction_job", parent=version)
        tracker.stop()
        print(tracker.lineage(version).to_text())
        return tracker.run.info.run_id


def try_out(
    tracker: MLFlowMetadataTracker, version: Resource, splits: list[list[float]], *, c: float
) -> tuple[float, str]:
    """Train one candidate in an experiment of its own; return its score and its id."""
    x_train, x_test, y_train, y_test = splits
    experiment = tracker.create_resource(None, type="experiment", parent=version)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=500))
    model.fit(x_train, y_train)
    score = float(f1_score(y_test, model.predict(x_test)))
    tracker.log_metadata(experiment, "model_trainer", "sklearn.linear_model.LogisticRegression")
    tracker.log_metadata(experiment, "training_params", {"C": c, "max_iter": 500})
    tracker.log_metadata(experiment, "performance_metric", "f1")
    tracker.log_metadata(experiment, "performance_metric_value", score)
    tracker.clean_resource(experiment, type="experiment")
    return score, experiment[0]


def register(client: MlflowClient, run_id: str) -> None:
    """Register the version under the name that belongs to the model."""
    name = f"{MODEL}_reg"
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{run_id}/model", run_id)


def tell_before(tracker: MLFlowMetadataTracker, version: Resource) -> None:
    """Say which version has been deployed so far."""
    deployed = tracker.get_currently_deployed_model_version(version)
    said = "none" if deployed is None else f"that of run {deployed[1].info.run_id}"
    print(f"\ndeployed before: {said}")


if __name__ == "__main__":
    main()

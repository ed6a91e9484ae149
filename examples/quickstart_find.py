"""Step 2: the same server through Penstock's client, in a process without MLflow."""

import sys
import time
from pathlib import Path

from quickstart_board import EXPERIMENT, MODEL, show, sparkline, title

from penstock import MlflowClient
from penstock.rest.entities import Run


def main(folder: Path) -> None:
    """Find the best run, read its metrics, and download its model's files."""
    title("2  find the best run with penstock, without mlflow")
    started = time.monotonic()
    with MlflowClient() as client:
        best = find_best_run(client)
        history = client.get_metric_history(best.info.run_id, "loss")
        version = client.search_model_versions(
            f"run_id = '{best.info.run_id}'", max_results=1, order_by=["version_number DESC"]
        )[0]
        model = client.download_model(f"models:/{MODEL}/{version.version}", str(folder / "model"))
    losses = [metric.value for metric in history]
    show("best run", f"{best.info.run_name} ({best.info.run_id})")
    show("parameters", ", ".join(f"{key} = {best.data.params[key]}" for key in ("alpha", "eta0")))
    show("accuracy", f"{best.data.metrics['accuracy']:.3f}")
    show("loss", f"{losses[0]:.3f} {sparkline(losses)} {losses[-1]:.3f}")
    show("model", f"{MODEL}, version {version.version}")
    for file in sorted(path for path in Path(model).rglob("*") if path.is_file()):
        show("", f"{file.stat().st_size:>7,} B  {file.relative_to(model)}")
    show("took", f"{time.monotonic() - started:.2f} s for all of this")
    if "mlflow" in sys.modules:
        sys.exit("quickstart: this process has imported mlflow, which it must not")


def find_best_run(client: MlflowClient) -> Run:
    """Return the run with the smallest loss."""
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is None:
        sys.exit(f"quickstart: there is no experiment '{EXPERIMENT}', run quickstart_train.py")
    runs = client.search_runs([experiment.experiment_id], order_by=["metrics.loss ASC"])
    show("runs", f"{len(runs)} in experiment '{EXPERIMENT}'")
    return runs[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))

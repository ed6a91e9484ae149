"""Step 1: an unchanged MLflow program, which only knows the server's address and a login."""

import time

import mlflow
import numpy as np
from matplotlib.figure import Figure
from quickstart_board import EXPERIMENT, MODEL, show, title
from sklearn import __version__ as sklearn_version
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

EPOCHS = 20
CANDIDATES = (
    {"alpha": 0.0001, "eta0": 0.001},
    {"alpha": 0.001, "eta0": 0.01},
    {"alpha": 0.1, "eta0": 0.1},
)


def main() -> None:
    """Train the candidates, each in a run of its own, and register the best model."""
    title(f"1  train with mlflow {mlflow.__version__}, as ever")
    mlflow.set_experiment(EXPERIMENT)
    finished = [train(**candidate) for candidate in CANDIDATES]
    _, model_uri = min(finished)
    version = mlflow.register_model(model_uri, MODEL)
    show("registered", f"{MODEL}, version {version.version}")


def train(*, alpha: float, eta0: float) -> tuple[float, str]:
    """Train one candidate in a run; return its last validation loss and its model's URI."""
    started = time.monotonic()
    with mlflow.start_run(run_name=f"alpha {alpha:g}") as run:
        mlflow.log_params({"alpha": alpha, "eta0": eta0, "epochs": EPOCHS})
        model, losses = fit(alpha=alpha, eta0=eta0)
        mlflow.log_figure(draw(losses), "loss.png")
        samples = load_breast_cancer().data[:5]
        logged = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=mlflow.models.infer_signature(samples, model.predict(samples)),
            pip_requirements=[f"scikit-learn=={sklearn_version}"],
        )
    show(run.info.run_name, f"loss {losses[-1]:.4f} after {time.monotonic() - started:.1f} s")
    return losses[-1], logged.model_uri


def fit(*, alpha: float, eta0: float) -> tuple[Pipeline, list[float]]:
    """Fit a classifier epoch by epoch and log how it gets better; return it with its losses."""
    features, target = load_breast_cancer(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(features, target, random_state=7)
    scaler = StandardScaler().fit(x_train)
    classifier = SGDClassifier(
        loss="log_loss", learning_rate="constant", random_state=7, alpha=alpha, eta0=eta0
    )
    losses: list[float] = []
    for epoch in range(EPOCHS):
        classifier.partial_fit(scaler.transform(x_train), y_train, classes=np.unique(target))
        chances = classifier.predict_proba(scaler.transform(x_test))
        losses.append(float(log_loss(y_test, chances)))
        accuracy = float(accuracy_score(y_test, chances.argmax(axis=1)))
        mlflow.log_metrics({"loss": losses[-1], "accuracy": accuracy}, step=epoch)
    return make_pipeline(scaler, classifier), losses


def draw(losses: list[float]) -> Figure:
    """Return a figure of the loss over the epochs."""
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot(losses, marker=".")
    axes.set(xlabel="epoch", ylabel="validation loss")
    return figure


if __name__ == "__main__":
    main()

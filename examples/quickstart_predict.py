"""Step 3: load the files that step 2 has downloaded, and predict."""

import sys
from pathlib import Path

import mlflow
from quickstart_board import show, title
from sklearn.datasets import load_breast_cancer


def main(folder: Path) -> None:
    """Predict a few samples, and show what they really are."""
    title("3  predict with the downloaded model")
    model = mlflow.pyfunc.load_model(str(folder / "model"))
    samples = load_breast_cancer()
    for row in (0, 19, 100):
        predicted = samples.target_names[model.predict(samples.data[[row]])[0]]
        show(f"sample {row}", f"{predicted} (is {samples.target_names[samples.target[row]]})")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

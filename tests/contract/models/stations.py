"""Models of stations that need no library: they are quick to save, and tell which one they are."""

import mlflow

NAME = "xgboost"


class Constant(mlflow.pyfunc.PythonModel):
    """Predicts the same number for every row."""

    def __init__(self, number: int, ballast: int = 0) -> None:
        self.number = number
        self.ballast = "x" * ballast

    def predict(self, context, model_input: list[int]) -> list[int]:  # noqa: ARG002 - MLflow's signature
        return [self.number for _ in model_input]


def constant(number: int, *, ballast: int = 0, **extra: object) -> dict[str, object]:
    """Return what registers a model that predicts a number, with some bytes more than it needs."""
    options = {"pip_requirements": ["mlflow"]}
    return {"model": Constant(number, ballast), "options": options, **extra}

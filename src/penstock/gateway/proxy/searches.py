"""The searches whose answers hold only what the caller may read."""

from enum import Enum


class Search(Enum):
    """One kind of search, by what its pages hold."""

    EXPERIMENTS = "experiments"
    RUNS = "runs"
    REGISTERED_MODELS = "registered models"
    MODEL_VERSIONS = "model versions"
    LOGGED_MODELS = "logged models"
    TRACES = "traces"
    DATASETS = "datasets"

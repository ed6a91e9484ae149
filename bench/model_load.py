"""A registered model from memory, from the cache and for the first time, against MLflow's way."""

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from itertools import cycle, islice, permutations
from pathlib import Path

from bench.line import Line, milliseconds
from bench.servers import mlflow_server
from penstock import ModelManager
from penstock.models import RegisteredVersion

ROUNDS = 72
PROCESSES = 12
ROWS = 400

BEGINNING = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import mlflow.pyfunc, mlflow.sklearn, sklearn.linear_model, skops.io, pandas, requests
from penstock import MlflowClient, ModelManager
import penstock.models.manager, filelock, penstock.rest.artifacts.model_download
url, uri, cache = sys.argv[1:]
mlflow.set_tracking_uri(url)
manager = ModelManager(cache_dir=cache, local_dir=cache + "-local", client=MlflowClient(url))
started = time.perf_counter()
"""
WAYS = {
    "penstock": "manager.load(uri)",
    "mlflow": "mlflow.pyfunc.load_model(uri)",
}
END = "\nprint(json.dumps(time.perf_counter() - started))\n"


def lines() -> Iterator[Line]:
    """Start a server, register a model, and load it with each in turn."""
    with tempfile.TemporaryDirectory() as name, mlflow_server(Path(name) / "mlflow") as server:
        url, folder = f"http://127.0.0.1:{server.port}", Path(name)
        os.environ["MLFLOW_TRACKING_URI"] = url
        with ModelManager(cache_dir=folder / "cache", local_dir=folder / "local") as manager:
            version = _register(manager)
            manager.client.set_registered_model_alias(version.name, "prod", version.version)
            yield from _in_memory(manager, version)
        yield from _in_new_processes(url, version, folder)


def _register(manager: ModelManager) -> RegisteredVersion:
    from sklearn.datasets import make_classification  # noqa: PLC0415 - slow to import
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - the same

    samples, wanted = make_classification(n_samples=ROWS, random_state=7)
    model = LogisticRegression().fit(samples, wanted)
    requirements = ["mlflow", "scikit-learn"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return manager.register_model_in_mlflow(
            1, "regression", {"model": model, "options": {"pip_requirements": requirements}}
        )


def _in_memory(manager: ModelManager, version: RegisteredVersion) -> Iterator[Line]:
    import mlflow  # noqa: PLC0415 - the peer, and slow to import

    alias = f"models:/{version.name}@prod"
    ways: dict[str, Callable[[], object]] = {
        "penstock": lambda: manager.load(version.model_uri),
        "penstock by alias": lambda: manager.load(alias),
        "one registry request": lambda: manager.client.get_model_version_by_alias(
            version.name, "prod"
        ),
        "mlflow": lambda: mlflow.pyfunc.load_model(version.model_uri),
    }
    for way in ways.values():
        way()
    gc.freeze()  # or the garbage collector searches the peer's imports in everybody's time
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    # In all orders, or one way would always come after the peer's, which empties all caches.
    for order in islice(cycle(permutations(ways)), ROUNDS):
        for name in order:
            started = time.perf_counter()
            ways[name]()
            seconds[name].append(time.perf_counter() - started)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    yield Line(
        "a version in memory, p50 against mlflow.pyfunc.load_model",
        median["mlflow"] / median["penstock"],
        " x faster",
        at_least=50,
        detail=_detail(seconds, "penstock", "mlflow"),
    )
    yield Line(
        "an alias of it, p50 against one bare registry request",
        median["penstock by alias"] / median["one registry request"],
        " x",
        at_most=1.25,
        detail=_detail(seconds, "penstock by alias", "one registry request"),
    )


def _in_new_processes(url: str, version: RegisteredVersion, folder: Path) -> Iterator[Line]:
    filled = folder / "filled"
    for name in WAYS:
        _measure(name, url, version.model_uri, filled)
    cached: dict[str, list[float]] = {name: [] for name in WAYS}
    first: dict[str, list[float]] = {name: [] for name in WAYS}
    for number, order in enumerate(islice(cycle(permutations(WAYS)), PROCESSES)):
        for name in order:
            cached[name].append(_measure(name, url, version.model_uri, filled))
            first[name].append(_measure(name, url, version.model_uri, folder / f"empty-{number}"))
    yield Line(
        "a cached version in a new process, p50 against mlflow's",
        statistics.median(cached["mlflow"]) / statistics.median(cached["penstock"]),
        " x faster",
        at_least=4,
        detail=_detail(cached, "penstock", "mlflow"),
    )
    yield Line(
        "the first load, with the download, p50 against mlflow's",
        statistics.median(first["penstock"]) / statistics.median(first["mlflow"]),
        " x",
        at_most=1,
        detail=_detail(first, "penstock", "mlflow"),
    )


def _measure(name: str, url: str, uri: str, cache: Path) -> float:
    """Return the seconds of one load in a new process, its imports not counted."""
    answer = subprocess.run(
        [sys.executable, "-c", BEGINNING + WAYS[name] + END, url, uri, str(cache)],
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    seconds: float = json.loads(answer.stdout.splitlines()[-1])
    return seconds


def _detail(seconds: dict[str, list[float]], *names: str) -> str:
    return "; ".join(f"{name} {milliseconds(seconds[name])}" for name in names)

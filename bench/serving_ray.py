"""Predictions on a Ray cluster: a split against no split, and two replicas against one."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.line import Line
from bench.servers import BIN, Server, free_port, mlflow_server, running
from bench.serving import TIMES, Load, Plans, measure, ratio, save_iris_model, together

DEVICE_SECONDS = 0.05
DEVICE = f"""
import threading, time
import mlflow.models, mlflow.pyfunc

class Device(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.device = threading.Lock()

    def predict(self, context, model_input, params=None):
        with self.device:
            time.sleep({DEVICE_SECONDS})
        return [0.0] * len(model_input)

mlflow.models.set_model(Device())
"""


def lines() -> Iterator[Line]:
    """Measure, in turns, and yield the lines."""
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as place, ExitStack() as started:
        folder = Path(place)
        server = started.enter_context(mlflow_server(folder / "server"))
        small = Plans(server, save_iris_model(folder))
        Plans(server, _save_device_model(folder), name="device")
        with (
            _serve(folder / "one", small.address, "bench", "1.0.0") as one,
            _serve(folder / "split", small.address, "bench", "2.0.0") as split,
        ):
            rounds = measure({"one": one, "split": split})
        yield _compare(rounds, "split", "one", "on Ray: rate of two runs against one", at_least=0.8)
        failures = _failures(rounds)
        with (
            _serve(folder / "first", small.address, "device", "1.0.0") as one,
            _serve(folder / "second", small.address, "device", "1.0.0", replicas=2) as two,
        ):
            rounds = measure({"one": one, "two": two})
        what = f"on Ray: rate of two replicas against one, {DEVICE_SECONDS * 1000:g} ms a call"
        yield _compare(rounds, "two", "one", what, at_least=1.5)
        failures += _failures(rounds)
        first = failures[0][:200].decode(errors="replace") if failures else ""
        yield Line("on Ray: failed requests", len(failures), "", at_most=0, detail=first)


def _compare(
    rounds: list[dict[str, Load]], name: str, other: str, what: str, *, at_least: float
) -> Line:
    loads = {each: together([loads[each] for loads in rounds]) for each in (name, other)}
    detail = f"{loads[name]} against {loads[other]}"
    return Line(what, ratio(rounds, name, other), TIMES, at_least=at_least, detail=detail)


def _failures(rounds: list[dict[str, Load]]) -> list[bytes]:
    return [failure for loads in rounds for load in loads.values() for failure in load.failures]


def _save_device_model(folder: Path) -> Path:
    """Save a model that holds a device for a while, one call after the other.

    What a replica adds is not to be seen on processors that are all at work already.
    """
    from penstock.models import save_model  # noqa: PLC0415 - heavy, and only this part needs it

    code, place = folder / "device.py", folder / "device"
    code.write_text(DEVICE)
    save_model(str(code), place, flavour="pyfunc", pip_requirements=[])
    return place


@contextmanager
def _serve(
    folder: Path, address: str, experiment: str, version: str, *, replicas: int = 1
) -> Iterator[Server]:
    """Run a server on a cluster of its own, with this many replicas of each model."""
    folder.mkdir()
    port = free_port()
    command = [str(BIN / "penstock"), "serve", "--experiment", experiment]
    command += ["--model-version", version, "--port", str(port), "--data", str(folder)]
    command += ["--engine", "ray"]
    environment = {
        "MLFLOW_TRACKING_URI": address,
        "PENSTOCK_CACHE_DIR": str(folder.parent / "cache"),
        "PENSTOCK_SERVE_MIN_REPLICAS": str(replicas),
        "PENSTOCK_SERVE_MAX_REPLICAS": str(replicas),
    }
    with running(command, environment, folder / "serve.log", port) as server:
        yield server

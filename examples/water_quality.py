"""Models of water quality, one for each station, that outlive an outage of the server.

    .venv/bin/python examples/water_quality.py

It starts a server of its own in a temporary folder, registers a model for two stations, stops the
server, and goes on predicting. It needs XGBoost: `pip install xgboost`.
"""

import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from penstock import MlflowClient, ModelManager
from penstock.models import ModelUnavailable

STATIONS = (1, 2)
DAYS = 365
COLUMNS = ("temperature", "ph", "dissolved oxygen", "turbidity", "conductivity")
READY = re.compile(r"^Penstock is ready at (\S+)$", re.MULTILINE)
START_SECONDS = 120


def main() -> None:
    """Register, load, lose the server, and load again."""
    logging.basicConfig(format="    (log: %(message).90s…)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_server(folder) as client:
            show("the server runs")
            train(manager_in(folder, client))
            predict(manager_in(folder, client))
            # Managers of new processes: they have nothing in memory.
        show("the server is stopped")
        predict(manager_in(folder, client))
        remove_cache(folder)
        show("and the cache is gone")
        predict(manager_in(folder, client))
        try:
            manager_in(folder, client).load_model(9, "xgboost")
        except ModelUnavailable as error:
            print(f"  station 9: asked {', '.join(error.said)}; nobody has it")


def measure(station: int) -> tuple[Any, Any]:
    """Return a year of measurements at a station, and the quality index of the day after."""
    chance = np.random.default_rng(station)
    day = np.arange(DAYS)
    temperature = 14 + 8 * np.sin(2 * np.pi * (day - 110) / DAYS) + chance.normal(0, 1, DAYS)
    ph = 7.4 + 0.1 * station + chance.normal(0, 0.2, DAYS)
    oxygen = 14.6 - 0.37 * temperature + 0.004 * temperature**2 + chance.normal(0, 0.4, DAYS)
    rain = chance.gamma(0.4, 6, DAYS)
    turbidity = 3 + 1.8 * rain + chance.gamma(2, 0.5, DAYS)
    conductivity = 420 - 6 * np.sqrt(rain) + 25 * station + chance.normal(0, 12, DAYS)
    index = 100 - 2.2 * np.abs(oxygen - 9.5) - 9 * np.abs(ph - 7.5) - 0.7 * turbidity
    rows = np.column_stack([temperature, ph, oxygen, turbidity, conductivity])
    return rows[:-1].astype(np.float32), np.clip(index[1:], 0, 100).astype(np.float32)


def train(manager: ModelManager) -> None:
    """Train and register a model for each station."""
    from xgboost import XGBRegressor  # noqa: PLC0415 - slow to import

    for station in STATIONS:
        rows, index = measure(station)
        split = DAYS * 3 // 4
        params = {"n_estimators": 60, "max_depth": 3, "learning_rate": 0.1}
        model = XGBRegressor(**params).fit(rows[:split], index[:split])
        error = float(np.abs(model.predict(rows[split:]) - index[split:]).mean())
        version = manager.register_model_in_mlflow(
            station,
            "xgboost",
            {
                "model": model,
                "params": {**params, "columns": ", ".join(COLUMNS)},
                "metrics": {"mae": error},
                "options": {"pip_requirements": ["mlflow", "xgboost"]},
            },
        )
        print(f"  station {station}: registered version {version.version}, mae {error:.1f}")


def predict(manager: ModelManager) -> None:
    """Predict tomorrow's index at each station, and say where the model came from."""
    for station in STATIONS:
        model = manager.load_model(station, "xgboost")
        today = measure(station)[0][-1:]
        index = float(model.predict(today)[0])
        source = f"source={model.source}, version={model.version}, fallback={model.is_fallback}"
        print(f"  station {station}: {index:.0f} tomorrow  [{source}]")


def manager_in(folder: Path, client: MlflowClient) -> ModelManager:
    """Return a manager that keeps its files in a folder."""
    return ModelManager(
        "water-quality", local_dir=folder / "local", cache_dir=folder / "cache", client=client
    )


def remove_cache(folder: Path) -> None:
    """Lose what was downloaded."""
    (folder / "cache").rename(folder / "lost")


@contextmanager
def running_server(folder: Path) -> Iterator[MlflowClient]:
    """Run `penstock up` until the block ends, and give a client of it."""
    output = folder / "output"
    ports = ("--port", "0", "--mlflow-port", "0", "--data", str(folder / "data"))
    with output.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-m", "penstock", "up", *ports],
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        url = wait_until_ready(process, output)
        password = (folder / "data" / "admin-password").read_text().strip()
        yield MlflowClient(url, username="admin@localhost", password=password, retries=0)
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], output: Path) -> str:
    """Return the address once a login works."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := READY.search(output.read_text()):
            return found[1]
        time.sleep(0.1)
    sys.exit(f"water_quality: the server did not start:\n{output.read_text()}")


def show(title: str) -> None:
    """Print a heading."""
    print(f"\n{title}", flush=True)


if __name__ == "__main__":
    main()

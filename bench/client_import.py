"""What it costs until a client is there: Penstock's against MLflow's."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator

from bench.line import Line, milliseconds

ROUNDS = 7
MEBIBYTE = 1024 * 1024

PROGRAM = """
import json, time
started = time.process_time()
from {package} import MlflowClient
client = MlflowClient("http://127.0.0.1:9")
seconds = time.process_time() - started
# Not `ru_maxrss`: it begins with the memory of the process that started this one.
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(json.dumps([seconds, int(status["VmHWM"].split()[0]) * 1024]))
"""


def lines() -> Iterator[Line]:
    """Import both in turns, each time in a new process."""
    packages = ("penstock", "mlflow")
    for package in packages:
        _measure(package)  # compiles what is not compiled yet
    seconds: dict[str, list[float]] = {package: [] for package in packages}
    memory: dict[str, list[float]] = {package: [] for package in packages}
    for _ in range(ROUNDS):
        for package in packages:
            cpu, resident = _measure(package)
            seconds[package].append(cpu)
            memory[package].append(resident)
    yield Line(
        "client imported and made, CPU time against mlflow",
        statistics.median(seconds["mlflow"]) / statistics.median(seconds["penstock"]),
        " x less",
        at_least=25,
        detail="; ".join(f"{package} {milliseconds(seconds[package])}" for package in packages),
    )
    penstock, mlflow = (statistics.median(memory[package]) / MEBIBYTE for package in packages)
    yield Line(
        "client imported and made, memory against mlflow",
        penstock / mlflow,
        " x",
        at_most=1 / 5,
        detail=f"whole process: penstock {penstock:.0f} MiB, mlflow {mlflow:.0f} MiB",
    )


def _measure(package: str) -> tuple[float, float]:
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM.format(package=package)],
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, resident = json.loads(answer.stdout)
    return seconds, resident


def _environment() -> dict[str, str]:
    # With their compiled files kept, as everywhere but in some containers.
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "MLFLOW_DISABLE_TELEMETRY": "true"}

"""Fixtures of all tiers."""

import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from servers import Up, running_up

SHOWN_CHARACTERS = 8000
MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes folders in it that nobody else may enter
MEMORY_BYTES = 8 * 2**30

# A deadline for each example would measure how busy the machine is, not what the code does.
settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")

_running: list[Up] = []


def pytest_configure() -> None:
    """Keep what tests write in memory where there is room: databases wait for a disk.

    Gateways in this process log beside what the commands of a test print.
    """
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.__stderr__))
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One real `penstock up` for the whole session: started when first asked for."""
    with running_up(tmp_path_factory.mktemp("stack")) as up:
        _running.append(up)
        yield up
        _running.clear()


@pytest.fixture(scope="session")
def mlflow_url(stack: Up) -> str:
    """The address of the MLflow server itself, which knows no logins."""
    return stack.mlflow_url


@pytest.fixture(autouse=True)
def mlflow_forgets() -> Iterator[None]:
    """What a test tells MLflow's own functions, which set the environment too, ends with it."""
    before = _told_to_mlflow()
    yield
    if _told_to_mlflow() != before:
        address, experiment_id = before
        sys.modules["mlflow"].set_tracking_uri(address)
        sys.modules["mlflow.tracking.fluent"].__dict__["_active_experiment_id"] = experiment_id
        os.environ.pop("MLFLOW_EXPERIMENT_ID", None)


def _told_to_mlflow() -> tuple[str | None, str | None]:
    """Return the address and the experiment that MLflow's own functions use, if any was set."""
    fluent = sys.modules.get("mlflow.tracking.fluent")
    if fluent is None:
        return None, None
    addresses = sys.modules["mlflow.tracking._tracking_service.utils"]
    return addresses._tracking_uri, fluent._active_experiment_id


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the shared servers wrote beside every failure of a test that uses them."""
    report = yield
    if report.failed and "stack" in getattr(item, "fixturenames", ()):
        for up in _running:
            report.sections.append(("penstock up", up.report()[-SHOWN_CHARACTERS:]))
    return report

"""What the servers hold when access is measured, and who may read which hundredth of it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

EXPERIMENTS: Final = 10_000
MODELS: Final = 2_000
TEAMS: Final = 100
VERSIONS: Final = 2
"""Of each model."""

TEAM: Final = 37
RUN_EXPERIMENT: Final = str(TEAM)
"""The experiment whose run is read."""

EXPERIMENT: Final = "experiment"
MODEL: Final = "registered_model"

Grants = Sequence[tuple[str, str]]
"""Kind and pattern of each."""


@dataclass(frozen=True)
class Reader:
    """A user who may READ a hundredth: by patterns here, by as many exact grants at the peer."""

    email: str
    ours: Grants
    peers: Grants


def experiment_name(number: int) -> str:
    """Return the name of an experiment; its id is the number."""
    return f"team-{number % TEAMS:02}/experiment-{number:05}"


def model_name(number: int) -> str:
    """Return the name of a registered model."""
    return f"team-{number % TEAMS:02}.model-{number:04}"


def readers() -> dict[str, Reader]:
    """Return the users by what their grants are like."""
    ids = [(EXPERIMENT, str(number)) for number in _of_the_team(EXPERIMENTS)]
    scattered = [(MODEL, model_name(number)) for number in _scattered_models()]
    return {
        "exact grants on experiments": Reader(
            "experiments@localhost", [(EXPERIMENT, f"id:{one}") for _, one in ids], ids
        ),
        "one prefix grant on experiments": Reader(
            "team@localhost", [(EXPERIMENT, f"team-{TEAM:02}/*")], ids
        ),
        "one prefix grant on models": Reader(
            "prefix@localhost",
            [(MODEL, f"team-{TEAM:02}.*")],
            [(MODEL, model_name(number)) for number in _of_the_team(MODELS)],
        ),
        "scattered grants on models": Reader("scattered@localhost", scattered, scattered),
    }


def _of_the_team(count: int) -> Iterator[int]:
    """Give every hundredth number: far apart by id and age, side by side by name."""
    return (number for number in range(1, count + 1) if number % TEAMS == TEAM)


def _scattered_models() -> Iterator[int]:
    """Give one model in every fifth team."""
    return (start + 5 * position for position, start in enumerate(range(1, MODELS, TEAMS)))

"""A process that changes one plan again and again, as one of many."""

import random
from dataclasses import dataclass, field
from math import fsum
from typing import Any

from gateway.rollout_calls import Plans
from gateway.threads import Address
from gateway.wire import Caller


@dataclass(frozen=True)
class Errand:
    """What one process does: so many changes of a plan, by turns at each of the gateways."""

    addresses: tuple[tuple[str, int], ...]
    authorization: str
    experiment: str
    run_ids: tuple[str, ...]
    seed: int
    changes: int


@dataclass
class Report:
    """What came of it: the plans that were written, and every plan that was read."""

    written: list[dict[str, Any]] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    sums: set[float] = field(default_factory=set)


def write_many(errand: Errand) -> Report:
    """Read, decide and write; a change that comes too late is not tried again."""
    chance, report = random.Random(errand.seed), Report()
    for _ in range(errand.changes):
        address = Address(*chance.choice(errand.addresses))
        plans = Plans(
            Caller(address, authorization=errand.authorization), experiment=errand.experiment
        )
        present = plans.read()
        report.sums |= set(_sums(present))
        status, document = plans.put(_body(chance, errand.run_ids), present["revision"])
        if status == 200:
            report.written.append(document["data"])
        else:
            report.refused.append(status)
        report.sums |= set(_sums(document.get("data")))
    return report


def _body(chance: random.Random, run_ids: tuple[str, ...]) -> dict[str, Any]:
    chosen = chance.sample(run_ids, chance.randint(1, len(run_ids)))
    parts = [chance.randint(1, 9) for _ in chosen]
    fractions = [part / sum(parts) for part in parts]
    fractions[0] = 1 - fsum(fractions[1:])
    return {
        "runs": {
            run_id: {"status": "Active", "fraction": fraction}
            for run_id, fraction in zip(chosen, fractions, strict=True)
        }
    }


def _sums(plan: dict[str, Any] | None) -> list[float]:
    """Return what the fractions of a plan add up to, nothing for one without Active runs."""
    active = [one["fraction"] for one in (plan or {"runs": {}})["runs"].values() if one["fraction"]]
    return [round(fsum(active), 9)] if active else []

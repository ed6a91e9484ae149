"""Runs by the beginning of their ids."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from penstock.cli.rollout.experiments import find_experiment
from penstock.cli.rollout.names import listed
from penstock.cli.rollout.which import Which
from penstock.errors import InvalidRollout
from penstock.rest import MlflowClient
from penstock.rest.entities import ViewType
from penstock.rollout.experiments import parse_full_version
from penstock.rollout.members import get_scope, is_saved
from penstock.rollout.scope import Scope

SHORTEST: Final = 4
WHOLE: Final = 32
EXPERIMENTS_PER_SEARCH: Final = 200

_BEGINNING: Final = re.compile(r"[a-zA-Z0-9][\w-]{3,255}", re.ASCII)


class Named(NamedTuple):
    """Runs as somebody names them: by their ids, or beginnings of these."""

    texts: Sequence[str]
    is_deleted_fine: bool = False


def get_runs(client: MlflowClient, named: Named, which: Which) -> tuple[Scope, list[str]]:
    """Return the ids of runs that are given whole or by their beginning, and the first's scope.

    Raises InvalidRollout for a beginning of several, for none, and for runs that are not what the
    options say.
    """
    experiment = find_experiment(client, which)
    places = [experiment.experiment_id] if experiment else None
    view = ViewType.ALL if named.is_deleted_fine else ViewType.ACTIVE_ONLY
    first = _get_id(client, named.texts[0], places, view=view)
    scope = get_scope(client, first, is_deleted_fine=named.is_deleted_fine)
    _check_scope(scope, first, which, experiment_id=places[0] if places else None)
    others = [_get_id(client, text, [scope.experiment_id], view=view) for text in named.texts[1:]]
    return scope, [first, *others]


def _get_id(
    client: MlflowClient, text: str, experiment_ids: Sequence[str] | None, *, view: int
) -> str:
    if not _BEGINNING.fullmatch(text):
        raise InvalidRollout(
            f"'{text}' is no id of a run, nor its beginning of at least {SHORTEST} characters"
        )
    if len(text) == WHOLE:
        return text
    if experiment_ids is None:
        experiment_ids = [one.experiment_id for one in client.iter_experiments()]
    return choose(text, sorted(_iter_ids(client, text, experiment_ids, view=view)))


def choose(text: str, found: Sequence[str]) -> str:
    """Return the one id that a text stands for, of those that begin with it."""
    if text in found:
        return text
    if not found:
        raise InvalidRollout(
            f"no saved run's id begins with '{text}'; `penstock rollout list --all` shows them"
        )
    if len(found) > 1:
        raise InvalidRollout(f"'{text}' may be {listed(found, 'or')}: give more of the id")
    return found[0]


def _iter_ids(
    client: MlflowClient, beginning: str, experiment_ids: Sequence[str], *, view: int
) -> Iterator[str]:
    # MLflow compares without case and takes `_` for any character.
    condition = f"attributes.run_id LIKE '{beginning}%'"
    for some in _parts(experiment_ids):
        for run in client.iter_runs(some, condition, run_view_type=view):
            if run.info.run_id.startswith(beginning) and is_saved(run):
                yield run.info.run_id


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    starts = range(0, len(ids), EXPERIMENTS_PER_SEARCH)
    return (ids[start : start + EXPERIMENTS_PER_SEARCH] for start in starts)


def _check_scope(scope: Scope, run_id: str, which: Which, *, experiment_id: str | None) -> None:
    version = None if which.version is None else parse_full_version(which.version)
    fits = (
        experiment_id in {None, scope.experiment_id}
        and which.submodel in {None, scope.submodel_name}
        and version in {None, scope.version}
    )
    if not fits:
        raise InvalidRollout(f"run '{run_id}' is of {scope}, which is not what the options say")

"""Which rollout a command is about: an experiment, a submodel and a version."""

from collections.abc import Sequence
from typing import NamedTuple

from penstock.cli.rollout.experiments import find_experiment, list_experiments
from penstock.cli.rollout.names import listed, near, one_line, there
from penstock.cli.rollout.which import Which
from penstock.errors import InvalidRollout
from penstock.rest import MlflowClient
from penstock.rest.entities import Experiment
from penstock.rollout.experiments import check_submodel, parse_full_version
from penstock.rollout.plan_list import PlanList
from penstock.rollout.plans import Plan
from penstock.rollout.runs import Selection, iter_selected
from penstock.rollout.scope import Scope
from penstock.rollout.store import find_store
from penstock.semver import EVERY, SemVer, VersionRange


class Found(NamedTuple):
    """A plan, and the experiment that it is in."""

    experiment: Experiment
    plan: Plan

    def __str__(self) -> str:
        return describe_scope(self.plan.scope, self.experiment)


def describe_scope(scope: Scope, experiment: Experiment) -> str:
    """Return what people call a scope."""
    return one_line(f"{scope.submodel_name} {scope.version} in experiment {experiment.name}")


def list_plans(client: MlflowClient, which: Which, versions: VersionRange = EVERY) -> list[Found]:
    """Return the plans that the options leave, by experiment, submodel and version."""
    store = find_store(client)
    return [
        Found(experiment, plan)
        for experiment in list_experiments(client, which)
        for plan in store.read_all(experiment.experiment_id)
        if which.submodel in {None, plan.submodel_name} and plan.version in versions
    ]


def get_plan(client: MlflowClient, which: Which) -> Found:
    """Return the one plan that the options leave; an empty one of a version with runs alone.

    Where an experiment is named and no submodel, that of its name comes before others. Raises
    InvalidRollout that says what there is.
    """
    version = None if which.version is None else parse_full_version(which.version)
    fitting = list_plans(client, which, _range(version))
    if len(fitting) > 1 and find_experiment(client, which):
        own = [one for one in fitting if one.plan.submodel_name == one.experiment.name]
        fitting = own if len(own) == 1 else fitting
    if len(fitting) > 1:
        several = listed(map(str, fitting), "or")
        raise InvalidRollout(f"say which, by --experiment, --submodel or version: {several}")
    return fitting[0] if fitting else _get_unwritten(client, which, version)


def _range(version: SemVer | None) -> VersionRange:
    return EVERY if version is None else VersionRange.exactly(version)


def _get_unwritten(client: MlflowClient, which: Which, version: SemVer | None) -> Found:
    """Return the plan of runs that nobody has released yet."""
    experiment = find_experiment(client, which)
    if experiment is None:
        raise InvalidRollout(_describe_missing(which, list_plans(client, Which())))
    name = check_submodel(which.submodel, experiment)
    saved = _saved_scopes(client, experiment)
    fitting = [
        scope for scope in saved if scope.submodel_name == name and version in {None, scope.version}
    ]
    if len(fitting) != 1:
        raise InvalidRollout(_describe_unsaved(experiment, name, version, saved=saved))
    return Found(experiment, find_store(client).read(fitting[0]))


def _saved_scopes(client: MlflowClient, experiment: Experiment) -> list[Scope]:
    """Return the scopes of all runs that were saved in an experiment."""
    selection = Selection(experiment.experiment_id, None, EVERY)
    scopes = {
        Scope(run.experiment_id, run.submodel_name, run.version)
        for run, _ in iter_selected(client, selection, PlanList())
    }
    return sorted(scopes, key=lambda scope: (scope.submodel_name, scope.version))


def _describe_missing(which: Which, known: Sequence[Found]) -> str:
    asked = " ".join(text for text in (which.submodel, which.version) if text)
    if not known:
        return (
            "no rollout is visible to you yet; name the experiment of the first one: "
            "--experiment NAME"
        )
    return f"there is no rollout of {asked or 'anything'}; {there([str(one) for one in known])}"


def _describe_unsaved(
    experiment: Experiment, name: str, version: SemVer | None, *, saved: Sequence[Scope]
) -> str:
    versions = [str(scope.version) for scope in saved if scope.submodel_name == name]
    if versions and version is None:
        return f"say which version of '{name}', by --version: {listed(versions, 'or')}"
    if versions:
        return f"'{name}' has no version {version}; {there(versions)}"
    names = sorted({scope.submodel_name for scope in saved})
    if not names:
        return f"experiment '{experiment.name}' has no run that was saved by save_model"
    hint = near(name, names) or f"; {there(names)}: pass --submodel"
    return f"experiment '{experiment.name}' has no submodel '{name}'{hint}"

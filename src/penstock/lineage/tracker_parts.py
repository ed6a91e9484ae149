"""What a tracker is made of, put together over one client."""

from typing import NamedTuple

from penstock.lineage.artifacts import ResourceArtifacts
from penstock.lineage.datasets import Datasets
from penstock.lineage.deployments import Deployments
from penstock.lineage.experiments import get_or_create_experiment
from penstock.lineage.history import History
from penstock.lineage.live_runs import LiveRuns
from penstock.lineage.metadata import Metadata
from penstock.lineage.own_runs import OwnRuns
from penstock.lineage.predictions import Predictions
from penstock.lineage.reports import Reports
from penstock.lineage.resources import Resources
from penstock.lineage.run_tags import RunTags
from penstock.lineage.settings import TrackerSettings
from penstock.lineage.version_control import VersionControl
from penstock.rest import MlflowClient
from penstock.rest.entities import Run


class TrackerParts(NamedTuple):
    """The parts of one tracker."""

    tags: RunTags
    own_runs: OwnRuns
    metadata: Metadata
    history: History
    resources: Resources
    artifacts: ResourceArtifacts
    reports: Reports
    version_control: VersionControl
    datasets: Datasets
    deployments: Deployments
    predictions: Predictions


def assemble(client: MlflowClient, settings: TrackerSettings) -> TrackerParts:
    """Begin a run, or go on with one, and return the parts that speak of it."""
    tags, own_runs, history = RunTags(client), OwnRuns(client), History(client)
    run = _begin(client, own_runs, settings)
    if settings.run_id is None:
        tags.params.begin(run.info.run_id)
    metadata, artifacts = Metadata(tags), ResourceArtifacts(client)
    resources = Resources(run, tags, metadata, history, own_runs)
    version_control = VersionControl(metadata)
    return TrackerParts(
        tags,
        own_runs,
        metadata,
        history,
        resources,
        artifacts,
        Reports(artifacts, metadata),
        version_control,
        Datasets(metadata, version_control, history),
        Deployments(history, LiveRuns(client)),
        Predictions(metadata, resources),
    )


def _begin(client: MlflowClient, own_runs: OwnRuns, settings: TrackerSettings) -> Run:
    if settings.run_id is not None:
        return own_runs.resume(settings.run_id)
    return own_runs.begin(get_or_create_experiment(client, settings.experiment_name))

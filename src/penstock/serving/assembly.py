"""The parts of one inference server, put together."""

from pathlib import Path

from penstock.errors import LocalFileError
from penstock.models.manager import ModelManager
from penstock.models.reference import parse_reference
from penstock.serving.aim import Aim
from penstock.serving.app import ServingApp
from penstock.serving.desk import Desk
from penstock.serving.engines.engine import Engine
from penstock.serving.engines.local import Limits, LocalEngine
from penstock.serving.follower import Follower
from penstock.serving.ledger import Ledger
from penstock.serving.lineup_memory import LineupMemory
from penstock.serving.lineup_sources import LineupSource, ModelSource, PlanSource
from penstock.serving.meter import Meter
from penstock.serving.mirrors import Mirrors
from penstock.serving.records import Records
from penstock.serving.settings import ServeSettings
from penstock.serving.table import RoutingTable


def create_app(aim: Aim, settings: ServeSettings, *, manager: ModelManager) -> ServingApp:
    """Return the server of an aim, with models in this process. Raises LocalFileError."""
    meter = Meter()
    records = Records(aim.name, Ledger(folder_of(aim, settings)), meter=meter)
    engine = LocalEngine(manager, limits_of(settings), observe_batch=meter.predicted)
    return assemble(aim, make_source(aim, manager), engine, settings=settings, records=records)


def assemble(
    aim: Aim,
    source: LineupSource,
    engine: Engine,
    *,
    settings: ServeSettings,
    records: Records,
) -> ServingApp:
    """Return a server with any source and engine. Raises LocalFileError."""
    folder = folder_of(aim, settings)
    mirrors = Mirrors(records, most=settings.mirror_queue, share=settings.mirror_share)

    def observe(table: RoutingTable) -> None:
        records.meter.follow(table)
        mirrors.follow(table)

    follower = Follower(
        source, engine, LineupMemory(folder), poll_seconds=settings.poll_seconds, observe=observe
    )
    return ServingApp(
        Desk(
            aim.name,
            follower,
            settings=settings,
            records=records,
            mirrors=mirrors,
        )
    )


def limits_of(settings: ServeSettings) -> Limits:
    """Return what a model may take."""
    return Limits(
        settings.seconds, settings.batching, settings.batch_rows, settings.batch_wait_seconds
    )


def make_source(aim: Aim, manager: ModelManager) -> LineupSource:
    """Return where it is read what to serve."""
    if aim.model_uri is not None:
        return ModelSource(manager, parse_reference(aim.model_uri))
    return PlanSource(
        lambda: manager.client,
        aim.experiment,
        experiment_id=aim.experiment_id,
        versions=aim.versions,
        submodel=aim.submodel,
    )


def folder_of(aim: Aim, settings: ServeSettings) -> Path:
    """Return the folder of what outlives the server of an aim, made if needed."""
    folder = settings.folder / aim.key
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalFileError(
            f"cannot make {folder}: {error.strerror}; choose another with --data"
        ) from error
    return folder

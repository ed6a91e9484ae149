"""What `penstock serve report` shows."""

from pathlib import Path

from penstock.cli import output
from penstock.cli.settings import read_settings
from penstock.errors import ConfigurationError, LocalFileError
from penstock.serving.past import read_reports
from penstock.serving.picture import draw
from penstock.serving.report import Report, RunReport
from penstock.serving.sequence import Interval
from penstock.serving.settings import read_serve_settings

COLUMNS = ("RUN", "SHARE", "REQUESTS", "ERRORS", "P50", "P99", "OUTCOMES", "MEAN", "DIFFERENCE")
CANARY_COLUMNS = ("CANARY", "SAME", "DIFFERENT", "FAILED", "DROPPED", "DISTANCE")


def show_reports(
    data: Path | None, *, name: str | None, against: str | None, picture: Path | None, as_json: bool
) -> None:
    """Print the reports of a data folder, and draw one. Raises ConfigurationError without any."""
    given = None if data is None else str(data)
    folder = read_serve_settings(read_settings(), data_dir=given).folder
    reports = [
        found for found in read_reports(folder, against=against) if name in {None, found.name}
    ]
    if not reports:
        raise ConfigurationError(
            f"no server has written to {folder} yet; name its folder with --data"
        )
    if picture is not None:
        _draw(reports, picture)
    if as_json:
        output.say_json([found.to_document() for found in reports])
        return
    for found in reports:
        _show(found)


def _draw(reports: list[Report], picture: Path) -> None:
    if len(reports) > 1:
        listed = ", ".join(found.name for found in reports)
        raise ConfigurationError(f"a picture is of one server; pass --name, one of {listed}")
    try:
        picture.write_text(draw(reports[0]), encoding="utf-8")
    except OSError as error:
        raise LocalFileError(f"cannot write {picture}: {error.strerror}") from error


def _show(found: Report) -> None:
    output.say(f"{found.name} {found.version}, revision {found.revision}")
    output.say_table(COLUMNS, [_row(found, run) for run in found.runs])
    canaries = [run for run in found.runs if run.same + run.different + run.failed + run.dropped]
    if canaries:
        output.say_table(CANARY_COLUMNS, [_canary_row(run) for run in canaries])


def _row(found: Report, run: RunReport) -> tuple[str, ...]:
    share = "canary" if run.is_canary else f"{run.fraction:.4g}"
    difference = "compared with" if run.run_id == found.compared_with else _bounds(run.difference)
    return (
        run.run_id,
        share,
        str(run.requests),
        str(run.errors),
        _milliseconds(run.p50_ms),
        _milliseconds(run.p99_ms),
        str(run.outcomes),
        "-" if run.mean_outcome is None else f"{run.mean_outcome:.4g}",
        difference,
    )


def _canary_row(run: RunReport) -> tuple[str, ...]:
    distance = "-" if run.mean_distance is None else f"{run.mean_distance:.4g}"
    counts = (run.same, run.different, run.failed, run.dropped)
    return (run.run_id, *map(str, counts), distance)


def _bounds(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    return f"{interval.estimate:+.4g} [{interval.low:+.4g}, {interval.high:+.4g}]"


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g} ms"

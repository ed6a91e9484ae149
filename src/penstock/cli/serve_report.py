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
MANY = 100
"""From so many milliseconds on, their parts are not shown."""


def show_reports(
    data: Path | None, *, name: str | None, against: str | None, picture: Path | None, as_json: bool
) -> None:
    """Print the reports of a data folder, and draw one. Raises ConfigurationError without any."""
    given = None if data is None else str(data)
    folder = read_serve_settings(read_settings(), data_dir=given).folder
    everybody = read_reports(folder, against=against)
    if not everybody:
        raise ConfigurationError(
            f"no server has written to {folder} yet; name its folder with --data"
        )
    reports = [found for found in everybody if name in {None, found.name}]
    if not reports:
        listed = ", ".join(found.name for found in everybody)
        raise ConfigurationError(f"nothing is served by the name '{name}'; --name is of {listed}")
    _expect_run(reports, against)
    if picture is not None:
        _draw(reports, picture)
    if as_json:
        output.say_json([found.to_document() for found in reports])
        return
    for found in reports:
        _show(found)


def _expect_run(reports: list[Report], against: str | None) -> None:
    known = dict.fromkeys(run.run_id for found in reports for run in found.runs)
    if against is not None and against not in known:
        listed = ", ".join(known) or "none yet"
        raise ConfigurationError(f"no report has the run '{against}'; --against is of {listed}")


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
    if value is None:
        return "-"
    return f"{value:.3g} ms" if value < MANY else f"{value:.0f} ms"

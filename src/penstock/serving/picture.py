"""A report as a picture, SVG without anything from elsewhere. Pure."""

from collections.abc import Sequence
from html import escape
from typing import Final

from penstock.serving.report import Report, RunReport
from penstock.serving.sequence import Interval

WIDTH: Final = 900
_LEFT: Final = 330
_RIGHT: Final = 40
_ROW: Final = 34
_TOP: Final = 70
_GREY, _BLUE, _ORANGE = "#767676", "#2463b4", "#b4541a"


def draw(report: Report) -> str:
    """Return the means of the outcomes and the differences, each with its bounds."""
    means = [(run, run.outcome) for run in report.runs]
    differences = [
        (run, run.difference) for run in report.runs if run.run_id != report.compared_with
    ]
    first = _panel("mean outcome", means, top=_TOP, with_zero=False)
    place = _TOP + _height(means) + 50
    title = f"difference to {_short(report.compared_with or 'nothing yet')}"
    second = _panel(title, differences, top=place, with_zero=True)
    height = place + _height(differences) + 30
    head = f"{report.name} {report.version}, revision {report.revision}"
    note = f"bounds hold with {report.confidence:.0%} confidence however often one looks"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">'
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
        + _text(20, 28, head, size=17)
        + _text(20, 48, note, colour=_GREY)
        + first
        + second
        + "</svg>\n"
    )


def _panel(
    title: str,
    rows: Sequence[tuple[RunReport, Interval | None]],
    *,
    top: int,
    with_zero: bool,
) -> str:
    low, high = _span([interval for _, interval in rows if interval], with_zero=with_zero)
    parts = [_text(20, top + 14, title, size=14)]
    for number, (run, interval) in enumerate(rows):
        middle = top + _ROW * (number + 1) + 8
        kind = "canary" if run.is_canary else f"{run.fraction:.0%}"
        label = f"{_short(run.run_id)}  {kind}, {run.outcomes} outcomes"
        parts.append(_text(20, middle + 4, label))
        if interval is None:
            parts.append(_text(_LEFT, middle + 4, "too few outcomes to say", colour=_GREY))
        else:
            colour = _ORANGE if with_zero and interval.is_clear else _BLUE
            parts.append(_bar(interval, (low, high), middle=middle, colour=colour))
    if with_zero:
        zero = _place(0.0, (low, high))
        bottom = top + _height(rows)
        parts.append(
            f'<line x1="{zero}" x2="{zero}" y1="{top + 20}" y2="{bottom}" stroke="{_GREY}" '
            'stroke-dasharray="3 3"/>'
        )
    return "".join(parts)


def _bar(interval: Interval, span: tuple[float, float], *, middle: int, colour: str) -> str:
    here, low, high = (_place(value, span) for value in interval)
    numbers = f"{interval.estimate:.4g}  [{interval.low:.4g}, {interval.high:.4g}]"
    return (
        f'<line x1="{low}" x2="{high}" y1="{middle}" y2="{middle}" stroke="{colour}" '
        'stroke-width="3"/>'
        f'<circle cx="{here}" cy="{middle}" r="5" fill="{colour}"/>'
        + _text(_LEFT, middle - 9, numbers, colour=_GREY, size=10)
    )


def _span(intervals: Sequence[Interval], *, with_zero: bool) -> tuple[float, float]:
    values = [value for interval in intervals for value in interval] + [0.0] * with_zero
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _place(value: float, span: tuple[float, float]) -> float:
    share = (value - span[0]) / (span[1] - span[0])
    return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)


def _height(rows: Sequence[object]) -> int:
    return _ROW * (len(rows) + 1)


def _short(name: str) -> str:
    most = 16
    return name if len(name) <= most else f"…{name[-most:]}"


def _text(left: int, base: int, text: str, *, colour: str = "black", size: int = 13) -> str:
    return f'<text x="{left}" y="{base}" fill="{colour}" font-size="{size}">{escape(text)}</text>'

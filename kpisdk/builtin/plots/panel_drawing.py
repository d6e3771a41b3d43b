"""A panel on matplotlib's axes: zones of thresholds, lines with bands, bars with intervals."""

from __future__ import annotations

import textwrap
from typing import Any

from kpisdk.builtin.plots.plot_panels import LARGEST, Panel, drawable, ends_of
from kpisdk.builtin.reports import figure_text as figures
from kpisdk.contracts.results import Result
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.vocabulary import Direction, Status

INK, SOFT = "#1c2024", "#60646c"

# Okabe and Ito's palette, which the colour-blind tell apart; each line has a mark of its own too.
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#8C6D1F")
MARKS = "osD^vPX*"
ZONES = {Status.GOOD: "#009E73", Status.WARNING: "#E69F00", Status.CRITICAL: "#D55E00"}

MOST_LINES = len(LINES)
MOST_BARS = 40
"""More slices than these are not drawn, and the picture says how many there are."""

_ROOM = 0.08  # of the drawn range, so that nothing lies on the edge


def draw(axes: Any, panel: Panel) -> None:
    """Draw a panel; what comes from the data is text, never mathematical markup."""
    # Over bars, the words of the zones stand between title and axes.
    pad = 16 if panel.bars and panel.thresholds else 6
    axes.set_title(panel.title, loc="left", fontsize=11, color=INK, pad=pad, parse_math=False)
    axes.tick_params(labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if panel.absent:
        _say(axes, panel.absent)
    elif panel.series:
        _lines(axes, panel)
    else:
        _bars(axes, panel)


def _say(axes: Any, text: str) -> None:
    axes.set_axis_off()
    told = textwrap.fill(f"No value. {text}", 80)
    axes.text(0, 0.9, told, va="top", color=SOFT, parse_math=False, transform=axes.transAxes)


def _lines(axes: Any, panel: Panel) -> None:
    shown = panel.series[:MOST_LINES]
    starts: dict[str, Any] = {}
    for _, series in panel.series:
        for result in series.results:
            start = None if result.window is None else result.window.start
            starts.setdefault(result.period or "", (start is not None, start, result.period))
    periods = sorted(starts, key=lambda each: starts[each])
    place = {period: number for number, period in enumerate(periods)}
    handles = []
    for number, (_, series) in enumerate(shown):
        colour, mark = LINES[number], MARKS[number]
        there = [each for each in series.results if drawable(each)]
        # A gap is drawn as one: not-a-numbers part a line.
        gapped = {place[each.period or ""]: each.value for each in there}
        across = range(len(periods))
        values = [gapped.get(each, float("nan")) for each in across]
        (line,) = axes.plot(across, values, color=colour, marker=mark, markersize=4, lw=1.8)
        handles.append(line)
        bands = {place[each.period or ""]: ends for each in there if (ends := ends_of(each))}
        below = [bands[each][0] if each in bands else float("nan") for each in across]
        above = [bands[each][1] if each in bands else float("nan") for each in across]
        axes.fill_between(across, below, above, color=colour, alpha=0.18, lw=0)
        for each in set(bands) - {at for at in bands if {at - 1, at + 1} & set(bands)}:
            axes.vlines(each, *bands[each], color=colour, alpha=0.4, lw=3)  # a band of one period
    _ticks(axes, periods)
    results = [each for _, series in shown for each in series.results]
    low, high = _limits(results, panel.thresholds)
    axes.set_ylim(low, high)
    axes.set_xlim(-0.4, len(periods) - 0.6)
    axes.set_ylabel(panel.unit.value, color=SOFT)
    _zones(axes, panel.thresholds, low, high, upright=True)
    if len(shown) > 1:
        labels = [label for label, _ in shown]
        hidden = len(panel.series) - len(shown)
        # matplotlib leaves out labels that begin with an underscore: they are set afterwards.
        legend = axes.legend(
            handles,
            [str(number) for number in range(len(labels))],
            fontsize=8,
            frameon=False,
            loc="upper left",
            bbox_to_anchor=(1.1, 1.0),
            title=f"{hidden} more not drawn" if hidden else None,
        )
        for text, label in zip(legend.get_texts(), labels, strict=True):
            text.set_parse_math(False)
            text.set_text(label)


def _ticks(axes: Any, periods: list[str]) -> None:
    every = -(-len(periods) // 12)
    last = len(periods) - 1
    at = [each for each in range(len(periods)) if (last - each) % every == 0]
    axes.set_xticks(at)
    texts = axes.set_xticklabels([periods[each] for each in at], fontsize=8)
    is_long = sum(len(periods[each]) for each in at) > 80
    for text in texts:
        text.set_parse_math(False)
        text.set_rotation(30 if is_long else 0)
        text.set_horizontalalignment("right" if is_long else "center")


def _bars(axes: Any, panel: Panel) -> None:
    shown = panel.bars[:MOST_BARS]
    results = [result for _, result in shown]
    low, high = _limits(results, panel.thresholds, with_zero=True)
    axes.set_xlim(low, high)
    _zones(axes, panel.thresholds, low, high, upright=False)
    for row, result in enumerate(results):
        value = result.value or 0.0
        axes.barh(row, value, height=0.62, color="#5b7fa6", lw=0)
        ends = ends_of(result)
        if ends is not None:
            axes.hlines(row, *ends, color=INK, lw=1.6)
            axes.plot(ends, (row, row), "|", color=INK, markersize=7, lw=0)
        bounds = figures.bounds_of(result.thresholds)
        told = f"{figures.figure(value, result.unit, bounds)}  {_status(result)}"
        at = max(value, ends[1] if ends else value, 0.0)
        axes.annotate(
            told,
            (at, row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=INK,
            bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.0},
            parse_math=False,
        )
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_yticks(range(len(shown)))
    for text in axes.set_yticklabels([label for label, _ in shown], fontsize=8):
        text.set_parse_math(False)
    hidden = len(panel.bars) - len(shown)
    more = f" ({hidden} more slices are not drawn)" if hidden else ""
    axes.set_xlabel(f"{panel.unit.value}{more}", color=SOFT)


def _status(result: Result) -> str:
    if result.thresholds is None and result.status is Status.UNKNOWN:
        return ""
    return f"{result.status.value}{' (undecided)' if result.decided is False else ''}"


def _limits(
    results: list[Result], bounds: Thresholds | None, with_zero: bool = False
) -> tuple[float, float]:
    """The ends of the axis: all values and intervals, and the thresholds near them."""
    numbers = [each.value for each in results if each.value is not None and drawable(each)]
    numbers += [end for each in results if drawable(each) for end in ends_of(each) or ()]
    low, high = min(numbers), max(numbers)
    reach = (high - low) or abs(high) or 1.0
    near = [
        each
        for each in figures.bounds_of(bounds)
        # One that lies far away would press the values together: its zone is what is seen.
        if low - 3 * reach <= each <= high + 3 * reach or with_zero
    ]
    near = [each for each in near if abs(each) < LARGEST]
    low, high = min(numbers + near), max(numbers + near)
    if with_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = (high - low) * _ROOM or abs(high) * _ROOM or 1.0
    if with_zero:  # the figures stand to the right of the bars
        return (low - room if low < 0 else low), high + (high - low or 1.0) * 0.3
    return low - room, high + room


def _zones(axes: Any, bounds: Thresholds | None, low: float, high: float, *, upright: bool) -> None:
    """The statuses behind the values, each in its colour and with its word at the edge."""
    if bounds is None:
        return
    if bounds.direction is Direction.HIGHER:
        cuts = (low, bounds.critical, bounds.target, high)
        order = (Status.CRITICAL, Status.WARNING, Status.GOOD)
    else:
        cuts = (low, bounds.target, bounds.warning, high)
        order = (Status.GOOD, Status.WARNING, Status.CRITICAL)
    span = axes.axhspan if upright else axes.axvspan
    line = axes.axhline if upright else axes.axvline
    held = [min(max(each, low), high) for each in cuts]
    for status, start, end in zip(order, held, held[1:], strict=False):
        if end <= start:
            continue
        span(start, end, color=ZONES[status], alpha=0.10, lw=0, zorder=0)
        if (end - start) < (high - low) * 0.06:
            continue  # no room for the word
        middle = start + (end - start) / 2
        where = (1.01, middle) if upright else (middle, 1.01)
        axes.text(
            *where,
            status.value,
            fontsize=7,
            color=SOFT,
            ha="left" if upright else "center",
            va="center" if upright else "bottom",
            transform=axes.get_yaxis_transform() if upright else axes.get_xaxis_transform(),
        )
    if low < bounds.target < high:
        line(bounds.target, color=INK, lw=0.9, ls=(0, (4, 3)), zorder=1)

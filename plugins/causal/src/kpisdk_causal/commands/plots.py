# Drawing with matplotlib is the whole job of this file; it is imported only when a plot is asked.
"""Plots of an estimate: effect, overlap and balance; a series with its counterfactual."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kpisdk import MissingDependencyError

try:
    from matplotlib import rc_context
    from matplotlib.figure import Figure
except ImportError as fault:
    raise MissingDependencyError(
        "matplotlib", "A plot", "pip install 'kpisdk-causal[plots]'"
    ) from fault

from kpisdk_causal.errors import CausalDataError
from kpisdk_causal.estimate import Balance, CausalEstimate, Overlap, Part

SUFFIXES = (".png", ".svg")
TREATED, CONTROL, PLAIN = "#b3402a", "#2a6fb3", "#333333"


class PlotFormatError(CausalDataError):
    """A plot is written as PNG or SVG: give the file one of these suffixes."""


def draw(answer: CausalEstimate, path: Path) -> None:
    """Draw ``answer`` into ``path`` (PNG or SVG, by its suffix).

    Args:
        answer: the estimate.
        path: the file; its suffix says the format.

    Raises:
        PlotFormatError: another suffix.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise PlotFormatError
    figure = _figure(answer)
    # A fixed salt and no date: the same estimate gives the same file.
    with rc_context({"svg.hashsalt": "kpisdk"}):
        figure.savefig(
            path,
            dpi=120,
            metadata={"Date": None} if path.suffix.lower() == ".svg" else {"Software": None},
        )


def _figure(answer: CausalEstimate) -> Figure:
    series = answer.details.get("series")
    panels: list[Any] = [lambda axes: _effects(axes, answer)]
    if series is not None:
        panels.insert(0, lambda axes: _series(axes, series, answer))
    overlap, balance = answer.diagnostics.overlap, answer.diagnostics.balance
    if overlap is not None:
        panels.append(lambda axes: _overlap(axes, overlap))
    if balance is not None and balance.before:
        panels.append(lambda axes: _balance(axes, balance))
    figure = Figure(figsize=(7, 3.2 * len(panels)), layout="constrained")
    for place, panel in enumerate(panels, start=1):
        panel(figure.add_subplot(len(panels), 1, place))
    return figure


def _effects(axes: Any, answer: CausalEstimate) -> None:
    head = Part(label=answer.estimand, value=answer.value, interval=answer.confidence_interval)
    offered = [
        Part(
            label=f"{other.estimand} (offered)",
            value=other.value,
            interval=other.confidence_interval,
        )
        for other in answer.alternatives
        if not answer.parts
    ]
    lines = [line for line in (head, *answer.parts, *offered) if line.value is not None]
    for place, line in enumerate(reversed(lines)):
        if line.interval is not None:
            axes.plot(line.interval, (place, place), color=PLAIN, linewidth=1.5)
        axes.plot(line.value, place, "o", color=TREATED if line is head else PLAIN)
    axes.axvline(0, color="grey", linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(lines)), [line.label for line in reversed(lines)])
    axes.set_ylim(-0.6, max(len(lines) - 0.4, 0.6))
    title = f"{answer.contrast} ({answer.ci_level:.0%} interval)"
    axes.set_title(title if answer.value is not None else f"{title}: {answer.reason}")


def _overlap(axes: Any, overlap: Overlap) -> None:
    edges = overlap.histogram.edges
    width = edges[1] - edges[0]
    for counts, colour, label, sign in (
        (overlap.histogram.treated, TREATED, "treated", 1),
        (overlap.histogram.control, CONTROL, "control", -1),
    ):
        total = max(sum(counts), 1)
        heights = [sign * count / total for count in counts]
        axes.bar(edges[:-1], heights, width=width, align="edge", color=colour, label=label)
    for bound in overlap.bounds:
        axes.axvline(bound, color="grey", linewidth=0.8, linestyle="--")
    axes.set_xlabel("propensity score e(x)")
    axes.set_ylabel("share of the arm")
    axes.set_title(f"Overlap: {overlap.share_outside:.1%} outside the bounds")
    axes.legend()


def _balance(axes: Any, balance: Balance) -> None:
    names = sorted(balance.before, key=lambda name: balance.before[name])
    places = range(len(names))
    axes.plot([balance.before[n] for n in names], places, "o", color=CONTROL, label="before")
    axes.plot([balance.after[n] for n in names], places, "o", color=TREATED, label="weighted")
    axes.axvline(0.1, color="grey", linewidth=0.8, linestyle="--")
    axes.set_yticks(list(places), names)
    axes.set_xlabel("absolute standardised mean difference")
    axes.set_title("Balance")
    axes.legend()


def _series(axes: Any, series: dict[str, Any], answer: CausalEstimate) -> None:
    actual, predicted = series["actual"], series["predicted"]
    start = len(actual) - len(predicted)
    places = range(start, len(actual))
    axes.plot(range(len(actual)), actual, color=PLAIN, label="actual")
    axes.plot(places, predicted, color=CONTROL, linestyle="--", label="counterfactual")
    if "low" in series:
        axes.fill_between(places, series["low"], series["high"], color=CONTROL, alpha=0.2)
    axes.axvline(answer.details["n_pre"] - 0.5, color="grey", linewidth=0.8, linestyle=":")
    step = max(1, len(actual) // 6)
    axes.set_xticks(range(0, len(actual), step), [t[:10] for t in series["times"][::step]])
    axes.set_title(answer.contrast)
    axes.legend()

"""Whether a KPI's thresholds apply: those of a count fit its own window and whole population."""

from __future__ import annotations

from kpisdk.contracts.requests import Request
from kpisdk.contracts.time_windows import NewestDay, Window
from kpisdk.engine.evaluation_time import EvaluationTime
from kpisdk.engine.resolution import ResolvedKpi
from kpisdk.windows import could_yield


def misfit(resolved: ResolvedKpi, request: Request, time: EvaluationTime | None) -> str | None:
    """Why the KPI's thresholds do not judge what was asked for; ``None`` where they do.

    A value that grows with the window and with the population (a count, a sum) is judged over the
    length of its own window, and over everybody. Shares, means and medians are judged everywhere.
    """
    kpi = resolved.kpi
    if kpi.thresholds is None or not kpi.is_extensive:
        return None
    rule = None if time is None else time.rule
    other = _population(resolved, request) or _length(request, time)
    if other is None:
        return None
    own = "all time" if rule is None else f"the window {rule.label!r}"
    who = "everybody" if kpi.requires is None else f"one {kpi.requires.column}"
    return (
        f"The thresholds of {kpi.id} were set for {own} and {who}; this value is of {other}, and "
        "grows with either."
    )


def _population(resolved: ResolvedKpi, request: Request) -> str | None:
    """What of the request narrows the population, if anything does."""
    # A KPI that needs a slice has its thresholds for one.
    required = None if resolved.kpi.requires is None else resolved.kpi.requires.column
    narrowed = [
        column for column, values in resolved.where.items() if column != required or len(values) > 1
    ]
    if narrowed:
        return f"a filter on {', '.join(narrowed)}"
    groups = [column for column in resolved.by if column != required]
    if groups:
        return f"one {' and '.join(groups)} each"
    return None if request.grain is None else f"one {request.grain.value} each"


def _length(request: Request, time: EvaluationTime | None) -> str | None:
    """The window, if it is not of the length that the KPI's own has."""
    if request.window is None or time is None or time.window is None or time.rule is None:
        return None
    if isinstance(time.rule, NewestDay):
        return None  # one day, whatever window it is looked for in
    # What has no end of its own is not cut short by the instant that it is asked for.
    window: Window = time.window if time.window.end is None else time.cut(time.window)
    if could_yield(time.rule, window):
        return None
    cut = "" if window.end == time.window.end else ", of which a part is over"
    return f"the window {window.label!r}{cut}"

"""What a KPI answers on ordinary rows: a value, one that holds together, the same each time."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from kpisdk.contracts.calculators import options_of
from kpisdk.contracts.results import Result, plain
from kpisdk.contracts.time_windows import NewestDay
from kpisdk.contracts.vocabulary import Reason, Unit
from kpisdk.testing.benches import Bench
from kpisdk.testing.checks.applying import DoesNotApplyError, Faults
from kpisdk.testing.checks.differences import differences
from kpisdk.testing.generating import GROUP
from kpisdk.testing.tolerance import close, same_across_engines

CRASH = "The calculator of"
"""How the engine's sentence begins where a function raised something that is no KpisdkError."""


def gets_a_value(bench: Bench, kpi_id: str) -> Faults:
    """On ordinary rows the KPI has a value: without one, nothing else here proves anything."""
    results = bench.results(kpi_id, "frames")
    if any(result.value is not None for result in results):
        return
    told = results[0]
    yield (
        f"It never got a value: {told.reason}: {told.message} Say what its rows hold "
        "(values = {'table.column': [...]}), give parameters, where or rows to the contract, or "
        "bring rows of your own (def frames)."
    )


def holds_together(bench: Bench, kpi_id: str) -> Faults:
    """Value, interval, n, numerator and denominator agree, and all of it can be stored."""
    for request in requests(bench, kpi_id):
        for result in bench.results(kpi_id, "frames", **request):
            yield from _loose(result)


def requests(bench: Bench, kpi_id: str) -> Iterator[dict[str, Any]]:
    """The headline, the slices, and the months where the KPI has a window."""
    yield {}
    yield from ({"by": [column]} for column in bench.slice_columns)
    if bench.subject.kpis[kpi_id].window is not None:
        yield {"grain": "month"}


def _loose(result: Result) -> Iterator[str]:
    where = f"In slice {dict(result.slice)}:" if result.slice else "In the headline:"
    value, top, bottom = result.value, result.numerator, result.denominator
    if value is None:
        yield from absence(result, where)
        return
    if top is not None and bottom and not close(value, top / bottom):
        yield f"{where} the value is {value}, and numerator / denominator is {top} / {bottom}."
    between = result.interval
    if between is not None and not _within(between.low, value, between.high):
        ends = f"{between.low} to {between.high}"
        yield f"{where} the value {value} lies outside its interval {ends}."
    is_counted = result.unit is Unit.COUNT and value == 0
    if result.n is not None and result.n <= 0 and not is_counted:
        yield f"{where} the value {value} stands on n = {result.n} rows: no row, no value."
    if result.p_value is not None and not 0 <= result.p_value <= 1:
        yield f"{where} the p-value is {result.p_value}."
    try:
        json.dumps(plain(result.details), allow_nan=False)
        back = Result.from_dict(json.loads(json.dumps(result.to_dict())))
    except (TypeError, ValueError) as error:
        yield f"{where} the result cannot be stored as JSON: {error}. Put plain values in details."
        return
    if not close(back.value, value):
        yield f"{where} the value {value} comes back from JSON as {back.value}."


def _within(low: float, value: float, high: float) -> bool:
    slack = 1e-9 * max(1.0, abs(low), abs(high))
    return low - slack <= value <= high + slack


def absence(result: Result, where: str) -> Iterator[str]:
    """What is wrong with a result without a value: no reason, no sentence, or a crash behind it."""
    if result.value is not None and not math.isfinite(result.value):
        yield f"{where} the value is {result.value}; use Estimate.of, which gives a reason."
    if result.reason is None or not (result.message or "").strip():
        yield f"{where} there is no value, and no reason with a sentence. Use Estimate.absent."
    elif result.reason is Reason.CALCULATOR_FAILED and (result.message or "").startswith(CRASH):
        told = (result.message or "").rstrip(".")
        yield (
            f"{where} a function of the plugin crashed. {told}. Return Estimate.absent with the "
            "reason, or raise a KpisdkError that says what to do."
        )
    elif result.reason is Reason.QUERY_FAILED:
        yield f"{where} a statement failed: {result.message}"


def deterministic(bench: Bench, kpi_id: str) -> Faults:
    """Asked again, alone, or of the same rows in another order, the KPI answers the same.

    Its slices are asked again beside the other KPIs', in another order of KPIs.
    """
    asked: list[dict[str, Any]] = [{}]
    asked += [{"by": [GROUP]}] if GROUP in bench.slice_columns else []
    for request in asked:
        first = bench.results(kpi_id, **request)
        again = bench.again(kpi_id, **request)
        yield from _changed("Asked again.", first, again, ("at first", "when asked again"))
        other = bench.results(kpi_id, variant="shuffled", **request)
        names = ("in one order", "in another order")
        yield from _changed("Rows shuffled; a table has no order.", first, other, names)


def _changed(
    done: str, first: tuple[Result, ...], other: tuple[Result, ...], names: tuple[str, str]
) -> Iterator[str]:
    yield from (f"{done} {each}" for each in differences(first, other, names))


def engines_agree(bench: Bench, kpi_id: str, engine: str) -> Faults:
    """The engine gives what pandas frames give: headline, slices and months.

    Intervals by units are compared as estimates: each engine hashes the units in its own way.
    """
    for request in requests(bench, kpi_id):
        ours = bench.results(kpi_id, engine, **request)
        theirs = bench.results(kpi_id, "frames", **request)
        yield from differences(theirs, ours, ("on frames", f"on {engine}"), same_across_engines)


def future_rows(bench: Bench, kpi_id: str) -> Faults:
    """Rows at or after the instant of the question change nothing."""
    kpi = bench.subject.kpis[kpi_id]
    if kpi.window is None:
        raise DoesNotApplyError(f"{kpi_id} has no time window: every row counts whenever it was")
    before = bench.results(kpi_id)
    # The newest day is complete with all of its rows, so there the next day is the future.
    rules = (kpi.window, *(option.window for option in options_of(kpi.calculation)))
    by_day = any(isinstance(rule, NewestDay) for rule in rules)
    after = bench.results(kpi_id, variant="continued a day later" if by_day else "continued")
    names = ("without later rows", "with them")
    for each in differences(before, after, names):
        yield (
            f"Every table was continued with rows at or after {bench.terms.as_of.isoformat()}, and "
            f"the question was asked of that instant. {each} Bind the window and as_of in `build` "
            "(scope.in_window, scope.before), and in calculators filter by inputs.as_of."
        )

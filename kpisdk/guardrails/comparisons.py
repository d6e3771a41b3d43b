"""Both KPIs of every pair on both sides of a comparison, computed and judged.

Everything is computed by requests that anybody could make: one for all groups of a column, and one
for each side that is no group by itself (a window, or all groups but one), each of them once more
for every segment column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import Result
from kpisdk.contracts.time_windows import Window
from kpisdk.engine.period_comparison import incomparable
from kpisdk.errors import listed, quoted
from kpisdk.guardrails.compared_sides import ComparedSide, requested_side, side_of_group
from kpisdk.guardrails.contrasts import Contrast, GuardrailReport, contrast
from kpisdk.guardrails.ordering import Against, in_order
from kpisdk.guardrails.questions import (
    ComparisonError,
    Guard,
    Key,
    NothingToCompareError,
    segments_of,
)
from kpisdk.windows import UnboundedWindowError, is_like, parse_window


def compare(
    guard: Guard,
    *,
    by: str | None,
    window: Any,
    baseline: Any,
    against: str | None,
    order: Sequence[Any] | None,
    segments: Sequence[str] | None,
) -> GuardrailReport:
    """Compare either the groups of a column or two windows.

    Args:
        guard: the pairs, and what computes them.
        by: the column whose groups are compared; ``None`` for windows.
        window: the later window; ``None`` for groups.
        baseline: the earlier one.
        against: ``previous`` or ``rest``; by default what the names of the groups call for.
        order: the groups from first to last; by default what their names say.
        segments: columns in whose groups the changes are looked at again; by default those that
            the records name.

    Raises:
        ComparisonError: neither a column nor two windows, or both, or a further cut in time.
    """
    has_windows = window is not None and baseline is not None
    if (window is None) != (baseline is None) or has_windows == (by is not None):
        raise ComparisonError("There is nothing to compare, or too much.")
    cuts = [name for name in ("grain", "compare") if guard.arguments.get(name) is not None]
    if cuts:
        raise ComparisonError(f"A comparison of groups or windows takes no {cuts[0]}.")
    columns = segments_of(guard.pairs, segments, by)
    if by is None:
        return _between_windows(guard, window, baseline, columns)
    wanted = None if against is None else Against(against)
    return _by_groups(guard, by, wanted, order, columns)


def _by_groups(
    guard: Guard,
    column: str,
    against: Against | None,
    order: Sequence[Any] | None,
    segments: Sequence[str],
) -> GuardrailReport:
    """Compare the groups of a column: each with the one before it, or with the rest.

    Groups whose names follow an order (see :func:`kpisdk.guardrails.in_order`), such as cohorts,
    are compared with the group before; other ones, such as countries, with all others together.
    """
    groups = guard.results((column,))
    _keep_answered(guard, column, groups)
    values = list(dict.fromkeys(key[0] for _, key in groups))
    ordered = list(order) if order is not None else in_order(values)
    if against is Against.REST or (against is None and ordered is None):
        sides = _with_the_rest(guard, column, values, groups, segments)
    else:
        if ordered is None:
            ordered = sorted((value for value in values if value is not None), key=str)
            what = (
                f"The groups by {column} have no order that their names tell for certain; they are "
                f"compared in the order of the alphabet: {listed(ordered)}. "
                "Workspace.guardrails takes another one as order."
            )
            guard.note(Note("order_of_names", what))
        if None in values:
            what = f"The group without a {column} has no place in the order and is left out."
            guard.note(Note("group_without_value", what))
        inside = guard.segmented(segments, (column,))
        sides = list(pairwise(side_of_group(column, each, groups, inside) for each in ordered))
    found = [contrast(guard, pair, column, each) for each in sides for pair in guard.pairs]
    if not found:
        guard.note(Note("one_group", f"There is only one group by {column}: nothing to compare."))
    return _report(guard, found)


def _keep_answered(guard: Guard, column: str, groups: Mapping[Key, Result]) -> None:
    """Leave out the pairs that cannot be grouped by the column, and say why.

    Raises:
        NothingToCompareError: that leaves none.
    """
    answered = {kpi_id for kpi_id, _ in groups}
    failed = {each.kpi_id: each.message or "" for each in guard.last or ()}
    kept, reasons = [], []
    for pair in guard.pairs:
        missing = [each for each in (pair.principal.id, pair.guardrail.id) if each not in answered]
        reasons += [failed.get(kpi_id, "") for kpi_id in missing]
        kept += [] if missing else [pair]
    if not kept:
        raise NothingToCompareError(column, [each for each in reasons if each])
    for reason in dict.fromkeys(reasons):
        guard.note(Note("pair_left_out", f"Left out: {reason}"))
    guard.pairs = tuple(kept)


def _with_the_rest(
    guard: Guard,
    column: str,
    values: Sequence[Any],
    groups: Mapping[Key, Result],
    segments: Sequence[str],
) -> list[tuple[ComparedSide, ComparedSide]]:
    """Each group beside all others together.

    The others are requested anew: what is left of a whole without one group is in no interval, and
    units of several groups are counted once.
    """
    if len(values) < 2:
        return []
    inside = guard.segmented(segments, (column,))
    looked_at = tuple(inside)
    found = []
    for value in values:
        others = [each for each in values if each != value]
        rest = requested_side(guard, "the rest", looked_at, {"where": {column: others}})
        found.append((rest, side_of_group(column, value, groups, inside)))
    return found


def _between_windows(
    guard: Guard, window: Any, baseline: Any, segments: Sequence[str]
) -> GuardrailReport:
    """Compare two windows: the later one, ``window``, with ``baseline``."""
    sides = []
    for each in (baseline, window):
        side = requested_side(guard, _label(each), segments, {"window": each})
        _keep_windowed(guard, side)
        sides.append(side)
    before, now = sides
    if _overlap(*(_window(each) for each in sides)):
        what = (
            "The two windows overlap. Their sides are taken for independent, and the intervals of "
            "the changes are wider than they need be."
        )
        guard.note(Note("windows_overlap", what))
    rule = parse_window(window) if isinstance(window, str) else window

    def refusal(one: Result, other: Result) -> str | None:
        return _not_compared(one, other, rule)

    found = [contrast(guard, pair, None, (before, now), refusal) for pair in guard.pairs]
    return _report(guard, found)


def _keep_windowed(guard: Guard, side: ComparedSide) -> None:
    """Leave out the pairs of which one has a value that no window applies to, and say so.

    What has no value at all (its table is not there) says why itself, in its contrast.

    Raises:
        ComparisonError: that leaves none.
    """
    refused = [each.kpi_id for each in side.wholes.values() if each.ok and "window" in each.details]
    kept = [
        pair
        for pair in guard.pairs
        if not {pair.principal.id, pair.guardrail.id}.intersection(refused)
    ]
    if not kept:
        raise ComparisonError(f"{quoted(refused[0])} has no time window.")
    for kpi_id in refused:
        guard.note(Note("pair_left_out", f"Left out: {quoted(kpi_id)} has no time window."))
    guard.pairs = tuple(kept)


def _not_compared(baseline: Result, current: Result, rule: Any) -> str | None:
    """Why no change is given between two windows: as where a result is compared with a period."""
    window, other = current.window, baseline.window
    if window is None or other is None:
        return None
    note = incomparable(current, baseline, other, is_like=_are_like(window, other, rule))
    return None if note is None else note.message


def _are_like(window: Window, other: Window, rule: Any) -> bool:
    try:
        return is_like(window, other, rule)
    except UnboundedWindowError:
        return True


def _window(side: ComparedSide) -> Window | None:
    return next((result.window for result in side.wholes.values()), None)


def _overlap(first: Window | None, second: Window | None) -> bool:
    if first is None or second is None:
        return False
    starts_before = first.start is None or second.end is None or first.start < second.end
    ends_after = first.end is None or second.start is None or second.start < first.end
    return starts_before and ends_after


def _label(window: Any) -> str:
    return window if isinstance(window, str) else str(getattr(window, "label", window))


def _report(guard: Guard, found: Sequence[Contrast]) -> GuardrailReport:
    source = None if guard.last is None else guard.last.source
    return GuardrailReport(tuple(found), source, tuple(guard.notes))

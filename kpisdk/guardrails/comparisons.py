"""Both KPIs of every pair on both sides of a comparison, computed and judged.

Everything is computed by requests that anybody could make; how many depends on the columns,
never on the number of groups (but for the rest of a median, which no counts can tell).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import Result
from kpisdk.contracts.time_windows import Window
from kpisdk.errors import listed, quoted
from kpisdk.guardrails.complements import are_disjoint, rest_of
from kpisdk.guardrails.contrasts import Contrast, GuardrailReport, Side, Sides, contrast
from kpisdk.guardrails.ordering import Against, in_order
from kpisdk.guardrails.questions import (
    ComparisonError,
    Guard,
    Key,
    NothingToCompareError,
    Segmented,
    segments_of,
)


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
        return _against_rest(guard, column, values, groups, segments)
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
    found: list[Contrast] = []
    for before, after in pairwise(ordered):
        sides = _sides(groups, (before,), (after,))
        parts = {
            name: {
                value: _sides(results, (before, value), (after, value))
                for value in _last_values(results)
            }
            for name, results in inside.items()
        }
        found += [
            contrast(pair, column, (str(before), str(after)), sides, parts) for pair in guard.pairs
        ]
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


def _against_rest(
    guard: Guard,
    column: str,
    values: list[Any],
    groups: Mapping[Key, Result],
    segments: Sequence[str],
) -> GuardrailReport:
    whole = guard.results(())
    inside, wholes = guard.segmented(segments, (column,)), guard.segmented(segments, ())
    found: list[Contrast] = []
    for value in values if len(values) > 1 else ():
        others = [each for each in values if each != value]
        rest = _rest(guard, column, others, whole, (), groups, (value,))
        parts: dict[str, dict[Any, Sides]] = {}
        for name in inside.keys() & wholes.keys():
            parts[name] = {
                part: (
                    _rest(
                        guard, column, others, wholes[name], (part,), inside[name], (value, part)
                    ),
                    _at(inside[name], (value, part)),
                )
                for part in _last_values(wholes[name])
            }
        sides = (rest, _at(groups, (value,)))
        name_of = "(none)" if value is None else str(value)
        found += [
            contrast(pair, column, ("the rest", name_of), sides, parts) for pair in guard.pairs
        ]
    if not found:
        guard.note(Note("one_group", f"There is only one group by {column}: nothing to compare."))
    return _report(guard, found)


def _rest(
    guard: Guard,
    column: str,
    others: Sequence[Any],
    wholes: Mapping[Key, Result],
    within: tuple[Any, ...],
    parts: Mapping[Key, Result],
    at: tuple[Any, ...],
) -> Side:
    """All units that are not in the group; computed anew where counts do not determine it."""

    def side(kpi_id: str) -> Result | None:
        whole, part = wholes.get((kpi_id, within)), parts.get((kpi_id, at))
        if whole is None or part is None:
            return whole
        beside = [
            result
            for (owner, place), result in parts.items()
            if (owner, place[1:]) == (kpi_id, at[1:])
        ]
        apart = rest_of(whole, part) if are_disjoint(whole, beside) else None
        if apart is None and within and None not in (whole.value, part.value):
            what = (
                f"{kpi_id} was not looked at by segment: what is not in a group cannot be told "
                "from its values (a median, or units in several groups)."
            )
            guard.note(Note("segment_refused", what))
        if apart is not None or within:
            return apart
        return guard.results((), where={column: others}).get((kpi_id, ()))

    return side


def _between_windows(
    guard: Guard, window: Any, baseline: Any, segments: Sequence[str]
) -> GuardrailReport:
    """Compare two windows: the later one, ``window``, with ``baseline``."""
    sides: list[Side] = []
    inside: list[Segmented] = []
    bounds: list[Window | None] = []
    for each in (baseline, window):
        results = guard.results((), window=each)
        refused = [result.kpi_id for result in results.values() if "window" in result.details]
        if refused:
            raise ComparisonError(f"{quoted(refused[0])} has no time window.")
        bounds.append(next((result.window for result in results.values()), None))
        sides.append(_at(results, ()))
        inside.append(guard.segmented(segments, (), window=each))
    if _overlap(*bounds):
        what = "The two windows overlap: their intervals assume that nobody is in both."
        guard.note(Note("windows_overlap", what))
    before, after = inside
    parts = {
        name: {
            value: (_at(before[name], (value,)), _at(after[name], (value,)))
            for value in dict.fromkeys((*_last_values(before[name]), *_last_values(after[name])))
        }
        for name in before.keys() & after.keys()
    }
    names = (_label(baseline), _label(window))
    found = [contrast(pair, None, names, (sides[0], sides[1]), parts) for pair in guard.pairs]
    return _report(guard, found)


def _overlap(first: Window | None, second: Window | None) -> bool:
    if first is None or second is None:
        return False
    starts_before = first.start is None or second.end is None or first.start < second.end
    ends_after = first.end is None or second.start is None or second.start < first.end
    return starts_before and ends_after


def _label(window: Any) -> str:
    return window if isinstance(window, str) else str(getattr(window, "label", window))


def _at(results: Mapping[Key, Result], values: tuple[Any, ...]) -> Side:
    return lambda kpi_id: results.get((kpi_id, values))


def _sides(results: Mapping[Key, Result], before: tuple[Any, ...], after: tuple[Any, ...]) -> Sides:
    return _at(results, before), _at(results, after)


def _last_values(results: Mapping[Key, Result]) -> list[Any]:
    return list(dict.fromkeys(values[-1] for _, values in results))


def _report(guard: Guard, found: Sequence[Contrast]) -> GuardrailReport:
    source = None if guard.last is None else guard.last.source
    return GuardrailReport(tuple(found), source, tuple(guard.notes))

"""One side of a comparison: a group, all other groups together, or a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from kpisdk.contracts.results import Result
from kpisdk.guardrails.questions import Guard, Key


@attrs.frozen
class ComparedSide:
    """Results of both KPIs on one side, as a whole and by segment.

    Attributes:
        label: how the side is called.
        narrowed: the arguments of a request for this side alone (``where`` or ``window``).
        wholes: the results by KPI id.
        parts: by segment column, the results by KPI id and value of the column.
    """

    label: str
    narrowed: Mapping[str, Any]
    wholes: Mapping[str, Result]
    parts: Mapping[str, Mapping[tuple[str, Any], Result]]

    def whole(self, kpi_id: str) -> Result | None:
        """The result of a KPI over the whole side."""
        return self.wholes.get(kpi_id)

    def segment(self, kpi_id: str, column: str, value: Any) -> Result | None:
        """The result of a KPI in one segment."""
        return self.parts.get(column, {}).get((kpi_id, value))

    def values(self, kpi_id: str, column: str) -> tuple[Any, ...]:
        """The segments of a column in which a KPI has a result."""
        return tuple(value for owner, value in self.parts.get(column, {}) if owner == kpi_id)


def requested_side(
    guard: Guard, label: str, segments: Sequence[str], narrowed: Mapping[str, Any]
) -> ComparedSide:
    """A side of which everything is requested by itself: a window, or the rest of a group."""
    wholes = {kpi_id: result for (kpi_id, _), result in guard.results((), **narrowed).items()}
    inside = guard.segmented(segments, (), **narrowed)
    parts = {
        column: {(kpi_id, values[0]): result for (kpi_id, values), result in results.items()}
        for column, results in inside.items()
    }
    return ComparedSide(label, narrowed, wholes, parts)


def side_of_group(
    column: str,
    value: Any,
    groups: Mapping[Key, Result],
    inside: Mapping[str, Mapping[Key, Result]],
) -> ComparedSide:
    """A group's side, from the results of all groups.

    Args:
        column: the column of the groups.
        value: the group.
        groups: results by group.
        inside: by segment column, results by group and segment.
    """
    wholes = {kpi_id: result for (kpi_id, at), result in groups.items() if at == (value,)}
    parts = {
        name: {
            (kpi_id, at[1]): result for (kpi_id, at), result in results.items() if at[0] == value
        }
        for name, results in inside.items()
    }
    label = "(none)" if value is None else str(value)
    return ComparedSide(label, {"where": {column: [value]}}, wholes, parts)

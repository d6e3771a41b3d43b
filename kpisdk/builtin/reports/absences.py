"""Absent values put together by what kept them away, so that one missing table is one sentence."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from kpisdk.builtin.reports.scorecard import subject
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Reason

_UNSAID = "No more is known."


@attrs.frozen
class Absence:
    """A reason, its sentence, and the results that have no value because of it.

    ``reason`` is ``None`` where a result does not say any.
    """

    reason: Reason | None
    message: str
    results: tuple[Result, ...]

    @property
    def code(self) -> str:
        """The reason's code, or ``absent``."""
        return "absent" if self.reason is None else self.reason.value

    @property
    def kpi_ids(self) -> tuple[str, ...]:
        """The KPIs that are concerned, each once."""
        return tuple(dict.fromkeys(result.kpi_id for result in self.results))

    @property
    def subjects(self) -> tuple[str, ...]:
        """The results that are concerned, as reports name them, each once."""
        return tuple(dict.fromkeys(map(subject, self.results)))


def absences(results: Iterable[Result]) -> tuple[Absence, ...]:
    """The results without a value by reason and message; what concerns most of them comes first."""
    found: dict[tuple[Reason | None, str], list[Result]] = {}
    for result in results:
        if result.value is None:
            found.setdefault((result.reason, result.message or _UNSAID), []).append(result)
    groups = [Absence(*key, tuple(concerned)) for key, concerned in found.items()]
    return tuple(sorted(groups, key=lambda each: -len(each.kpi_ids)))

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
    """The results without a value by reason and message; what concerns most of them comes first.

    Sentences that begin with the KPI's own id are one where the rest is: "each has no window".
    """
    found: dict[tuple[Reason | None, str], list[Result]] = {}
    for result in results:
        if result.value is None:
            found.setdefault((result.reason, _without_id(result)), []).append(result)
    groups = [_absence(reason, concerned) for (reason, _), concerned in found.items()]
    return tuple(sorted(groups, key=lambda each: -len(each.kpi_ids)))


def _without_id(result: Result) -> str:
    message = result.message or _UNSAID
    own = f"{result.kpi_id} "
    return f"each {message.removeprefix(own)}" if message.startswith(own) else message


def _absence(reason: Reason | None, concerned: list[Result]) -> Absence:
    is_one = len({result.kpi_id for result in concerned}) == 1
    message = (concerned[0].message or _UNSAID) if is_one else _without_id(concerned[0])
    return Absence(reason, message, tuple(concerned))

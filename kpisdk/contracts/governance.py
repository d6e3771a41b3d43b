"""Who answers for a KPI, how it can be gamed, and which other KPI must not suffer for it."""

from __future__ import annotations

import math

import attrs

from kpisdk.contracts.vocabulary import Direction
from kpisdk.errors import DefinitionError, Problem


def _direction(value: Direction | str | None) -> Direction | None:
    return None if value is None else Direction(value)


@attrs.frozen
class Guardrail:
    """Another KPI that must not get worse while this one improves, by id.

    ``direction`` is the way in which it gets better where that is not the KPI's own direction.
    ``segments`` names the columns in whose groups the two changes are looked at again, because a
    whole can improve while its parts get worse. ``margin`` is how much worse it may become,
    relative to its own baseline: 0.1 is a tenth, and 0 allows nothing. It is safe only where all of
    the interval of its relative change lies inside the margin.

    Raises:
        DefinitionError: the margin is not a finite number of 0 or more.
    """

    kpi_id: str
    direction: Direction | None = attrs.field(default=None, converter=_direction)
    segments: tuple[str, ...] = ()
    margin: float = 0.1

    def __attrs_post_init__(self) -> None:
        is_number = isinstance(self.margin, int | float) and not isinstance(self.margin, bool)
        if not (is_number and math.isfinite(self.margin) and self.margin >= 0):
            what = f"{self.margin!r} is not a finite number of 0 or more; 0.1 allows a tenth"
            raise DefinitionError(f"Guardrail {self.kpi_id}", [Problem("margin", what)])


@attrs.frozen
class Governance:
    """Why a KPI exists, who answers for it and how it can be gamed: the dictionary's fields.

    A numerator, a denominator and a source that are left empty are those of the calculation, and
    guardrails are the KPI's :class:`Guardrail` records.

    Attributes:
        objective: what the KPI is to move.
        numerator: what counts, in words.
        denominator: of what, in words.
        granularity: what one row is.
        segment: whose rows they are.
        source: where the rows come from.
        owner: who answers for the KPI.
        guardrail: what must not suffer where no KPI says it: a KPI is named by a record in
            ``Kpi.guardrails``, which ``kpisdk guardrails`` compares and the dictionary shows here.
        gaming_risk: how the value can be moved without its objective.
        controls: what shows that it was.
    """

    objective: str = ""
    numerator: str = ""
    denominator: str = ""
    granularity: str = ""
    segment: str = ""
    source: str = ""
    owner: str = ""
    guardrail: str = ""
    gaming_risk: str = ""
    controls: str = ""

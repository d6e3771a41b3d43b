"""Who answers for a KPI, how it can be gamed, and which other KPI must not suffer for it."""

from __future__ import annotations

import attrs

from kpisdk.contracts.vocabulary import Direction


def _direction(value: Direction | str | None) -> Direction | None:
    return None if value is None else Direction(value)


@attrs.frozen
class Guardrail:
    """Another KPI that must not get worse while this one improves, by id.

    ``direction`` is the way in which it gets better where that is not the KPI's own direction.
    ``segments`` names the columns in whose groups the two changes are looked at again, because a
    whole can improve while its parts get worse.
    """

    kpi_id: str
    direction: Direction | None = attrs.field(default=None, converter=_direction)
    segments: tuple[str, ...] = ()


@attrs.frozen
class Governance:
    """Why a KPI exists, who answers for it and how it can be gamed: the dictionary's fields."""

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

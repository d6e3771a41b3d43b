"""How surely a status has to hold: which intervals a request wants, and over which family.

A status is decided where the whole interval has it. Who looks at many statuses at once, or at one
status every day, meets a wrong one sooner or later: a family, or an always-valid interval, keeps
that chance where it is for one look at one value.
"""

from __future__ import annotations

from enum import StrEnum

import attrs


class Intervals(StrEnum):
    """What intervals take for independent."""

    UNIT = "unit"
    """The units of each KPI's sampling, such as patients, prescribers and days."""
    ROW = "row"
    """Every row, whoever it belongs to, which is too narrow where a unit has several."""
    NONE = "none"
    """No intervals are computed."""


class FamilyMethod(StrEnum):
    """What a family of statuses is kept from."""

    HOLM = "holm"
    """One wrongly decided status or more, in 5 of 100 families at most (Holm's procedure)."""
    BH = "bh"
    """More than 5 % wrong ones among the decided, on average (Benjamini and Hochberg's)."""
    NONE = "none"
    """Nothing: each status is decided by its own interval."""


@attrs.frozen
class Family:
    """The statuses that were decided together with a result's own.

    Attributes:
        method: ``holm`` or ``bh``.
        size: how many there are.
    """

    method: FamilyMethod = attrs.field(converter=FamilyMethod)
    size: int

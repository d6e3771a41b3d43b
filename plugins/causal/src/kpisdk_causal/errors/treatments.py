"""Treatments whose arms cannot be compared, or cannot be told apart."""

from __future__ import annotations

from typing import Any

import attrs

from kpisdk import UsageError
from kpisdk_causal.errors.data import CausalDataError
from kpisdk_causal.errors.wording import FORMATTERS


@attrs.define(eq=False)
class OneArmError(CausalDataError):
    """Everybody got the same treatment: there is nothing to compare with.

    Attributes:
        treatment: its column.
        value: what everybody got.
        count: of rows.
    """

    treatment: str
    value: Any
    count: int

    template = (
        "An effect needs both arms, and all {count} rows have {treatment!r} = {value!r}. Widen "
        "the window or the filters until both arms occur."
    )


@attrs.define(eq=False)
class SmallArmError(CausalDataError):
    """An arm with fewer than two rows, from which no spread can be known.

    Attributes:
        treatment: its column.
        arm: its level.
        count: of its rows.
    """

    treatment: str
    arm: Any
    count: int

    template = (
        "The arm {treatment!r} = {arm!r} has {count} row(s); at least 2 are needed to tell an "
        "effect from noise."
    )


@attrs.define(eq=False)
class TreatmentLevelsError(UsageError):
    """Levels of the treatment that could be read in more than one way.

    Attributes:
        treatment: its column.
        levels: that occur.
        advice: what to name.
    """

    treatment: str
    levels: tuple[Any, ...]
    advice: str = ""

    formatters = FORMATTERS
    template = (
        "The treatment {treatment!r} has the levels {levels:values}, and which is the control is "
        "not clear. {advice}"
    )

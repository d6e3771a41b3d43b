"""Which rows are treated and which are controls: the levels of a treatment, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
from numpy.typing import NDArray

from kpisdk_causal.errors import (
    OneArmError,
    SmallArmError,
    TreatmentLevelsError,
    UnknownValueError,
)
from kpisdk_causal.tables.levels import coded, label, same_level
from kpisdk_causal.tables.table import Floats, Table, as_floats, is_number_column

if TYPE_CHECKING:
    from kpisdk_causal.questions.question import TreatmentKind

MOST_ARMS = 10
"""More distinct whole numbers than this are read as a dose, not as arms."""


@attrs.frozen(kw_only=True)
class Contrast:
    """Two arms to compare.

    Attributes:
        treated: level whose effect is asked for.
        control: level it is compared with.
        rows: truth values, shape (n,): the rows of either arm.
        arm: 1.0 treated and 0.0 control for those rows, shape (rows.sum(),).
    """

    treated: Any
    control: Any
    rows: NDArray[np.bool_]
    arm: Floats

    @property
    def label(self) -> str:
        """The contrast as a result names it: ``treated vs control``."""
        return f"{label(self.treated)} vs {label(self.control)}"


@attrs.frozen
class Dose:
    """A continuous treatment.

    Attributes:
        values: less their mean, in their own units, shape (n,).
    """

    values: Floats


def read_treatment(
    table: Table,
    treatment: str,
    *,
    treatment_value: Any = None,
    control_value: Any = None,
    kind: TreatmentKind = "auto",
) -> tuple[Contrast, ...] | Dose:
    """The contrasts that a treatment column and the named levels ask for, or its doses.

    One contrast for two arms; one per other level where only the control of several is named.

    Args:
        table: the rows.
        treatment: its column.
        treatment_value: level whose effect is asked for.
        control_value: level it is compared with.
        kind: ``auto``, ``binary``, ``arms`` or ``continuous``.

    Raises:
        TreatmentLevelsError: the control is not clear, or arms and dose are both possible.
        UnknownValueError: a named level does not occur.
        OneArmError: only one level occurs.
        SmallArmError: an arm has fewer than two rows.
    """
    column = table.frame[treatment]
    levels = sorted_levels(column)
    if len(levels) == 1:
        raise OneArmError(treatment, levels[0], len(table))
    named = (treatment_value, control_value)
    if _is_dose(column, levels, named, kind, treatment):
        values = table.differences(treatment, "treatment")
        return Dose(values - values.mean())
    treated, control = _named_levels(treatment, levels, *named)
    if control is None:
        treated, control = _plain_pair(treatment, levels, treated)
    others = [level for level in levels if level != control] if treated is None else [treated]
    codes = coded(column)[1]
    return tuple(_contrast(codes, treatment, levels, level, control) for level in others)


def sorted_levels(column: Any) -> tuple[Any, ...]:
    """The distinct values of a pandas column as Python values, in their own order."""
    return coded(column)[0]


def _is_dose(
    column: Any,
    levels: tuple[Any, ...],
    named: tuple[Any, Any],
    kind: TreatmentKind,
    treatment: str,
) -> bool:
    if kind == "continuous":
        as_floats(column, treatment, "treatment")
        return True
    if kind != "auto" or len(levels) == 2 or named != (None, None):
        return False
    if not is_number_column(column):
        return False
    numbers = as_floats(column, treatment, "treatment")
    if bool((numbers != np.round(numbers)).any()) or len(levels) > MOST_ARMS:
        return True
    raise TreatmentLevelsError(
        treatment,
        levels,
        "Name control_value to compare arms, or ask with treatment_kind='continuous' for the "
        "effect per unit.",
    )


def _named_levels(
    treatment: str, levels: tuple[Any, ...], treated: Any, control: Any
) -> tuple[Any, Any]:
    found = []
    for value in (treated, control):
        place = None if value is None else same_level(value, levels)
        if value is not None and place is None:
            raise UnknownValueError(f"level of {treatment!r}", value, levels)
        found.append(None if place is None else levels[place])
    if found[0] is not None and found[0] == found[1]:
        raise TreatmentLevelsError(treatment, levels, "Both values name the same level.")
    return found[0], found[1]


def _plain_pair(treatment: str, levels: tuple[Any, ...], treated: Any) -> tuple[Any, Any]:
    """Levels that need no naming: {0, 1} and {False, True}, and the other one of two."""
    if len(levels) == 2 and treated is not None:
        return treated, levels[0] if treated == levels[1] else levels[1]
    if len(levels) == 2 and all(
        not isinstance(level, str) and level == plain
        for level, plain in zip(levels, (0, 1), strict=True)
    ):
        return levels[1], levels[0]
    raise TreatmentLevelsError(
        treatment, levels, "Name it with control_value (and treatment_value)."
    )


def _contrast(
    codes: NDArray[np.int64], treatment: str, levels: tuple[Any, ...], treated: Any, control: Any
) -> Contrast:
    is_treated = codes == levels.index(treated)
    is_control = codes == levels.index(control)
    for level, mask in ((treated, is_treated), (control, is_control)):
        if mask.sum() < 2:
            raise SmallArmError(treatment, level, int(mask.sum()))
    rows = is_treated | is_control
    return Contrast(
        treated=treated, control=control, rows=rows, arm=is_treated[rows].astype(np.float64)
    )

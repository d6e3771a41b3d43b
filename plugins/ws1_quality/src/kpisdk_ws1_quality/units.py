"""The unit of a model's figures, the patient: within one, predictions are not independent."""

from typing import Any

import attrs

from kpisdk import Estimate, Interval, IntervalReason, Note

UNIT = "patient_id"
"""The column whose values are the units."""

ROW = "row"
"""The unit where each row stands for itself."""


def unit_column(rows: Any) -> Any:
    """The unit of each row, NULL where the source has no such column.

    Args:
        rows: a selectable with the declared columns that the source has.
    """
    from sqlalchemy import String, cast, null

    return rows.c[UNIT] if UNIT in rows.c else cast(null(), String)


def has_unit(rows: Any) -> Any:
    """1 where the source has the unit's column, else 0: a literal of every row."""
    from sqlalchemy import literal

    return literal(float(UNIT in rows.c))


def unit_codes(column: Any) -> Any:
    """The code 0 to g - 1 of each row's unit, shape ``(n,)``; a row that names none has its own.

    Args:
        column: the unit's column, as pandas has it.
    """
    import numpy as np
    import pandas as pd

    codes, names = pd.factorize(column)
    codes = codes.astype(np.int64)
    alone = codes < 0
    codes[alone] = len(names) + np.arange(int(alone.sum()))
    return codes


def unit_name(is_known: object) -> str:
    """What an interval reports as its unit."""
    return UNIT if is_known else ROW


def with_bounds(made: Estimate, bounds: Interval | IntervalReason, unit: str) -> Estimate:
    """The estimate with its interval by ``unit``, or with the reason why it has none.

    Args:
        made: the estimate.
        bounds: the interval, or why there is none.
        unit: what the rows are sampled by.
    """
    if made.value is None:
        return made
    if isinstance(bounds, Interval):
        return attrs.evolve(made, interval=attrs.evolve(bounds, unit=unit))
    return attrs.evolve(made, interval_reason=bounds)


def unit_notes(is_known: object, unknown: float = 0) -> tuple[Note, ...]:
    """The warning of a source without units, and of rows that name none.

    Args:
        is_known: whether the source has the unit's column.
        unknown: rows in which it is NULL; each of them is a unit of its own.
    """
    if not is_known:
        words = f"The source has no {UNIT}: rows are taken for independent."
        return (Note("unit_unknown", words),)
    if unknown:
        words = f"{unknown:g} row(s) without a {UNIT} count as a unit each."
        return (Note("unit_missing", words),)
    return ()

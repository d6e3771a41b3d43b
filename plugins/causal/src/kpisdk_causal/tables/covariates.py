"""Confounders as a matrix of full rank: coded, standardised, and what was left out reported."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from kpisdk_causal.cautions import COLLINEAR_COVARIATE_DROPPED, CONSTANT_COVARIATE_DROPPED, Caution
from kpisdk_causal.errors import NotNumericError, TooManyLevelsError
from kpisdk_causal.tables.levels import coded
from kpisdk_causal.tables.rank import RANK_TOLERANCE, independent
from kpisdk_causal.tables.table import ROUNDING, Floats, Table, is_number_column

MOST_LEVELS = 1000
"""A text column with more levels is refused: it names rows, and its columns fill the memory."""


@attrs.frozen(kw_only=True)
class Covariates:
    """Standardised covariates of full column rank.

    Attributes:
        matrix: shape (n, k), each column with mean 0 and sd 1.
        names: the k columns; a text column gives ``column=level``.
        rounding: how exact the numbers of each column are, shape (k,).
        cautions: columns that were left out, and why.
    """

    matrix: Floats
    names: tuple[str, ...]
    rounding: Floats = attrs.field(factory=lambda: np.empty(0))
    cautions: tuple[Caution, ...] = ()

    def rows(self, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Covariates:
        """The same columns for some of the rows, made of full rank again."""
        return standardised(self.matrix[keep], self.names, self.cautions, self.rounding)


def read_covariates(table: Table, columns: Sequence[str]) -> Covariates:
    """Code ``columns`` of ``table``: numbers as they are, text by level (the first left out).

    Args:
        table: the rows.
        columns: those that are coded.

    Raises:
        NotNumericError: a column of dates or of mixed things.
        TooManyLevelsError: a text column with more than 1,000 levels.
    """
    parts: list[Floats] = []
    names: list[str] = []
    rounding: list[float] = []
    for column in sorted(columns):
        for name, values in _coded(table, column):
            names.append(name)
            parts.append(values)
            rounding.append(table.rounding(column) if name == column else 0.0)
    matrix = np.column_stack(parts) if parts else np.empty((len(table), 0))
    return standardised(matrix, tuple(names), rounding=np.array(rounding))


def standardised(
    matrix: Floats,
    names: tuple[str, ...],
    cautions: tuple[Caution, ...] = (),
    rounding: Floats | None = None,
) -> Covariates:
    """Centre and scale ``matrix`` and drop what is constant or a mixture of other columns.

    Args:
        matrix: shape (n, k).
        names: of the k columns.
        cautions: what is already to be said of them.
        rounding: how exact the numbers of each column are, shape (k,); ``None`` takes them for
            double precision as they stand.
    """
    exact = ROUNDING * np.abs(matrix).max(axis=0, initial=0.0) if rounding is None else rounding
    centred = matrix - matrix.mean(axis=0)
    centred -= centred.mean(axis=0)
    # Squares of very large or very small units leave the range of floats.
    unit = np.abs(centred).max(axis=0, initial=0.0)
    unit = np.where(unit > 0, unit, 1.0)
    scale = (centred / unit).std(axis=0) * unit
    # A constant column of 0.1 has a spread of 1e-17 by rounding; relative to its size it is none.
    varies = scale > np.maximum(exact, ROUNDING * np.abs(matrix).max(axis=0, initial=0.0))
    found = list(cautions)
    found += [
        Caution(CONSTANT_COVARIATE_DROPPED, f"{name!r} has one value only and was left out.")
        for name, keep in zip(names, varies, strict=True)
        if not keep
    ]
    kept = [name for name, keep in zip(names, varies, strict=True) if keep]
    z = centred[:, varies] / scale[varies]
    own = exact[varies] / scale[varies]
    chosen = sorted(independent(z, max(RANK_TOLERANCE, float(own.max(initial=0.0)))))
    found += [
        Caution(
            COLLINEAR_COVARIATE_DROPPED,
            f"{name!r} is a linear mixture of the other confounders and was left out.",
        )
        for position, name in enumerate(kept)
        if position not in set(chosen)
    ]
    return Covariates(
        matrix=np.ascontiguousarray(z[:, chosen]),
        names=tuple(kept[position] for position in chosen),
        rounding=own[chosen],
        cautions=tuple(found),
    )


def _coded(table: Table, column: str) -> list[tuple[str, Floats]]:
    values = table.frame[column]
    if is_number_column(values):
        return [(column, table.differences(column, "confounder"))]
    levels, codes = coded(values)
    if not all(isinstance(level, str | bool) for level in levels):
        raise NotNumericError(column, "confounder", str(values.dtype))
    if len(levels) > MOST_LEVELS:
        raise TooManyLevelsError(column, len(levels), MOST_LEVELS)
    if len(levels) == 1:
        return [(column, np.zeros(len(table)))]
    return [
        (f"{column}={level}", np.asarray(codes == place, dtype=np.float64))
        for place, level in enumerate(levels)
        if place
    ]

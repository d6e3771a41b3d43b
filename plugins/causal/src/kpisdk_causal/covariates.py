"""Confounders as a matrix of full rank: coded, standardised, and what had to be left out said."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np

from kpisdk_causal.arms import sorted_levels
from kpisdk_causal.errors import NotNumericError
from kpisdk_causal.estimate import (
    COLLINEAR_COVARIATE_DROPPED,
    CONSTANT_COVARIATE_DROPPED,
    Caution,
)
from kpisdk_causal.table import Floats, Table, is_number_column

RANK_TOLERANCE = 1e-9
"""A column whose part not explained by the others is below this share of its size is dropped."""


@attrs.frozen(kw_only=True)
class Covariates:
    """Standardised covariates of full column rank.

    Args:
        matrix: shape (n, k), each column with mean 0 and sd 1.
        names: the k columns; a text column gives ``column=level``.
        cautions: columns that were left out, and why.
    """

    matrix: Floats
    names: tuple[str, ...]
    cautions: tuple[Caution, ...] = ()

    def rows(self, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Covariates:
        """The same columns for some of the rows, made of full rank again."""
        return standardised(self.matrix[keep], self.names, self.cautions)


def read_covariates(table: Table, columns: Sequence[str]) -> Covariates:
    """Code ``columns`` of ``table``: numbers as they are, text by level (the first left out).

    Raises:
        NotNumericError: a column of dates or of mixed things.
    """
    parts: list[Floats] = []
    names: list[str] = []
    for column in sorted(columns):
        for name, values in _coded(table, column):
            names.append(name)
            parts.append(values)
    matrix = np.column_stack(parts) if parts else np.empty((len(table), 0))
    return standardised(matrix, tuple(names))


def standardised(
    matrix: Floats, names: tuple[str, ...], cautions: tuple[Caution, ...] = ()
) -> Covariates:
    """Centre and scale ``matrix`` and drop what is constant or a mixture of other columns."""
    centre = matrix.mean(axis=0)
    scale = matrix.std(axis=0)
    # A constant column of 0.1 has a spread of 1e-17 by rounding; relative to its size it is none.
    varies = scale > 1e-12 * np.maximum(1.0, np.abs(centre))
    found = list(cautions)
    found += [
        Caution(CONSTANT_COVARIATE_DROPPED, f"{name!r} has one value only and was left out.")
        for name, keep in zip(names, varies, strict=True)
        if not keep
    ]
    kept = [name for name, keep in zip(names, varies, strict=True) if keep]
    z = (matrix[:, varies] - centre[varies]) / scale[varies]
    independent = _independent(z)
    found += [
        Caution(
            COLLINEAR_COVARIATE_DROPPED,
            f"{name!r} is a linear mixture of the other confounders and was left out.",
        )
        for position, name in enumerate(kept)
        if position not in independent
    ]
    chosen = sorted(independent)
    return Covariates(
        matrix=np.ascontiguousarray(z[:, chosen]),
        names=tuple(kept[position] for position in chosen),
        cautions=tuple(found),
    )


def _independent(z: Floats) -> set[int]:
    if z.shape[1] < 2:
        return set(range(z.shape[1]))
    from scipy.linalg import qr

    # The Gram matrix is enough to see which columns add nothing, and is k x k whatever n is. Its
    # eigenvalues are squares, so its resolution is the square root of double precision.
    triangle, order = qr(z.T @ z / len(z), mode="r", pivoting=True)
    diagonal = np.abs(np.diag(triangle))
    rank = int((diagonal > RANK_TOLERANCE * diagonal[0]).sum())
    return {int(position) for position in order[:rank]}


def _coded(table: Table, column: str) -> list[tuple[str, Floats]]:
    values = table.frame[column]
    if is_number_column(values):
        return [(column, table.floats(column, "confounder"))]
    levels = sorted_levels(values)
    if not all(isinstance(level, str | bool) for level in levels):
        raise NotNumericError(column, "confounder", str(values.dtype))
    if len(levels) == 1:
        return [(column, np.zeros(len(table)))]
    return [
        (f"{column}={level}", np.asarray(values == level, dtype=np.float64)) for level in levels[1:]
    ]

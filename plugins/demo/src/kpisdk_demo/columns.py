"""Arrow columns from NumPy arrays: keys, names, instants, days, numbers, JSON objects.

Every builder takes ``valid``, a boolean array that is false where the column is NULL (default: it
is nowhere).
"""
# ruff: noqa: TID253
# The whole job of this file is Arrow; it is imported only when rows are made.

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

type_of = {
    "text": pa.string(),
    "json": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
"""The Arrow type of each logical type; JSON is text here and JSON in DuckDB."""


def keys(
    prefix: str,
    numbers: NDArray[np.int64],
    ranks: NDArray[np.int64] | None = None,
    valid: NDArray[np.bool_] | None = None,
) -> Any:
    """Keys such as ``P0000001``, or with a rank ``T0000001-003``; numbers and ranks from 0 up.

    Args:
        prefix: the letter that the keys begin with.
        numbers: shape (rows,).
        ranks: shape (rows,), of rows that share a number; None for keys without one.
        valid: shape (rows,), false where the key is NULL.
    """
    texts = [pa.scalar(prefix), _padded(numbers + 1, 7)]
    if ranks is not None:
        texts += [pa.scalar("-"), _padded(ranks, 3)]
    return _where(pc.binary_join_element_wise(*texts, pa.scalar("")), valid)


def names(
    codes: NDArray[np.int64],
    among: Sequence[str | None],
    valid: NDArray[np.bool_] | None = None,
) -> Any:
    """The names that integer ``codes`` stand for, as text; a name may be None.

    Args:
        codes: shape (rows,), places in ``among``.
        among: the names.
        valid: shape (rows,), false where the name is NULL.
    """
    return _where(pa.array(among, pa.string()).take(pa.array(codes)), valid)


def same(value: str | None, count: int) -> Any:
    """One text, ``count`` times.

    Args:
        value: the text; None for NULL.
        count: how many rows there are.
    """
    return pa.repeat(pa.scalar(value, pa.string()), count)


def values(array: NDArray[Any], valid: NDArray[np.bool_] | None = None) -> Any:
    """Numbers, booleans or instants (``datetime64[us]``) as they are; NaN becomes NULL.

    Args:
        array: shape (rows,).
        valid: shape (rows,), false where the value is NULL.
    """
    if array.dtype.kind == "f":
        known = ~np.isnan(array)
        valid = known if valid is None else valid & known
    return pa.array(array, mask=None if valid is None else ~valid)


def days(array: NDArray[np.datetime64], valid: NDArray[np.bool_] | None = None) -> Any:
    """Calendar days from instants or days.

    Args:
        array: shape (rows,).
        valid: shape (rows,), false where the day is NULL.
    """
    return pa.array(
        array.astype("datetime64[D]"), pa.date32(), mask=None if valid is None else ~valid
    )


def objects(
    members: Mapping[str, NDArray[np.float64]], valid: NDArray[np.bool_] | None = None
) -> Any:
    """JSON objects of finite numbers, one per row: ``{"name": number, …}``.

    Args:
        members: shape (rows,) of each member, by its name.
        valid: shape (rows,), false where the object is NULL.
    """
    pieces: list[Any] = []
    for place, (name, numbers) in enumerate(members.items()):
        opening = "{" if place == 0 else ", "
        pieces.append(pa.scalar(f"{opening}{json.dumps(name)}: "))
        pieces.append(pc.cast(pa.array(numbers), pa.string()))
    pieces.append(pa.scalar("}"))
    return _where(pc.binary_join_element_wise(*pieces, pa.scalar("")), valid)


def _padded(numbers: NDArray[np.int64], width: int) -> Any:
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")


def _where(column: Any, valid: NDArray[np.bool_] | None) -> Any:
    if valid is None:
        return column
    return pc.if_else(pa.array(valid), column, pa.scalar(None, pa.string()))

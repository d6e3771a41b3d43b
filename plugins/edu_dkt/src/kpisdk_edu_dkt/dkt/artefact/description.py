"""A model's sizes and vocabularies as JSON values, and back, with every value checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, get_args

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.data.columns import INPUT_NUMBERS
from kpisdk_edu_dkt.dkt.features.architecture import Architecture, Cell, InputLayer
from kpisdk_edu_dkt.dkt.features.encoder import Encoder, EncoderOptions, NumberColumn, Unknown

T = TypeVar("T")


_MOST_LAYERS = 64


class DescriptionError(ValueError):
    """A value of a description that is missing, unknown or of another type."""


def architecture_json(size: Architecture) -> dict[str, Any]:
    """The sizes as JSON values."""
    return attrs.asdict(size)


def architecture_of(values: Any) -> Architecture:
    """The sizes of JSON values.

    Raises:
        DescriptionError: A size is missing, unknown, or not possible.
    """
    size = _record(Architecture, values, "architecture")
    if size.cell not in get_args(Cell) or size.input_layer not in get_args(InputLayer):
        raise DescriptionError(f"unknown cell {size.cell!r} or input layer {size.input_layer!r}")
    least = {"tokens": 1, "heads": 1, "embed": 1, "hidden": 1, "layers": 1}
    for field in attrs.fields(Architecture):
        value = getattr(size, field.name)
        low = least.get(field.name, 0)
        counted = field.name not in {"start", "cell", "input_layer", "dropout"}
        if counted and not (type(value) is int and low <= value < 2**31):
            raise DescriptionError(f"{field.name} is {value!r}")
    if type(size.start) is not bool or not _is_share(size.dropout):
        raise DescriptionError(f"start is {size.start!r}, dropout is {size.dropout!r}")
    if size.layers > _MOST_LAYERS:
        raise DescriptionError(f"{size.layers} layers are more than {_MOST_LAYERS}")
    return size


def _is_share(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]  # a number


def encoder_json(encoder: Encoder) -> dict[str, Any]:
    """Names and options as JSON values; the scales are tensors (:func:`scale_tensors`)."""
    return {
        "skills": list(encoder.skills),
        "phases": list(encoder.phases),
        "inputs": [_column_json(column) for column in encoder.inputs],
        "queries": [_column_json(column) for column in encoder.queries],
        "options": attrs.asdict(encoder.options),
    }


def scale_tensors(encoder: Encoder) -> dict[str, AnyArray]:
    """The scales of the numeric columns, as tensors by name."""
    return {
        f"{part}_{field}": np.array([getattr(column, field) for column in columns])
        for part, columns in (("inputs", encoder.inputs), ("queries", encoder.queries))
        for field in ("mean", "scale")
        if columns
    }


def encoder_of(values: Any, scales: Mapping[str, AnyArray]) -> Encoder:
    """The encoder of JSON values and scales.

    Args:
        values: Parsed JSON.
        scales: Name of a numeric column -> its scale.

    Raises:
        DescriptionError: A value is missing, unknown or of another type, or a scale is.
    """
    values = dict(_mapping(values, "encoder"))
    options = dict(_mapping(values.get("options"), "encoder options"))
    numbers = options.get("numbers")
    if numbers is not None:
        options["numbers"] = _texts(numbers, "numbers")
    chosen = _record(EncoderOptions, options, "encoder options")
    for name, value in options.items():
        if name not in {"unknown", "numbers"} and type(value) is not bool:
            raise DescriptionError(f"encoder options: {name} is {value!r}")
    if chosen.unknown not in get_args(Unknown):
        raise DescriptionError(f"the policy for unknown ids is {chosen.unknown!r}")
    return Encoder(
        skills=_texts(values.get("skills"), "skills"),
        phases=_texts(values.get("phases"), "phases"),
        inputs=_columns(values.get("inputs"), scales, "inputs"),
        queries=_columns(values.get("queries"), scales, "queries"),
        options=chosen,
    )


def _column_json(column: NumberColumn) -> dict[str, Any]:
    return {"name": column.name, "log": column.log, "masked": column.masked}


def _columns(values: Any, scales: Mapping[str, AnyArray], part: str) -> tuple[NumberColumn, ...]:
    if not isinstance(values, list):
        raise DescriptionError(f"{part} is not a list")
    if not values:
        return ()
    try:
        means, spreads = scales[f"{part}_mean"], scales[f"{part}_scale"]
    except KeyError as error:
        raise DescriptionError(f"the scales of {part} are missing") from error
    if means.shape != (len(values),) or spreads.shape != (len(values),):
        raise DescriptionError(
            f"{part} names {len(values)} columns, its scales have another length"
        )
    if not (np.isfinite(means).all() and np.isfinite(spreads).all() and (spreads > 0).all()):
        raise DescriptionError(f"the scales of {part} are not finite and positive")
    columns = []
    for value, mean, spread in zip(values, means, spreads, strict=True):
        given = dict(_mapping(value, part))
        given |= {"mean": float(mean), "scale": float(spread)}
        column = _record(NumberColumn, given, part)
        if column.name not in INPUT_NUMBERS or {type(column.log), type(column.masked)} != {bool}:
            raise DescriptionError(f"{part} names {column.name!r}, which is no numeric column")
        columns.append(column)
    return tuple(columns)


def _record(kind: type[T], values: Any, what: str) -> T:
    given = _mapping(values, what)
    names = {field.name for field in attrs.fields(kind)}  # type: ignore[arg-type]  # attrs classes
    if set(given) != names:
        odd = sorted(set(given) ^ names)
        raise DescriptionError(f"{what}: {', '.join(odd)} is missing or unknown")
    return kind(**given)


def _mapping(values: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(values, dict):
        raise DescriptionError(f"{what} is not an object")
    return values


def _texts(values: Any, what: str) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise DescriptionError(f"{what} is not a list of texts")
    if any("\ud800" <= sign <= "\udfff" for value in values for sign in value):
        raise DescriptionError(f"{what} holds half a character")
    if len(set(values)) != len(values):
        raise DescriptionError(f"{what} names something twice")
    return tuple(values)

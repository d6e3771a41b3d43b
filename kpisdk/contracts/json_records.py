"""How records cross into JSON and stored rows, and back: one converter, which guesses nothing.

On the way in a value is of the type that its field declares or the record is refused: ``"0.5"`` is
no number and ``1`` no truth. cattrs is imported with this file, and this file when a result is
first written or read: a listing of KPIs needs neither.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any

import cattrs
from cattrs.gen import make_dict_unstructure_fn, override

from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result, SourceIdentity, plain, plain_slice
from kpisdk.contracts.time_windows import Window


class RefusedValueError(ValueError):
    """A value of another type than its field declares."""


@cache
def converter() -> cattrs.Converter:
    """The converter of all records that are written, and of those that are read again."""
    made = cattrs.Converter(detailed_validation=False, unstruct_collection_overrides={tuple: list})
    for kind in (str, bool, int):
        made.register_structure_hook(kind, _exactly)
    made.register_structure_hook(float, _number)
    made.register_structure_hook(datetime, _instant)
    made.register_structure_hook_func(lambda kind: kind == Mapping[str, Any], _mapping)
    made.register_unstructure_hook_func(_is_enum, lambda member: member.value)
    made.register_unstructure_hook(float, plain)
    made.register_unstructure_hook(date, plain)
    made.register_unstructure_hook(datetime, plain)
    written = make_dict_unstructure_fn(
        Result,
        made,
        slice=override(unstruct_hook=plain_slice),
        where=override(unstruct_hook=plain_slice),
        parameters=override(unstruct_hook=plain),
        details=override(unstruct_hook=plain),
        n=override(unstruct_hook=plain),
    )
    made.register_unstructure_hook(Result, written)
    asked = make_dict_unstructure_fn(
        Request,
        made,
        window=override(unstruct_hook=_window_text),
        where=override(unstruct_hook=plain_slice),
        parameters=override(unstruct_hook=plain),
    )
    made.register_unstructure_hook(Request, asked)
    # The fingerprint is for caches: what tells two sources apart is nothing to read.
    shown = make_dict_unstructure_fn(SourceIdentity, made, fingerprint=override(omit=True))
    made.register_unstructure_hook(SourceIdentity, shown)
    return made


def written(record: Any) -> Any:
    """A record, or several of them, as plain JSON values in the order of its fields.

    Instants are ISO 8601 with Z, members of enumerations their values; never NaN or infinity.
    """
    return converter().unstructure(record)


def _window_text(rule: Any) -> Any:
    """A window rule as a user writes it, or the bounds of a window that was given as a record."""
    given = getattr(rule, "window", None)
    return converter().unstructure(given) if isinstance(given, Window) else _label(rule)


def _label(rule: Any) -> str | None:
    return None if rule is None else str(rule.label)


def _exactly(value: Any, kind: type) -> Any:
    """A text, truth or whole number that is one; of an enumeration of texts, its member."""
    if issubclass(kind, Enum):
        return kind(value)
    if type(value) is not kind:
        raise RefusedValueError(f"{str(value)[:80]!r} is no {kind.__name__}")
    return value


def _number(value: Any, _type: Any) -> Any:
    """A finite number as it was written: a count stays a whole number."""
    if type(value) not in (int, float) or not math.isfinite(value):
        raise RefusedValueError(f"{str(value)[:80]!r} is no finite number")
    return value


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _instant(value: Any, _type: Any) -> datetime:
    if not isinstance(value, str):
        raise RefusedValueError(f"{str(value)[:80]!r} is no instant")
    return datetime.fromisoformat(value)


def _mapping(value: Any, _type: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RefusedValueError(f"{str(value)[:80]!r} is no mapping")
    return value

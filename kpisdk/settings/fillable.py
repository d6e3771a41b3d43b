"""Which attrs classes a settings table can fill: their fields, keys and types."""

from __future__ import annotations

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from kpisdk.errors import DefinitionError, Problem
from kpisdk.settings.durations import Seconds

SCALARS: dict[Any, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Path: "a path (a text)",
}
"""The plain types of fields, as faults name them."""


@attrs.frozen
class Field:
    """A field of a class to fill, and its type where annotations are texts."""

    attribute: attrs.Attribute[Any]
    hint: Any

    @property
    def key(self) -> str:
        """What ``__init__``, and so the settings table, calls the field."""
        return self.attribute.alias or self.attribute.name


def fields_of(cls: type) -> dict[str, Field]:
    """The fields of ``cls`` by key.

    Raises:
        DefinitionError: ``cls`` is no attrs class, or has fields that no settings table can fill.
    """
    if not attrs.has(cls):
        what = "is no attrs class; decorate it with attrs.frozen"
        raise DefinitionError("Settings class", [Problem(cls.__qualname__, what)])
    try:
        hints = get_type_hints(cls)
    except NameError as error:
        what = f"{error}; import it at run time, not for type checking only"
        raise DefinitionError("Settings class", [Problem(cls.__qualname__, what)]) from error
    fields = [Field(field, hints[field.name]) for field in attrs.fields(cls) if field.init]
    refused = [
        Problem(
            f"{cls.__qualname__}.{field.attribute.name}",
            f"{field.hint} cannot be read from settings",
        )
        for field in fields
        if not is_fillable(field.hint)
    ]
    if refused:
        raise DefinitionError("Settings class", refused)
    return {field.key: field for field in fields}


def is_fillable(hint: Any) -> bool:
    """Whether a value of that type can be read from a settings table."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        rest = of_optional(hint)
        return rest is not None and is_fillable(rest)
    if origin is Literal:
        return True
    if origin is tuple:
        return len(arguments) == 2 and arguments[1] is ... and is_fillable(arguments[0])
    if origin is not None:
        return origin in (Mapping, dict) and arguments[0] is str and is_fillable(arguments[1])
    return hint is Any or hint is Seconds or hint in SCALARS or attrs.has(hint)


def of_optional(hint: Any) -> Any:
    """``X`` of ``X | None``; ``None`` for unions of more."""
    rest = [part for part in get_args(hint) if part is not type(None)]
    return rest[0] if len(rest) == 1 else None

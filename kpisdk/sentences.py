"""How a template becomes a sentence: what stands in its braces, and how each value is written."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

Formatters: TypeAlias = Mapping[str, Callable[[Any], str]]
"""How a value is written, by the word that stands after the colon: ``{names:listed}``."""


def names_in(template: str) -> tuple[str, ...]:
    """The attributes that a template names in its braces, in order."""
    fields = [field for _, field, _, _ in string.Formatter().parse(template) if field is not None]
    return tuple(field.partition(".")[0] for field in fields)


class Sentence(string.Formatter):
    """Fills templates with the attributes of one record, by formatters beside Python's own."""

    def __init__(self, record: object, formatters: Formatters) -> None:
        self.record = record
        self.formatters = formatters

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        del args, kwargs  # a template names attributes, and no arguments
        return getattr(self.record, str(key))

    def format_field(self, value: Any, format_spec: str) -> str:
        formatter = self.formatters.get(format_spec)
        return formatter(value) if formatter else format(value, format_spec)

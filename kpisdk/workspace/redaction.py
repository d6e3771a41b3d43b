"""A report whose sentences hold no secret of the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import Report, Result

Redact = Callable[[str], str]


def redacted(report: Report, redact: Redact) -> Report:
    """The report with ``redact`` applied to all that it says in words; values stay as they are."""
    results = tuple(_result(result, redact) for result in report.results)
    return attrs.evolve(report, results=results, warnings=_notes(report.warnings, redact))


def _result(result: Result, redact: Redact) -> Result:
    said = {
        "message": None if result.message is None else redact(result.message),
        "warnings": _notes(result.warnings, redact),
        "details": _plain(result.details, redact),
    }
    changed = {name: value for name, value in said.items() if value != getattr(result, name)}
    return attrs.evolve(result, **changed) if changed else result


def _notes(notes: tuple[Note, ...], redact: Redact) -> tuple[Note, ...]:
    return tuple(attrs.evolve(note, message=redact(note.message)) for note in notes)


def _plain(value: Any, redact: Redact) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _plain(each, redact) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(each, redact) for each in value)
    return value

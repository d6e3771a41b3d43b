"""A KPI's record as plain values, in short for a list and in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kpisdk.contracts.calculation_text import option_words
from kpisdk.contracts.calculators import options_of
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.translations import Language
from kpisdk.registry import Registry
from kpisdk.registry.kpi_dictionary import sampling_words


def in_short(kpi: Kpi, registry: Registry) -> dict[str, Any]:
    """What ``kpisdk list`` tells of a KPI."""
    owner = registry.owner(kpi.id)
    return {
        "id": kpi.id,
        "name": kpi.name,
        "workstream": kpi.workstream,
        "unit": kpi.unit.value,
        "direction": kpi.direction.value,
        "frequency": kpi.frequency.value,
        "target": kpi.target,
        "warning": kpi.warning,
        "critical": kpi.critical,
        "window": None if kpi.default_window is None else kpi.default_window.label,
        "definition": kpi.definition,
        "formula": kpi.formula,
        "distribution": owner.distribution,
        "version": owner.version,
    }


def in_words(kpi: Kpi, language: Language) -> dict[str, Any]:
    """What a list tells people otherwise in their language; nothing in the records' own.

    The texts are those of the record's translation, and as written where it has none.
    """
    if language.is_own:
        return {}
    window = kpi.default_window
    return {
        "name": kpi.translations.get(language.code, {}).get("name", kpi.name),
        "unit": language.word(kpi.unit.value),
        "direction": language.word(kpi.direction.value),
        "window": None if window is None else language.word(window.label),
    }


def in_full(kpi: Kpi, registry: Registry) -> dict[str, Any]:
    """Everything that a KPI's record holds, and where it comes from."""
    from kpisdk.contracts.json_records import written  # which a list needs nothing of

    owner = registry.owner(kpi.id)
    conflict = registry.conflict(kpi.id)
    return {
        "id": kpi.id,
        "name": kpi.name,
        "workstream": kpi.workstream,
        "definition": kpi.definition,
        "formula": kpi.formula,
        "calculation_type": None if kpi.calculation_type is None else kpi.calculation_type.value,
        "primary_library": kpi.primary_library,
        "unit": kpi.unit.value,
        "direction": kpi.direction.value,
        "frequency": kpi.frequency.value,
        "thresholds": _thresholds(kpi),
        "extensive": kpi.is_extensive,
        "follow_up_days": None if kpi.follow_up is None else kpi.follow_up.days,
        "value_range": str(kpi.possible),
        "sampling": sampling_words(kpi),
        "window": "no time filter" if kpi.default_window is None else kpi.default_window.label,
        "as_of": "the clock" if kpi.clock else "the data frontier",
        "time_column": _time(kpi),
        "brand": kpi.brand,
        "parameters": written(kpi.parameters),
        "required_slice": written(kpi.requires),
        "dimensions": None if kpi.dimensions is None else list(kpi.dimensions),
        "refused_slices": dict(kpi.refuses),
        "calculation": [option_words(option) for option in options_of(kpi.calculation)],
        "datasets": [_dataset(each) for each in kpi.datasets],
        "view": _view(kpi),
        "guardrails": [guardrail.kpi_id for guardrail in kpi.guardrails],
        "guardrail_margins": {each.kpi_id: each.margin for each in kpi.guardrails},
        "governance": written(kpi.governance),
        "translations": {language: dict(texts) for language, texts in kpi.translations.items()},
        "dictionary_name": kpi.slug,
        "examples": [each.name or place for place, each in enumerate(kpi.examples, start=1)],
        "definition_version": registry.definition_version(kpi.id),
        "plugin": {
            "name": owner.name,
            "distribution": owner.distribution,
            "version": owner.version,
        },
        "conflict": None if conflict is None else conflict.message,
    }


def _view(kpi: Kpi) -> dict[str, Any] | None:
    view = kpi.view
    if view is None:
        return None
    return {
        "view": view.view,
        "column": view.column,
        "factor": view.factor,
        "beside": [figure.column for figure in view.beside],
        "breakdowns": [list(breakdown.names) for breakdown in view.breakdowns],
    }


def _thresholds(kpi: Kpi) -> dict[str, float] | None:
    bounds = kpi.thresholds
    if bounds is None:
        return None
    return {"target": bounds.target, "warning": bounds.warning, "critical": bounds.critical}


def _time(kpi: Kpi) -> str | None:
    dataset = kpi.time_dataset
    return None if dataset is None else f"{dataset.name}.{dataset.time}"


def _dataset(dataset: Dataset) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "time": dataset.time,
        "key": next(iter(dataset.keys), None),
        "columns": {column.name: column.type.value for column in dataset.columns},
        "references": {each.column: each.to.name for each in dataset.references},
    }


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The values of nested plain records with their paths; what is empty is left out."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from flat(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        for position, each in enumerate(value):
            named = each.get("name") if isinstance(each, Mapping) else None
            inner = {key: item for key, item in each.items() if key != "name"} if named else each
            yield from flat(inner, f"{path}.{named or position + 1}")
    elif value is not None and value not in ("", [], ()):
        yield path, value

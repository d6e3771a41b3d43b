"""One row of fifteen fields for every KPI, in the requested language.

The fields are those of the KORYXA school's dictionary, in its order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from kpisdk.contracts.calculation_text import part_words
from kpisdk.contracts.calculators import options_of
from kpisdk.contracts.datasets import NAME_PATTERN
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.translations import OWN_LANGUAGE
from kpisdk.errors import FAILURE, Problem, ProblemsError
from kpisdk.registry.languages import UnknownLanguageError

FIELDS = (
    "kpi_name",
    "definition",
    "objective",
    "numerator",
    "denominator",
    "formula",
    "unit",
    "granularity",
    "segment",
    "source",
    "owner",
    "refresh",
    "guardrail",
    "gaming_risk",
    "controls",
)
"""The fields of a row, in order."""

FACTS = ("calculation_type", "primary_library", "sampling")
"""What an export adds to the fifteen fields: of every record, in no language."""

REQUIRED = ("kpi_name", "definition", "formula", "unit", "refresh")
"""The fields that may not be empty; the others are the author's to fill where they apply."""


@attrs.define(eq=False)
class DictionaryError(ProblemsError):
    """A dictionary with faults, all of them listed."""

    @property
    def exit_code(self) -> int:
        return FAILURE


def dictionary_row(
    kpi: Kpi, language: str | None = None, names: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The dictionary row of a KPI: the fifteen fields, in order, empty where nothing is known.

    ``translations[language]`` wins field by field over what the record itself says. A numerator and
    a denominator that the author does not put into words are those of the measures. A guardrail is
    given by its dictionary name: ``names`` maps the ids of KPIs to them.
    """
    governance, options = kpi.governance, options_of(kpi.calculation)
    known = names or {}
    guardrails = (known.get(each.kpi_id, each.kpi_id) for each in kpi.guardrails)
    own = {
        "kpi_name": kpi.slug,
        "definition": kpi.definition,
        "formula": kpi.formula,
        "numerator": governance.numerator or part_words(options, "numerator"),
        "denominator": governance.denominator or part_words(options, "denominator"),
        "unit": kpi.unit.value,
        "refresh": kpi.frequency.value,
        "source": governance.source or ", ".join(dataset.name for dataset in kpi.datasets),
        "guardrail": governance.guardrail or ", ".join(guardrails),
    }
    said = {**attrs.asdict(governance), **own, **kpi.translations.get(language or "", {})}
    return {field: said[field] for field in FIELDS}


def facts_row(kpi: Kpi) -> dict[str, str]:
    """The facts of a KPI by name, empty where its author does not say them."""
    said = {
        "calculation_type": kpi.calculation_type,
        "primary_library": kpi.primary_library,
        "sampling": sampling_words(kpi),
    }
    return {fact: said[fact] or "" for fact in FACTS}


def sampling_words(kpi: Kpi) -> str:
    """What the rows are a sample of (``census``); where options differ, of each of them."""
    options = options_of(kpi.calculation)
    words = {option.name: str(kpi.sampling_of(option)) for option in options}
    if len(set(words.values())) == 1:
        return words[options[0].name]
    return ", ".join(f"{name}: {each}" for name, each in words.items())


def is_written_in(kpi: Kpi, language: str) -> bool:
    """Whether the KPI has texts in that language: a translation, or its own texts."""
    return language in kpi.translations or (
        language == OWN_LANGUAGE and OWN_LANGUAGE not in kpi.translations
    )


def dictionary_of(
    kpis: Sequence[Kpi], installed: Iterable[Kpi], language: str | None = None
) -> list[dict[str, str]]:
    """The rows of ``kpis``, checked; ``installed`` are those that a guardrail may name.

    Raises:
        UnknownLanguageError: no installed KPI has texts in that language.
        DictionaryError: an empty required field, a name that is not snake case or not unique, a
            guardrail that does not exist; all of them at once.
    """
    everybody = tuple(installed)
    if language is not None and not any(is_written_in(kpi, language) for kpi in everybody):
        known = {OWN_LANGUAGE, *(each for kpi in everybody for each in kpi.translations)}
        raise UnknownLanguageError(language, (OWN_LANGUAGE, *sorted(known - {OWN_LANGUAGE})))
    names = {kpi.id: kpi.slug for kpi in everybody}
    rows = [dictionary_row(kpi, language, names) for kpi in kpis]
    problems = [
        problem
        for kpi, row in zip(kpis, rows, strict=True)
        for problem in _faults(kpi, row, rows, names)
    ]
    if problems:
        raise DictionaryError("The dictionary", problems)
    return rows


def _faults(
    kpi: Kpi, row: Mapping[str, str], rows: Sequence[Mapping[str, str]], names: Mapping[str, str]
) -> Iterable[Problem]:
    for field in REQUIRED:
        if not row[field].strip():
            yield Problem(f"{kpi.id}.{field}", "is empty")
    name = row["kpi_name"]
    if not NAME_PATTERN.fullmatch(name):
        yield Problem(f"{kpi.id}.kpi_name", f"{name!r} is not snake case")
    if [each["kpi_name"] for each in rows].count(name) > 1:
        yield Problem(f"{kpi.id}.kpi_name", f"{name!r} is the name of another KPI too")
    for guardrail in kpi.guardrails:
        if guardrail.kpi_id not in names:
            yield Problem(f"{kpi.id}.guardrail", f"KPI {guardrail.kpi_id!r} is not installed")
    told = row["guardrail"]
    # One word in snake case is meant as a dictionary name; anything else is prose.
    if NAME_PATTERN.fullmatch(told) and "_" in told and told not in names.values():
        yield Problem(f"{kpi.id}.guardrail", f"no KPI goes by the name {told!r}")

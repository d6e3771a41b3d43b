"""All KPIs of this house speak French: names, definitions and every other text of a dictionary."""

from __future__ import annotations

import re

import attrs
import pytest

from kpisdk.contracts.calculation_text import part_words
from kpisdk.contracts.calculators import options_of
from kpisdk.plugins import load_plugins
from kpisdk.registry import Registry
from kpisdk.registry.kpi_dictionary import FIELDS, dictionary_row

KPIS = Registry(load_plugins()).kpis
OF_THE_HOUSE = re.compile(r"WS\d-|EDU-|BR-|CM-")

SAME_WORD = frozenset(
    # Words that French has too, and units that are written alike.
    ("patient", "segment", "source", "prescription", "score", "points", "ratio", "KORYXA")
)
CODE = re.compile(r"[\w.'()<>=/*+^|@~,\s\[\]-]*")
"""A formula or the names of tables and columns: code, which is the same in every language."""


def house():
    """The KPIs of the plugins that this project brings, by id."""
    return {kpi_id: kpi for kpi_id, kpi in KPIS.items() if OF_THE_HOUSE.match(kpi_id)}


def test_there_are_fifty_seven():
    """So that the walk below leaves none out."""
    assert len(house()) == 57


@pytest.mark.parametrize("kpi", house().values(), ids=house().keys())
def test_a_kpi_has_a_french_name_and_definition_of_its_own(kpi):
    """Neither is the English one, by omission or by copy; none of them is empty."""
    french = kpi.translations["fr"]

    for field, english in (("name", kpi.name), ("definition", kpi.definition)):
        assert french[field].strip()
        assert french[field] != english
    assert len({each.translations["fr"]["name"] for each in house().values()}) == 57


@pytest.mark.parametrize("kpi", house().values(), ids=house().keys())
def test_every_other_text_of_its_dictionary_is_french_or_code(kpi):
    """What the record says in English prose, its translation says in French."""
    row, french = dictionary_row(kpi), dictionary_row(kpi, "fr")
    prose = {*attrs.asdict(kpi.governance), "unit", "refresh"} & set(FIELDS) - {"guardrail"}
    computed = {part: part_words(options_of(kpi.calculation), part) for part in
                ("numerator", "denominator")}  # fmt: skip
    same = {
        field: row[field]
        for field in sorted(prose)
        if row[field] and row[field] == french[field] and row[field] not in SAME_WORD
    }

    # Tables and columns are code; a numerator that nobody worded is that of the calculation.
    assert {
        field: text
        for field, text in same.items()
        if not (field == "source" and CODE.fullmatch(text) and "_" in text + "_" and text.islower())
        and text != computed.get(field)
    } == {}


def test_french_is_written_with_its_accents_and_with_plain_spaces():
    """Narrow spaces are set where a text is shown; an author types a plain one before a mark."""
    texts = [text for kpi in house().values() for text in kpi.translations["fr"].values() if text]

    assert sum(bool(re.search("[éèàçêôû]", text)) for text in texts) > len(texts) / 3
    for text in texts:
        assert not re.search(r"[a-zé](?<!s3)[;?!]", text), text
        assert not re.search(r"[\u00a0\u202f]", text), text
        assert not re.search(r"\b(the|of|and|with|who|that)\b", text), text

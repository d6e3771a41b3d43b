"""The page of differences from the reference holds nothing that the records contradict."""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from pages import DOCS, ROOT

from kpisdk import FirstOf, Kpi, Workspace

KPIS = Workspace().registry.kpis
SHARED = Path(os.environ.get("KPISDK_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="module")
def writer():
    """The module in ``docs/`` that writes the page."""
    sys.path.insert(0, str(DOCS))
    import difference_reference

    yield difference_reference
    sys.path.remove(str(DOCS))


def whose(differences: Iterable[dict]) -> list[str]:
    """The ids that differences name, in order."""
    return [kpi_id for each in differences for kpi_id in each["kpis"] if each["kpis"] != "all"]


def named(writer, group: str) -> list[str]:
    """The ids that a group names."""
    (found,) = (each for each in writer.groups() if each["name"] == group)
    return whose(found["difference"])


def columns_of(kpi: Kpi) -> set[str]:
    """The columns that a record declares, with their tables."""
    return {f"{table.name}.{column.name}" for table in kpi.datasets for column in table.columns}


def unread(writer) -> set[tuple[str, str]]:
    """KPI and column of each column that the page calls unread."""
    return {
        (kpi_id, column)
        for group in writer.groups()
        for each in group["difference"]
        for kpi_id in (() if each["kpis"] == "all" else each["kpis"])
        for column in each.get("columns", ())
    }


def test_every_difference_names_installed_kpis_and_its_reason(writer):
    """Whose number it is, what the reference does, what happens here, and why."""
    for group in writer.groups():
        assert set(whose(group["difference"])) <= set(KPIS)
        for each in group["difference"]:
            assert all(each[part].strip() for part in ("reference", "here", "why")), each
            assert each["why"].endswith("."), each


def test_a_column_that_is_called_unread_is_declared_by_none_of_its_kpis(writer):
    """A record that begins to read one takes it off the page."""
    assert [
        (kpi, column) for kpi, column in unread(writer) if column in columns_of(KPIS[kpi])
    ] == []


def test_the_kpis_that_wait_for_what_follows_are_all_named(writer):
    """Those whose record declares ``follow_up``."""
    waiting = {kpi.id for kpi in KPIS.values() if kpi.follow_up is not None}

    assert set(named(writer, "follow_up")) == waiting


def test_the_kpis_with_several_ways_to_their_value_are_all_named(writer):
    """Those whose calculation is the first of several that answers."""
    several = {kpi.id for kpi in KPIS.values() if isinstance(kpi.calculation, FirstOf)}

    assert set(named(writer, "fell_back")) == several


def test_the_kpis_with_a_library_are_all_named_and_once(writer):
    """Those whose record names the library that the reference puts first."""
    libraries = sorted(kpi.id for kpi in KPIS.values() if kpi.primary_library)

    assert sorted(named(writer, "libraries")) == libraries


def test_the_page_has_a_row_for_each_difference(writer):
    """In sections, with the columns that are not read beside what the reference does with them."""
    text = writer.page()
    count = sum(len(group["difference"]) for group in writer.groups())

    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == count + len(writer.groups())
    assert "| CM-005 | reads the effects out of a document of no fixed form (`causal_paths." in text
    assert "| WS2-TR-001, WS2-TR-007 and WS3-BI-009 |" in text


def test_every_column_of_the_reference_is_declared_or_on_the_page(writer):
    """What its table lists, and a record does not read, is named with a reason."""
    path = SHARED / "spec" / "kpis.csv"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    with path.open(encoding="utf-8", newline="") as file:
        listed = {
            (row["id"], column)
            for row in csv.DictReader(file)
            for column in row["source_columns"].split(";")
        }

    static = {(kpi, column) for kpi, column in listed if KPIS[kpi].datasets}
    assert {each for each in static if each[1] not in columns_of(KPIS[each[0]])} == unread(writer)


def test_the_page_quotes_no_sentence_of_the_reference(writer):
    """No eight words in a row are the reference's."""
    folder = SHARED / "reference"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")

    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.casefold())
        return {tuple(words[place : place + 8]) for place in range(len(words) - 7)}

    theirs = set().union(*(runs(each.read_text(encoding="utf-8")) for each in folder.glob("*.md")))
    assert runs(writer.page()) & theirs == set()

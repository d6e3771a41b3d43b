"""The first ten minutes: five exports as people have them give the numbers of their rows."""

from __future__ import annotations

import csv
import datetime as dt

import duckdb
import pytest

from kpisdk import Workspace
from kpisdk.cli import main
from kpisdk.plugins import load_plugins
from kpisdk.proposals.matching import Sureness
from kpisdk.proposals.settings_text import settings_text
from kpisdk.proposals.source_drafts import draft
from kpisdk.registry import Registry

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("python_calamine")

KPIS = ("WS2-TR-001", "WS2-TR-003", "WS2-TR-004", "WS2-TR-005", "WS2-TR-006", "WS2-TR-007")
NAMES = (
    *("trigger_id", "patient_id", "hcp_id", "brand", "trigger_timestamp", "trigger_type"),
    *("priority", "delivery_channel", "acceptance_status", "action_taken", "control_group_flag"),
    *("false_positive_flag", "outcome_tracked", "outcome_value", "lead_time_days"),
)
GERMAN = {"trigger_id": "Trigger-Nr", "patient_id": "Patienten-Nr", "hcp_id": "Arzt-Nr"}
GERMAN |= {"brand": "Marke", "trigger_timestamp": "Trigger Zeitpunkt"}
FRENCH = {"hcp_id": "médecin_id", "brand": "Marque", "trigger_timestamp": "Trigger horodatage"}


def rows():
    """Triggers of sixty days, made by counting."""
    begin = dt.datetime(2025, 5, 1, 8, 30)
    for n in range(240):
        status = ("accepted", "rejected", "overridden", "pending", None)[n % 5]
        action = "call" if n % 5 == 0 and n % 3 else None
        yield (
            *(f"T{n:04}", f"P{n % 50:03}", f"H{n % 12:02}", ("Kisqali", "Fabhalta")[n % 2]),
            begin + dt.timedelta(hours=6 * n),
            *("new_diagnosis", ("high", "low")[n % 2], "email", status, action),
            *(n % 10 == 0, n % 7 == 0, n % 4 != 0, n * 12.625 - 300, n % 30),
        )


def german(value):
    """As a German Excel writes texts."""
    if isinstance(value, bool):
        return "WAHR" if value else "FALSCH"
    if isinstance(value, dt.datetime):
        return value.strftime("%d.%m.%Y %H:%M")
    if isinstance(value, float):
        return f"{value:,.3f}".replace(",", "_").replace(".", ",").replace("_", ".")
    return value


def french(value):
    """As a French one does, with narrow no-break blanks between thousands."""
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, dt.datetime):
        return value.strftime("%d/%m/%Y %H:%M")
    if isinstance(value, float):
        return f"{value:,.3f}".replace(",", "\u202f").replace(".", ",")
    return value


def american(value):
    """As an American one does: the month first, a clock of twelve hours."""
    if isinstance(value, dt.datetime):
        return value.strftime("%m/%d/%Y %I:%M %p")
    return f"{value:,.3f}" if isinstance(value, float) else value


def german_csv(folder):
    with (folder / "Trigger.csv").open("w", encoding="cp1252", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["Auslöser-Bericht", *[""] * (len(NAMES) - 1)])
        writer.writerow([GERMAN.get(name, name) for name in NAMES])
        writer.writerows([german(value) for value in row] for row in rows())
        writer.writerow(["Summe", *[""] * (len(NAMES) - 1)])
        writer.writerow([""] * len(NAMES))
    return folder


def french_excel(folder):
    return _workbook(folder / "Triggers.xlsx", "Feuil1", FRENCH, french)


def american_excel(folder):
    named = {name: name.replace("_", " ").title() for name in NAMES}
    return _workbook(folder / "triggers.xlsx", "Sheet1", named, american)


def _workbook(path, sheet, named, cell):
    book = openpyxl.Workbook()
    book.active.title = sheet
    book.active.append([named.get(name, name) for name in NAMES])
    for row in rows():
        book.active.append([cell(value) for value in row])
    book.save(path)
    return path.parent


def parquet_folder(folder):
    connection = _table()
    (folder / "triggers").mkdir()
    for month in (5, 6):
        file = folder / "triggers" / f"{month}.parquet"
        where = f"month(trigger_timestamp) = {month}"
        connection.execute(f"COPY (FROM triggers WHERE {where}) TO '{file}' (FORMAT parquet)")
    return folder


def renamed_warehouse(folder):
    with duckdb.connect(folder / "warehouse.duckdb") as warehouse:
        rows_ = folder / "rows.parquet"
        _table().execute(f"COPY triggers TO '{rows_}' (FORMAT parquet)")
        warehouse.execute("CREATE SCHEMA mart")
        renamed = "trigger_timestamp AS TriggerDatetime, hcp_id AS doctor_id"
        warehouse.execute(
            f"CREATE TABLE mart.fired_triggers AS SELECT * RENAME ({renamed}) FROM '{rows_}'"
        )
    return folder / "warehouse.duckdb"


def _table():
    connection = duckdb.connect()
    types = (
        *("VARCHAR",) * 4,
        "TIMESTAMP",
        *("VARCHAR",) * 5,
        *("BOOLEAN",) * 3,
        *("DOUBLE", "BIGINT"),
    )
    columns = ", ".join(f"{name} {type_}" for name, type_ in zip(NAMES, types, strict=True))
    connection.execute(f"CREATE TABLE triggers ({columns})")
    marks = ", ".join("?" for _ in NAMES)
    connection.executemany(f"INSERT INTO triggers VALUES ({marks})", list(rows()))
    return connection


@pytest.fixture(scope="module")
def registry():
    return Registry(load_plugins())


@pytest.fixture(scope="module")
def truth():
    """The values on the rows themselves."""
    with Workspace(_table(), cache="off") as workspace:
        found = {each.kpi_id: each for each in workspace.compute(*KPIS)}
    assert all(each.value is not None for each in found.values()), found
    return {kpi_id: each.value for kpi_id, each in found.items()}


@pytest.mark.parametrize(
    "export", [german_csv, french_excel, american_excel, parquet_folder, renamed_warehouse]
)
def test_what_is_proposed_for_an_export_gives_the_numbers_of_its_rows(
    tmp_path, registry, truth, export
):
    """Nothing is edited: what is sure or likely is taken, as ``init --yes`` does."""
    found = draft(str(export(tmp_path)), registry)
    taken = frozenset((Sureness.SURE, Sureness.LIKELY))
    settings = tmp_path / "kpisdk.toml"
    settings.write_text(settings_text("main", found.url, found.proposals, taken))

    with Workspace(settings=settings, cache="off") as workspace:
        report = workspace.compute(*KPIS)

    messages = [each.message for each in report if each.value is None]
    assert messages == []
    assert {each.kpi_id: each.value for each in report} == pytest.approx(truth, rel=1e-12)


def test_init_writes_what_it_proposes_and_says_what_answers(tmp_path, monkeypatch, capsys):
    """Three commands from an export to the first number; a file that is there is left alone."""
    german_csv(tmp_path)
    monkeypatch.chdir(tmp_path)

    assert main(["init", ".", "--yes"]) == 0
    said = capsys.readouterr().out
    assert main(["init", ".", "--yes"]) == 2

    assert "trigger_id           <-  Trigger-Nr  (likely)" in said
    assert "WS2-TR-004  Acceptance Rate" in said
    assert "Next: kpisdk compute WS" in said
    assert "is there already" in capsys.readouterr().err

"""``kpisdk koryxa export``: three files, compared as a whole with ones written by hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

from kpisdk import Note
from kpisdk.cli import main
from kpisdk.testing import put
from kpisdk_edu_dkt.koryxa import audit
from kpisdk_edu_dkt.koryxa.datasets import SCHOOL_EVENTS
from kpisdk_edu_dkt.koryxa.evidence import from_events, from_source
from kpisdk_edu_dkt.koryxa.french_notes import in_french
from kpisdk_edu_dkt.koryxa.kpis import KPIS
from kpisdk_edu_dkt.koryxa.tables import dictionary_csv, values_json

EXPECTED = Path(__file__).with_name("koryxa_expected")
DICTIONARY = "theme3_kpi_dictionary.csv"
VALUES = "theme3_kpi_values.json"
ANALYSIS = "theme3_guardrail_analysis.md"

LOG = """\
user_id,cohort_id,country,module_id,event_type,timestamp,support_ticket_count,validated_m1
u1,2026-W01,Togo,m1,start,2026-01-01T09:00:00Z,0,0
u1,2026-W01,Togo,m1,complete,2026-01-02T09:00:00Z,1,1
u2,2026-W02,Togo,m1,start,2026-01-08T09:00:00+01:00,2,0
u2,2026-W02,Togo,m1,start,2026-01-08T09:00:00+01:00,2,0
u3,2026-W02,Bénin,m1,start,2026-01-09T09:00:00Z,abc,0
u4,2026-W02,Bénin,m2,start,2026-01-09T09:00:00Z,7,1
,2026-W02,Bénin,m1,start,2026-01-09T09:00:00Z,7,1
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in, so that paths in the files are short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_three_files_of_the_school_s_sample(here, shared_data, capsys):
    """Byte for byte what was written by hand for the published sample."""
    name = "koryxa_school_events_sample.csv"
    (here / name).write_bytes((shared_data / "koryxa" / name).read_bytes())

    assert main(["koryxa", "export", "--events", name, "--out", "evidence"]) == 0

    for file in (DICTIONARY, VALUES, ANALYSIS):
        expected = (EXPECTED / file).read_text(encoding="utf-8")
        assert expected == (here / "evidence" / file).read_text(encoding="utf-8")
    told = capsys.readouterr()
    assert [f"evidence/{each}" for each in (DICTIONARY, VALUES, ANALYSIS)] == told.out.split()[:3]
    assert "may still run it: 1." in told.err


def test_a_small_log_with_every_kind_of_fault(here, capsys):
    """The values leave out what does not count, and every fault is counted on stderr."""
    (here / "log.csv").write_text(LOG, encoding="utf-8")

    assert main(["koryxa", "export", "--events", "log.csv", "--out", "out"]) == 0

    assert json.loads((here / "out" / VALUES).read_text(encoding="utf-8")) == {
        "dataset": "log.csv",
        "enrolled_users": 3,
        "validated_users": 1,
        "completion_rate_m1": 0.3333,
        "support_tickets": 3,
        "support_ticket_rate": 1.0,
        "more": {
            "notebook_opened_48h_rate": None,
            "theme2_completion_rate": None,
            "median_time_to_theme2_hours": None,
            "project_submission_rate_m1": None,
        },
    }
    said = capsys.readouterr().err
    for line in (
        "Values of support_ticket_count that are no numbers, read as missing: 1.",
        "Events of another module than m1, left out: 1.",
        "Events that name no user, left out: 1.",
        "Events that repeat another one in every column and change no value: 1.",
        "Users without any readable value of support_ticket_count, who count as users: 1.",
        "EDU-KX-003: column 'notebook_first_exec_time' of table 'school_events' does not exist.",
    ):
        assert line in said
    analysis = (here / "out" / ANALYSIS).read_text(encoding="utf-8")
    assert "Pas d'analyse : EDU-KX-001" in analysis
    # what stderr says in English the school's analysis says in French, line by line
    for line in (
        "- `other_module` : Événements d'un autre module que m1, écartés : 1.",
        (
            "- `no_value` : EDU-KX-003 : pas de valeur, une colonne manque "
            "(`notebook_first_exec_time`, `school_events`)."
        ),
        (
            "- `value_unreadable` : Valeurs de `support_ticket_count` qui ne sont pas des nombres, "
            "lues comme absentes : 1."
        ),
    ):
        assert line in analysis
    for english in (" the ", " that ", " of ", " and ", " does "):
        assert english not in analysis
    assert "| 2026-W01 | 1 | 1.0000 |" in analysis
    assert "| Bénin | 1 | 0.0000 |" in analysis


def test_every_remark_has_its_french_sentence():
    """Each sentence of a KPI or of the audit is known with its translation, places and all."""
    sentences = [
        *(remark.sentence for kpi in KPIS for remark in kpi.calculation.remarks),
        *(text for _, text in audit._SENTENCES.values() if "{which}" not in text),
        "Events that repeat another one in every column and change no value: {n}.",
        "Events that repeat another one in all of user_id, country and change no value: {n}.",
        "The file's columns are separated by a tab.",
        "Lines that are no rows, left out (the first is line 3): {n}.",
        "Values of timestamp that are no UTC timestamps, read as missing: {n}.",
    ]
    for sentence in sentences:
        said = in_french(Note("some_code", sentence.format(n=41)))
        assert "remarque du calcul" not in said.lower(), sentence
        assert ("41" in said) == ("{n}" in sentence)
    # what nobody translated is named by its code, and its English stays on stderr
    assert in_french(Note("never_occurs", "No such thing.")).startswith("Ce que compte")
    assert "sortie d'erreur" in in_french(Note("quite_new", "No such thing."))


def test_a_log_without_a_fault_says_that_there_is_none():
    """No remark is invented."""
    events = pd.DataFrame(
        {
            "user_id": ["u1", "u2"],
            "cohort_id": "A",
            "country": "Togo",
            "device": "mobile",
            "acquisition_channel": "radio",
            "module_id": "m1",
            "theme_id": "theme-2",
            "event_type": "complete",
            "timestamp": ["2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z"],
            "notebook_first_exec_time": ["2026-01-01T01:00:00Z", "2026-01-09T01:00:00Z"],
            "support_ticket_count": [0, 1],
            "project_submitted": [True, False],
            "validated_m1": [1, 0],
        }
    )

    evidence = from_events(events)

    assert evidence.notes == ()
    assert evidence.rounded("EDU-KX-006") == 0.5
    assert json.loads(values_json(evidence))["dataset"] == "frame"


def test_the_order_of_columns_and_keys_is_the_school_s():
    """Fifteen columns, and six keys before ``more``."""
    header = dictionary_csv().decode().splitlines()[0]

    assert header == (
        "kpi_name,definition,objective,numerator,denominator,formula,unit,granularity,segment,"
        "source,owner,refresh,guardrail,gaming_risk,controls"
    )


def test_files_that_are_there_stay_unless_forced(here, capsys):
    """All of them are named, nothing is computed or touched; --force replaces them."""
    (here / "log.csv").write_text(LOG, encoding="utf-8")
    out = here / "out"
    out.mkdir()
    (out / DICTIONARY).write_text("old content", encoding="utf-8")
    (out / ANALYSIS).write_text("mine too", encoding="utf-8")
    command = ["koryxa", "export", "--events", "log.csv", "--out", "out"]

    assert main(command) == 2

    said = capsys.readouterr().err
    assert f"out/{DICTIONARY} and out/{ANALYSIS} exist already. Give --force" in said
    assert {DICTIONARY, ANALYSIS} == {path.name for path in out.iterdir()}
    assert main([*command, "--force"]) == 0
    assert "old content" not in (out / DICTIONARY).read_text(encoding="utf-8")


def test_a_failure_to_write_leaves_everything_as_it_was(here, monkeypatch, capsys):
    """Nothing is moved to its place before everything is written."""
    (here / "log.csv").write_text(LOG, encoding="utf-8")
    out = here / "out"
    out.mkdir()
    (out / VALUES).write_text("old", encoding="utf-8")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kpisdk_edu_dkt.koryxa.files.os.fsync", full)

    assert main(["koryxa", "export", "--events", "log.csv", "--out", "out", "--force"]) == 1

    assert "could not be written: No space left on device." in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == [VALUES]
    assert (out / VALUES).read_text(encoding="utf-8") == "old"


def test_the_figure_is_two_files_and_the_same_each_time(here):
    """PNG and SVG of both KPIs per cohort, named in the analysis; equal runs, equal bytes."""
    pytest.importorskip("matplotlib")
    (here / "log.csv").write_text(LOG, encoding="utf-8")
    for out in ("one", "two"):
        assert main(["koryxa", "export", "--events", "log.csv", "--out", out]) == 0

    for form, start in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        name = f"theme3_guardrail_by_cohort.{form}"
        first = (here / "one" / name).read_bytes()
        assert first.startswith(start)
        assert first == (here / "two" / name).read_bytes()
        assert name in (here / "one" / ANALYSIS).read_text(encoding="utf-8")
    drawn = (here / "one" / "theme3_guardrail_by_cohort.svg").read_text(encoding="utf-8")
    for word in ("2026-W01", "2026-W02", "completion_rate_m1", "support_ticket_rate"):
        assert word in drawn


def test_without_matplotlib_there_is_no_figure_and_a_hint(here, monkeypatch, capsys):
    """The three files are written all the same."""
    (here / "log.csv").write_text(LOG, encoding="utf-8")
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    assert main(["koryxa", "export", "--events", "log.csv", "--out", "out"]) == 0

    assert {DICTIONARY, VALUES, ANALYSIS} == {path.name for path in (here / "out").iterdir()}
    assert "![" not in (here / "out" / ANALYSIS).read_text(encoding="utf-8")
    assert "pip install 'kpisdk-edu-dkt[plots]'" in capsys.readouterr().err


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_a_table_of_a_database_gives_the_same_values(here, engine, capsys):
    """--source and --table read it in place, whatever the table is called."""
    (here / "log.csv").write_text(LOG.replace("abc", ""), encoding="utf-8")
    frame = pd.read_csv(here / "log.csv", dtype={"user_id": object}, parse_dates=["timestamp"])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True)
    declared = SCHOOL_EVENTS.only(*frame.columns)
    renamed = type(declared)("evenements", declared.columns, declared.time)
    url = put(engine, {"evenements": frame}, [renamed], here)

    assert main(["koryxa", "export", "--source", url, "--table", "evenements", "--out", "db"]) == 0
    assert main(["koryxa", "export", "--events", "log.csv", "--out", "file"]) == 0

    database, file = (
        json.loads((here / out / VALUES).read_text(encoding="utf-8")) for out in ("db", "file")
    )
    assert database.pop("dataset").endswith("(evenements)")
    assert file.pop("dataset") == "log.csv"
    assert file == database
    assert "Events that repeat another one" in capsys.readouterr().err


def test_a_password_in_the_source_does_not_reach_the_evidence(here):
    """The data set's name is the source without its secrets."""
    frame = pd.DataFrame(
        {
            "user_id": ["u1"],
            "cohort_id": ["A"],
            "country": ["Togo"],
            "module_id": ["m1"],
            "event_type": ["start"],
            "timestamp": pd.to_datetime(["2026-01-01"]),
            "support_ticket_count": [0],
            "validated_m1": [1],
        }
    )

    evidence = from_source({"events": frame}, "events")

    assert evidence.dataset == "frames (events)"
    assert (
        Note("no_value", "EDU-KX-006: column 'project_submitted' of table 'events' does not exist.")
        in evidence.notes
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give --events FILE or --source URL"),
        (["--events", "a.csv", "--source", "b"], "Give --events FILE or --source URL"),
        (["--events", "a.csv", "--table", "t"], "--table names a table of --source"),
    ],
)
def test_one_of_events_and_source(here, capsys, arguments, said):
    """The command says which options go together."""
    assert main(["koryxa", "export", "--out", "out", *arguments]) == 2
    assert said in capsys.readouterr().err

"""``kpisdk record``, ``history`` and ``prune``: what goes where, and how they exit."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from kpisdk import KpisdkError
from kpisdk.command_line import Installation
from kpisdk_history.plugin import kpisdk_commands

COMMANDS = {each.name: each for each in kpisdk_commands()}
DAYS = ("--grain", "day", "--window", "2026-03-01..2026-03-08")


@pytest.fixture
def run(small_bakery, bakeries, monkeypatch):
    """Run a command in the bakery's folder, on its orders, with the default store."""
    monkeypatch.chdir(small_bakery.folder)
    (small_bakery.folder / "kpisdk.toml").write_text(
        '[sources.shop]\nurl = "bakery.duckdb"\n[cache]\nenabled = false\n'
    )

    def called(name, *arguments):
        here = Installation(small_bakery.folder, {}, [bakeries.plugin_of(*small_bakery.kpis)])
        return CliRunner().invoke(COMMANDS[name], list(arguments), obj=here)

    return called


def recorded(run, *arguments):
    """Record the bakery's KPI under a key."""
    return run("record", "BAKERY-001", "--source", "shop", *arguments)


def test_record_prints_the_report_and_tells_where_it_was_kept(run, small_bakery):
    """Data on standard output; the store lies beside the settings."""
    done = recorded(run, "--format", "json", "--run-key", "a")

    assert (done.exit_code, json.loads(done.stdout)["results"][0]["value"]) == (0, 0.9)
    assert done.stderr.endswith("kpisdk-history.sqlite as run a.\n")
    assert "Recorded 1 results in " in done.stderr
    assert (small_bakery.folder / "kpisdk-history.sqlite").is_file()


@pytest.mark.parametrize(("late", "code"), [(0, 0), (70, 1), (None, 3)])
def test_the_same_key_again_prints_nothing_and_exits_as_before(run, small_bakery, late, code):
    """A job that a scheduler tries again must not turn green because nothing was left to do."""
    if late is None:
        small_bakery.run_sql("DELETE FROM orders")
    else:
        small_bakery.sell("2026-03-08", late=late)
    first = recorded(run, "--run-key", "a")
    again = recorded(run, "--run-key", "a")

    assert (first.exit_code, again.exit_code, again.stdout) == (code, code, "")
    assert again.stderr.startswith("Run 'a' was recorded at ")


def test_the_same_key_again_is_judged_by_the_rule_that_is_asked_for(run, small_bakery):
    """0.75 is a warning: whether it fails is no part of what was recorded."""
    small_bakery.sell("2026-03-08", late=20)
    recorded(run, "--run-key", "a")

    assert recorded(run, "--run-key", "a", "--fail-on", "warning").exit_code == 1
    assert recorded(run, "--run-key", "a", "--fail-on", "never").exit_code == 0


def test_a_figure_that_is_gone_is_no_part_of_the_verdict(run, small_bakery):
    """The first time, a branch without rows was not among the results; nor is it again."""
    small_bakery.sell("2026-03-08", punctual=4, branch="south")
    asked = (*DAYS, "--by", "branch", "--run-key")
    recorded(run, *asked, "a")
    small_bakery.run_sql("DELETE FROM orders WHERE branch = 'south'")

    assert recorded(run, *asked, "b").exit_code == 0
    assert recorded(run, *asked, "b").exit_code == 0


def test_a_store_that_cannot_be_written_exits_with_3_and_not_as_if_a_kpi_were_critical(
    run, small_bakery
):
    """1 would wake somebody for a KPI that nobody has looked at."""
    (small_bakery.folder / "kpisdk-history.sqlite").write_text("no database, and long enough" * 9)
    done = recorded(run)

    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith("Error: ")
    assert "is no store that can be read" in done.stderr


def test_a_report_that_cannot_be_written_is_recorded_and_exits_with_3(run, small_bakery):
    """What passed, nobody can see; that a KPI is critical stays what the code says."""
    done = recorded(run, "--run-key", "a", "--output", "nowhere/report.txt")
    small_bakery.sell("2026-03-08", late=70)
    critical = recorded(run, "--run-key", "b", "--output", "nowhere/report.txt")

    assert (done.exit_code, critical.exit_code) == (3, 1)
    assert "Recorded 1 results" in done.stderr


@pytest.mark.parametrize(
    ("late", "options", "code"),
    [
        (0, (), 0),
        (70, (), 1),
        (70, ("--fail-on", "never"), 0),
        (20, (), 0),
        (20, ("--fail-on", "warning"), 1),
        (None, (), 3),
        (None, ("--unknown", "ok"), 0),
        (None, ("--fail-on", "never"), 3),
    ],
)
def test_record_exits_as_gate_does(run, small_bakery, late, options, code):
    """63 of 70 orders in the week were on time: 0.9; 0.5 and 0.75 with late ones; none known."""
    if late is None:
        small_bakery.run_sql("DELETE FROM orders")
    else:
        small_bakery.sell("2026-03-08", late=late)

    assert recorded(run, *options).exit_code == code


def test_a_source_that_is_away_is_recorded_and_exits_with_3(run, small_bakery):
    """Nobody knows that a KPI is critical."""
    small_bakery.file.unlink()
    done = recorded(run)

    assert done.exit_code == 3
    assert "the source was away, and that is recorded" in done.stderr


def test_restatements_are_told_as_they_are_recorded(run, small_bakery):
    """Old, new, and why, a line each."""
    recorded(run, *DAYS, "--run-key", "a")
    small_bakery.sell("2026-03-05", late=5)
    done = recorded(run, *DAYS, "--run-key", "b")

    assert "Restated: BAKERY-001 0.9 -> 0.6 (late rows)" in done.stderr


def test_history_is_a_table_with_a_trend(run, small_bakery):
    """The trend goes to standard error, the table to standard output."""
    recorded(run, *DAYS, "--run-key", "a")
    small_bakery.sell("2026-03-05", late=5)
    small_bakery.run_sql("DELETE FROM orders WHERE placed_at::DATE = DATE '2026-03-02'")
    recorded(run, *DAYS, "--run-key", "b")

    done = run("history", "BAKERY-001")

    assert done.exit_code == 0
    assert "BAKERY-001 On-time Rate, a day each: █·██▁███" in done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split()[:4] == ["period", "value", "interval", "status"]
    assert lines[2].split()[:4] == ["2026-03-02", "missing", "(zero", "denominator)"]
    assert lines[5].split()[:2] == ["2026-03-05", "0.600"]
    assert "restated, first told as 0.900" in lines[5]


def test_history_by_a_column_is_a_line_a_slice(run, small_bakery):
    """Each with its own trend."""
    small_bakery.sell("2026-03-05", punctual=4, branch="south")
    recorded(run, *DAYS, "--by", "branch", "--run-key", "a")

    lines = run("history", "BAKERY-001", "--by", "branch").stdout.splitlines()

    assert [line.split()[:2] for line in lines[1:]] == [
        ["branch=north", "▅▅▅▅▅▅▅▅"],
        ["branch=south", "····▅···"],
    ]


def test_history_for_machines_holds_every_point(run, small_bakery):
    """JSON, JSON lines and CSV, in full precision."""
    recorded(run, *DAYS, "--run-key", "a")
    small_bakery.sell("2026-03-05", late=5)
    recorded(run, *DAYS, "--run-key", "b")

    document = json.loads(run("history", "BAKERY-001", "--format", "json").stdout)
    table = list(
        csv.DictReader(io.StringIO(run("history", "BAKERY-001", "--format", "csv").stdout))
    )
    changed = json.loads(run("history", "BAKERY-001", "--restated", "--format", "json").stdout)

    assert (document["schema_version"], document["unit"]) == (1, "ratio")
    assert [each["value"] for each in document["series"][0]["points"]][4] == 0.6
    assert [each["value"] for each in table][4] == "0.6"
    assert [(each["old"], each["new"], each["reasons"]) for each in changed] == [
        (0.9, 0.6, ["late_rows"])
    ]
    assert changed == document["restatements"]


def test_prune_needs_a_store_and_a_span(run):
    """What is wrong is a sentence; nothing is made by asking."""
    missing, wrong = run("prune", "--keep", "400d"), run("prune", "--keep", "a year")

    assert isinstance(missing.exception, KpisdkError)
    assert "There is no store" in str(missing.exception)
    assert "--keep is 'a year'; it takes a span of time" in str(wrong.exception)
    recorded(run)
    assert "Took 0 results of 0 runs" in run("prune", "--keep", "400d").stderr


def test_the_store_of_the_settings_is_relative_to_them(run, small_bakery):
    """And ``--store`` to where the user works."""
    settings = small_bakery.folder / "kpisdk.toml"
    settings.write_text(settings.read_text() + '[plugins.history]\nstore = "kept/h.sqlite"\n')
    (small_bakery.folder / "kept").mkdir()

    recorded(run)
    recorded(run, "--store", "mine.sqlite")

    assert (small_bakery.folder / "kept" / "h.sqlite").is_file()
    assert (small_bakery.folder / "mine.sqlite").is_file()

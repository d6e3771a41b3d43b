"""``kpisdk alerts``: what each subcommand prints, changes and exits with."""

import csv
import io
import json
import sqlite3
from datetime import timedelta

import pytest
from click.testing import CliRunner

from kpisdk import KpisdkError
from kpisdk.command_line import Installation
from kpisdk_history.plugin import kpisdk_commands
from kpisdk_history.store.versions import VERSION_TABLE

COMMANDS = {each.name: each for each in kpisdk_commands()}
SETTINGS = """
[sources.shop]
url = "bakery.duckdb"
[cache]
enabled = false
[plugins.history.alerts.late]
kpis = ["BAKERY-001"]
after = 1
clear_after = 1
notify = ["json://${HOOK}"]
[plugins.history.alerts.quiet]
workstream = "bakery"
on = ["restated"]
"""


@pytest.fixture
def run(small_bakery, bakeries, webhook, monkeypatch):
    """Run a command in the bakery's folder, with two rules, on orders that are late."""
    monkeypatch.chdir(small_bakery.folder)
    (small_bakery.folder / "kpisdk.toml").write_text(SETTINGS)
    small_bakery.run_sql("UPDATE orders SET on_time = NOT on_time")
    variables = {"HOOK": webhook.address.removeprefix("json://")}

    def called(name, *arguments):
        plugins = [bakeries.plugin_of(*small_bakery.kpis)]
        here = Installation(small_bakery.folder, variables, plugins)
        return CliRunner().invoke(COMMANDS[name], list(arguments), obj=here)

    return called


def recorded(run, key):
    """Record the bakery's KPI under a key."""
    done = run(
        "record", "BAKERY-001", "--source", "shop", "--as-of", "2026-03-10", "--run-key", key
    )
    assert done.exit_code in (0, 1), done.exception
    return done


def mended(bakery):
    """Make the KPI good again."""
    bakery.run_sql("UPDATE orders SET on_time = NOT on_time")


def listed(run, *arguments):
    """The alerts as JSON."""
    return json.loads(run("alerts", "list", "--format", "json", *arguments).stdout)


def test_record_tells_its_alerts_and_what_was_delivered(run, webhook):
    """On standard error, beside what was recorded."""
    done = recorded(run, "a")

    assert "Alert: Opened (critical): BAKERY-001 On-time Rate: 0.100, critical" in done.stderr
    assert done.stderr.endswith("Messages of alerts delivered: 1.\n")
    assert len(webhook.posts) == 1


def test_a_dead_webhook_is_a_warning_of_record(run, webhook):
    """The exit code is that of the KPIs: it is critical."""
    webhook.refusals = 1
    done = recorded(run, "a")

    assert done.exit_code == 1
    assert "An alert was not delivered and is kept: late, receiver 1 (json)" in done.stderr
    assert "s3cret" not in done.stderr + done.stdout


def test_list_is_a_table_of_what_is_open(run):
    """State, rule, KPI, what it is about, since when and why."""
    recorded(run, "a")
    done = run("alerts", "list", "--wide")

    assert done.exit_code == 0
    head, line = done.stdout.splitlines()
    assert head.split()[:4] == ["state", "alert", "kpi", "slice"]
    assert line.split()[:4] == ["open", "late", "BAKERY-001", "critical"]
    assert line.endswith("the critical bound is 0.500.")


def test_list_for_machines_has_every_state(run, small_bakery):
    """Open, acknowledged, cleared, and messages that wait."""
    recorded(run, "a")
    opened = listed(run)
    run("alerts", "ack", "late", "--until", "3d")
    silent = listed(run)
    mended(small_bakery)
    recorded(run, "b")
    cleared = listed(run)

    assert (opened["schema_version"], opened["waiting"]) == (1, 0)
    states = [[each["state"] for each in found["alerts"]] for found in (opened, silent, cleared)]
    assert states == [["open"], ["acknowledged"], ["cleared", "happened"]]
    (alert,) = opened["alerts"]
    assert (alert["alert"], alert["kpi_id"], alert["kinds"]) == ("late", "BAKERY-001", ["critical"])
    assert (alert["value"], alert["unit"], alert["status"]) == (0.1, "ratio", "critical")
    assert silent["alerts"][0]["until"] is not None


def test_list_as_csv_and_with_since(run, small_bakery):
    """What was cleared longer ago than --since is left out; what is open never is."""
    recorded(run, "a")
    (row,) = csv.DictReader(io.StringIO(run("alerts", "list", "--format", "csv").stdout))
    mended(small_bakery)
    recorded(run, "b")

    assert (row["state"], row["alert"], row["value"]) == ("open", "late", "0.100")
    assert len(listed(run, "--since", "2020-01-01")["alerts"]) == 2
    assert listed(run, "--since", "2999-01-01")["alerts"] == []


def test_nothing_to_list_says_so(run, small_bakery):
    """A store without alerts is no error."""
    mended(small_bakery)
    recorded(run, "a")
    done = run("alerts", "list")

    assert (done.exit_code, done.stderr) == (0, "No alert is open, and none was since then.\n")


def test_ack_silences_and_says_until_when(run, webhook):
    """One KPI alone, if it is named, whatever its case."""
    recorded(run, "a")
    done = run("alerts", "ack", "late", "--until", "2999-01-01", "--kpi", "bakery-001")

    assert done.exit_code == 0
    assert done.stderr == "Silent until 2999-01-01 00:00 UTC: late, BAKERY-001 On-time Rate.\n"
    recorded(run, "b")
    assert len(webhook.posts) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("late", "--until", "yesterday"), "--until is 'yesterday'; it takes a date ahead such as"),
        (("late", "--until", "2020-01-01"), "--until is '2020-01-01'; it takes a date ahead"),
        (("late", "--until", "999999999d"), "--until is '999999999d'; it takes a date ahead"),
        (("latte", "--until", "3d"), "There is no alert 'latte'. Did you mean late?"),
        (("quiet", "--until", "3d"), "No alert of 'quiet' is open, so there is nothing to ackno"),
        (("late", "--until", "3d", "--kpi", "X"), "No alert of 'late' on 'X' is open"),
    ],
)
def test_ack_refuses_what_it_cannot_do(run, arguments, said):
    """A usage error each, with the next step."""
    recorded(run, "a")
    done = run("alerts", "ack", *arguments)

    assert isinstance(done.exception, KpisdkError)
    assert done.exception.exit_code == 2
    assert str(done.exception).startswith(said)


def test_test_sends_to_every_receiver(run, webhook):
    """And exits with 1 where one refuses; nothing of it is kept."""
    good = run("alerts", "test", "late")
    webhook.refusals = 1
    bad = run("alerts", "test", "late")
    none = run("alerts", "test", "quiet")

    assert (good.exit_code, good.stderr) == (0, "late, receiver 1 (json): accepted.\n")
    assert webhook.posts[0]["title"] == "KPI alerts: a test"
    assert bad.exit_code == 1
    assert bad.stderr == "late, receiver 1 (json): json did not accept it (it answered 500).\n"
    assert (none.exit_code, none.stderr) == (
        0,
        "quiet has no receiver: notify names none. It is only listed.\n",
    )
    wrong = run("alerts", "test", "loud")
    assert str(wrong.exception) == "There is no alert 'loud'. Known: late and quiet."


def test_deliver_sends_what_waits(run, webhook):
    """After the pause, or at once if it is told to."""
    webhook.refusals = 2
    recorded(run, "a")
    early = run("alerts", "deliver")
    refused = run("alerts", "deliver", "--now")
    done = run("alerts", "deliver", "--now")

    assert (early.exit_code, webhook.refused) == (0, 2)
    assert early.stderr == "Delivered 0; 1 waits.\n"
    assert refused.exit_code == 1
    assert "Not delivered, and kept: late, receiver 1 (json)" in refused.stderr
    assert (done.exit_code, done.stderr) == (0, "Delivered 1; 0 wait.\n")
    assert len(webhook.posts) == 1


@pytest.mark.parametrize(
    "arguments",
    [("list",), ("deliver",), ("ack", "late", "--until", "3d")],
    ids=lambda each: each[0],
)
def test_no_store_is_a_sentence_and_makes_none(run, small_bakery, arguments):
    """Asking for what was alerted records nothing."""
    done = run("alerts", *arguments)

    assert "There is no store" in str(done.exception)
    assert not (small_bakery.folder / "kpisdk-history.sqlite").exists()


@pytest.mark.parametrize(
    "arguments",
    [("list",), ("deliver",), ("ack", "late", "--until", "3d")],
    ids=lambda each: each[0],
)
def test_a_store_of_a_newer_program_is_refused(run, small_bakery, arguments):
    """What its columns mean is not known here."""
    recorded(run, "a")
    with sqlite3.connect(small_bakery.folder / "kpisdk-history.sqlite") as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0999'")
    done = run("alerts", *arguments)

    assert "was made by a newer kpisdk-history" in str(done.exception)


def test_wrong_rules_are_told_by_every_subcommand(run, small_bakery):
    """All faults, and no address."""
    text = SETTINGS.replace("after = 1\n", "after = 0\n").replace('["restated"]', '["sad"]')
    (small_bakery.folder / "kpisdk.toml").write_text(text)

    for arguments in (("list",), ("test", "late"), ("deliver",)):
        told = str(run("alerts", *arguments).exception)
        assert "plugins.history.alerts.late.after: must be 1 run or more; it is 0" in told
        assert "plugins.history.alerts.quiet.on[0]: must be one of critical" in told
        assert "s3cret" not in told


def test_names_that_nobody_knows_are_a_warning(run, small_bakery):
    """Of every subcommand."""
    text = SETTINGS.replace('workstream = "bakery"', 'owner = "Nobody"')
    (small_bakery.folder / "kpisdk.toml").write_text(text)
    recorded(run, "a")

    assert run("alerts", "list").stderr.startswith(
        "Warning: Alert 'quiet' names the owner 'Nobody', which is not installed; it watches noth"
    )


def test_an_hour_is_a_time_to_be_silent(run, small_bakery):
    """Spans are counted from now on."""
    from kpisdk_history.alerts.moments import ahead, back

    now = small_bakery.now
    assert ahead("--until", "1h", now) == now + timedelta(hours=1)
    assert back("--since", "1d", now) == now - timedelta(days=1)
    assert run("alerts", "--help").exit_code == 0

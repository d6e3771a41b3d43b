"""``kpisdk views``: the views of a source are made, shown, refreshed and dropped from a shell."""

import datetime as dt
import json
import sqlite3

import pytest

from kpisdk.contracts.view_columns import Breakdown, ViewColumn
from kpisdk.hookspecs import hookimpl


@pytest.fixture
def source(tmp_path, here, make_kpi):
    """A SQLite file with triggers, and a plugin whose KPI has a view."""
    kpi = make_kpi(
        "ZZ-001",
        view=ViewColumn("v_kpi_zz", "accepted_share", breakdowns=(Breakdown(("channel",)),)),
    )

    class Theirs:
        name = "theirs"
        __version__ = "1"

        @hookimpl
        def kpisdk_kpis(self):
            return [kpi]

    here.plugins = (*here.plugins, Theirs())
    path = tmp_path / "data.sqlite"
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE triggers (trigger_id TEXT, trigger_timestamp DATETIME, "
            "acceptance_status TEXT, channel TEXT)"
        )
        connection.executemany(
            "INSERT INTO triggers VALUES (?, ?, ?, ?)",
            [
                (f"T{n}", str(now - dt.timedelta(days=n + 1)), status, channel)
                for n, (status, channel) in enumerate(
                    [("accepted", "mail"), ("rejected", "mail"), ("accepted", None), (None, "call")]
                )
            ],
        )
    connection.close()
    (tmp_path / "kpisdk.toml").write_text('[cache]\nbackend = "off"\n')
    return path


def rows(path):
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT channel, accepted_share FROM v_kpi_zz").fetchall()
    connection.close()
    return found


def test_create_show_and_drop(run, source):
    """Made views can be read by any tool; the KPI's result names its view; dropped, it is gone."""
    created = run("views", "create", "--source", str(source))
    assert created.code == 0
    assert created.out.splitlines()[1].split() == ["v_kpi_zz", "ZZ-001", "created", "view"]
    # The call was never delivered: its group has no share. The trigger without a channel counts
    # in the headline only.
    assert rows(source) == [(None, pytest.approx(2 / 3)), ("call", None), ("mail", 0.5)]

    shown = run("views", "show", "--source", str(source), "--format", "json")
    (document,) = json.loads(shown.out)
    assert (document["view"], document["state"], document["kpis"]) == (
        "v_kpi_zz",
        "current",
        ["ZZ-001"],
    )
    assert "kpisdk_definition" in document["sql"]
    computed = run("compute", "ZZ-001", "--source", str(source), "--format", "json")
    (result,) = json.loads(computed.out)["results"]
    assert result["answered_by"] == "view v_kpi_zz"
    assert result["value"] == pytest.approx(2 / 3)
    assert (result["numerator"], result["denominator"]) == (2, 3)

    assert run("views", "refresh", "--source", str(source)).code == 0
    dropped = run("views", "drop", "--source", str(source))
    assert (dropped.code, "dropped" in dropped.out) == (0, True)
    assert "absent" in run("views", "show", "--source", str(source)).out


def test_a_view_of_others_is_a_failure_that_changes_nothing(run, source):
    """What was asked for could not be done: exit 1, and the message says what to do."""
    with sqlite3.connect(source) as connection:
        connection.execute("CREATE VIEW v_kpi_zz AS SELECT NULL AS channel, 0.9 AS accepted_share")
    connection.close()

    created = run("views", "create", "--source", str(source))
    dropped = run("views", "drop", "--source", str(source))

    assert (created.code, dropped.code) == (1, 1)
    assert "drop or rename it" in created.out
    assert rows(source) == [(None, 0.9)]
    computed = run("compute", "ZZ-001", "--source", str(source), "--format", "json")
    (result,) = json.loads(computed.out)["results"]
    assert result["answered_by"] == "triggers"
    assert "somebody else made it" in result["details"]["view"]


def test_where_no_view_can_be_made_the_command_fails(run, source):
    """A source without the tables: impossible, with the table's name, and exit 1."""
    with sqlite3.connect(source) as connection:
        connection.execute("DROP TABLE triggers")
    connection.close()

    created = run("views", "create", "--source", str(source))

    assert created.code == 1
    assert "impossible" in created.out
    assert "table 'triggers' does not exist" in created.out


def test_materialized_needs_postgresql(run, source):
    """The option is refused elsewhere with one sentence."""
    outcome = run("views", "create", "--source", str(source), "--materialized")

    assert outcome.code == 1
    assert "Materialized views need PostgreSQL; this source is sqlite." in outcome.err


def test_files_hold_no_views(run, here, tmp_path, source):
    """A folder of CSV files is no database: a usage error."""
    folder = tmp_path / "csv"
    folder.mkdir()
    (folder / "triggers.csv").write_text("trigger_id\n1\n")

    outcome = run("views", "create", "--source", str(folder))

    assert outcome.code == 2
    assert "can hold no views" in outcome.err

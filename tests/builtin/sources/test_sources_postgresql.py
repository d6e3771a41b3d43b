"""PostgreSQL: one read-only snapshot a trip, cancelled statements, lost connections tried again."""

from __future__ import annotations

import datetime as dt
import json
import logging

import pytest
import sqlalchemy as sa

from kpisdk import (
    Derived,
    Median,
    QueryError,
    Reason,
    Simple,
    SourceOptions,
    count,
)
from kpisdk.builtin.sources.database_urls import database
from kpisdk.errors import StatementTimeoutError
from kpisdk.settings import Settings, SourceSettings, TableMapping


@pytest.fixture
def url(source_on, table, visits):
    """A database with forty visits of amounts 1 to 40."""
    rows = [{"amount": float(i + 1), "site": "a"} for i in range(40)]
    return source_on("postgresql", {"core_visits": table(*rows)}, [visits])


@pytest.fixture
def admin(url):
    """Another connection to the same database, whose statements are committed at once."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        yield connection.exec_driver_sql
    engine.dispose()


KILL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


def test_all_statements_of_a_trip_see_one_snapshot(url, admin, opened, make, visits):
    """What another connection commits between two statements does not exist for this trip."""
    kpi = make(Median(visits, visits["amount"]), window=None)
    workspace = opened(url, kpi)

    def commit(what, done, total):
        if what == "reading":  # between the median and the ranks of its interval
            admin("INSERT INTO core_visits (visit_id, amount) SELECT 'n', 1000 FROM "
                  "generate_series(1, 500)")  # fmt: skip

    first = workspace.compute(kpi.id, progress=commit)[0]
    second = workspace.compute(kpi.id)[0]

    # The ranks of 40 values are 14 and 27 (binomial), and the value of rank i is i.
    assert (first.value, first.interval.low, first.interval.high) == (20.5, 14.0, 27.0)
    assert second.value == 1000.0


def test_a_session_repeats_what_it_read(url, admin):
    """REPEATABLE READ from the first statement on."""
    counted = sa.text("SELECT count(*) FROM core_visits")
    with database(url, SourceOptions("core")).session() as session:
        before = session.rows(counted)
        admin("DELETE FROM core_visits")
        after = session.rows(counted)

    assert before == after == [(40,)]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO core_visits (visit_id) VALUES ('x')",
        "DELETE FROM core_visits",
        "DROP TABLE core_visits",
        "CREATE TABLE core_more (a INTEGER)",
        "SELECT setval('core_numbers', 5)",
    ],
)
def test_nothing_can_be_written(url, admin, statement):
    """The transaction is read-only, and a refused statement leaves it usable."""
    admin("CREATE SEQUENCE core_numbers")
    with database(url, SourceOptions("core")).session() as session:
        with pytest.raises(QueryError, match="read-only transaction"):
            session.rows(sa.text(statement))
        assert session.rows(sa.text("SELECT count(*) FROM core_visits")) == [(40,)]


def test_a_failed_statement_does_not_spoil_the_others(url):
    """A savepoint stands around each statement."""
    with database(url, SourceOptions("core")).session() as session:
        with pytest.raises(QueryError):
            session.rows(sa.text("SELECT nothing"))
        assert session.columns("core_nothing") is None
        assert session.rows(sa.text("SELECT 1")) == [(1,)]


def slow(scope):
    """Visits after ten minutes of sleep."""
    rows = scope.rows()
    return sa.select(rows).where(sa.cast(sa.func.pg_sleep(600), sa.Text) == "")


def test_a_late_statement_is_the_fault_of_its_kpi_alone(url, opened, make, visits):
    """Reason ``timeout``, the setting to raise, and the other KPI's value beside it."""
    late = make(Simple(count(Derived("core_slow", visits, slow))), kpi_id="CORE-T-002")
    settings = Settings(sources={"shop": SourceSettings(url=url, statement_timeout=0.3)})

    report = opened("shop", make(), late, settings=settings).compute("CORE-T-002", "CORE-T-001")

    assert report["CORE-T-002"].reason is Reason.TIMEOUT
    assert "sources.shop.statement_timeout" in report["CORE-T-002"].message
    assert report["CORE-T-001"].value == 40


def test_the_limit_is_the_servers(url):
    """PostgreSQL cancels the statement itself."""
    with database(url, SourceOptions("core", statement_timeout=0.2)).session() as session:
        with pytest.raises(StatementTimeoutError):
            session.rows(sa.select(sa.func.pg_sleep(600)))
        assert session.rows(sa.text("SELECT 1")) == [(1,)]


PASSWORD = "s3cr3t/p@ss%"  # noqa: S105 - of nobody
REFUSED = f"postgresql+psycopg://me:{'s3cr3t%2Fp%40ss%25'}@127.0.0.1:1/shop?application_name=x"


def test_a_refused_connection_makes_every_kpi_absent_and_tells_no_password(opened, make, caplog):
    """Reason ``source_unavailable`` for each, and the password in nothing that anyone reads."""
    caplog.set_level(logging.DEBUG)
    workspace = opened(REFUSED, make(), make(kpi_id="CORE-T-002"))

    report = workspace.compute("CORE-T-001", "CORE-T-002")

    assert [result.reason for result in report] == [Reason.SOURCE_UNAVAILABLE] * 2
    assert "onnection refused" in report[0].message
    told = " ".join(
        [
            json.dumps(report.to_dict()),
            repr(report),
            repr(workspace.open_source()),
            repr(workspace.settings),
            caplog.text,
        ]
    )
    for secret in (PASSWORD, "s3cr3t"):
        assert secret not in told


def test_a_password_among_the_parameters_of_a_url_is_not_shown():
    """Some write it behind the question mark."""
    source = database("postgresql+psycopg://h/db?password=hunter22", SourceOptions("core"))

    assert "hunter22" not in repr(source)
    assert "hunter22" not in str(source.identity)


def test_secrets_from_variables_appear_nowhere(tmp_path, monkeypatch, opened, make, caplog):
    """A settings file names ``${VAR}``; no error, report, log or repr has its value."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("CORE_SHOP_PASSWORD", "hunter22xyz")
    file = tmp_path / "kpisdk.toml"
    file.write_text(
        "[sources.shop]\n"
        'url = "postgresql+psycopg://me:${CORE_SHOP_PASSWORD}@127.0.0.1:1/shop"\n'
        "[sources.shop.options]\n"
        'token = "${CORE_SHOP_PASSWORD}"\n'
    )
    workspace = opened("shop", make(), settings=file)

    report = workspace.compute("CORE-T-001")

    source = workspace.open_source()
    told = [json.dumps(report.to_dict()), repr(report), repr(source), repr(source.options)]
    told += [str(source.identity), repr(workspace.settings), caplog.text]
    assert report[0].reason is Reason.SOURCE_UNAVAILABLE
    assert "hunter22xyz" not in " ".join(told)


def test_a_session_shows_no_secret(url):
    """What is masked in errors is not shown by the session that masks it."""
    located = sa.make_url(url).set(password="hunter22xyz")  # noqa: S106 - of nobody

    with database(
        located.render_as_string(hide_password=False), SourceOptions("core")
    ).session() as it:
        assert "hunter22xyz" not in repr(it)
        with pytest.raises(QueryError) as failed:
            it.rows(sa.text("SELECT CAST('hunter22xyz' AS INTEGER)"))

    assert "hunter22xyz" not in str(failed.value)
    assert "***" in str(failed.value)


class Killer:
    """A relation whose building terminates our own backend, so many times."""

    def __init__(self, admin, times):
        self.admin = admin
        self.left = times

    def __call__(self, scope):
        if self.left:
            self.left -= 1
            self.admin(KILL)
        return sa.select(scope.rows())


@pytest.mark.parametrize(("times", "retries"), [(1, 1), (2, 2)])
def test_a_lost_connection_is_tried_again(url, admin, opened, make, visits, times, retries):
    """The whole trip starts anew: half a snapshot is no snapshot."""
    relation = Derived("core_killer", visits, Killer(admin, times))
    settings = Settings(sources={"shop": SourceSettings(url=url, retries=retries)})

    result = opened("shop", make(Simple(count(relation))), settings=settings).compute("CORE-T-001")[
        0
    ]

    assert result.value == 40


@pytest.mark.parametrize("retries", [0, 2])
def test_a_connection_that_is_always_lost_is_reported(url, admin, opened, make, visits, retries):
    """After as many attempts as the settings allow, every KPI says so."""
    killer = Killer(admin, 99)
    relation = Derived("core_killer", visits, killer)
    settings = Settings(sources={"shop": SourceSettings(url=url, retries=retries)})
    kpis = make(Simple(count(relation))), make(kpi_id="CORE-T-002")

    report = opened("shop", *kpis, settings=settings).compute("CORE-T-001", "CORE-T-002")

    assert {result.reason for result in report} == {Reason.SOURCE_UNAVAILABLE}
    assert "was lost" in report[0].message
    assert killer.left == 99 - retries - 1


def test_a_connection_lost_while_tables_are_described_is_tried_again(url, admin, opened, make):
    """The first thing that a trip asks is what the tables look like."""
    killed = []

    def kill(what, done, total):
        if what == "preparing" and not killed:
            killed.append(admin(KILL))

    result = opened(url, make()).compute("CORE-T-001", progress=kill)[0]

    assert result.value == 40
    assert killed


def test_tables_and_columns_are_mapped(url, admin, opened, make, visits):
    """Schemas, capitals, blanks and swapped names: the settings say what is what."""
    admin("CREATE SCHEMA core_app")
    admin('CREATE TABLE core_app."Visits" ("When" TIMESTAMPTZ, "Where At" TEXT, amount TEXT, '
          "site FLOAT)")  # fmt: skip
    admin("INSERT INTO core_app.\"Visits\" VALUES ('2025-06-20 01:00+02', 'x', 'a', 2.5), "
          "('2025-06-21', 'y', 'b', 3.5)")  # fmt: skip
    mapping = TableMapping(
        "core_app.Visits", {"at": "When", "amount": "site", "site": "amount", "person": "Where At"}
    )
    settings = Settings(sources={"shop": SourceSettings(url=url, tables={"core_visits": mapping})})
    kpi = make(Median(visits, visits["amount"], visits["site"].is_in("a", "b")))

    report = opened("shop", kpi, settings=settings).compute(kpi.id, by=["site", "person"])
    admin("DROP SCHEMA core_app CASCADE")

    assert [(result.slice, result.value) for result in report] == [
        ({"site": "a", "person": "x"}, 2.5),
        ({"site": "b", "person": "y"}, 3.5),
    ]


def test_a_mapped_column_that_is_not_there_is_named(url, opened, make):
    """The physical name, and the setting that maps it."""
    mapping = TableMapping(columns={"at": "happened"})
    settings = Settings(sources={"shop": SourceSettings(url=url, tables={"core_visits": mapping})})

    result = opened("shop", make(), settings=settings).compute("CORE-T-001")[0]

    assert result.reason is Reason.MISSING_COLUMN
    assert "column 'happened' of table 'core_visits' does not exist" in result.message
    assert "sources.shop.tables.core_visits.columns.at" in result.message


def test_texts_of_other_types_are_texts(url, admin, opened, make, visits):
    """Enumerations and UUIDs are compared, filtered and grouped as the texts they show."""
    admin("CREATE TYPE core_place AS ENUM ('a', 'b')")
    admin("ALTER TABLE core_visits ALTER site TYPE core_place USING site::core_place")
    admin("ALTER TABLE core_visits ALTER person TYPE UUID USING gen_random_uuid()")
    kpi = make(Simple(count(visits, visits["site"].equals("a") & visits["person"].not_null())))
    workspace = opened(url, kpi)

    assert workspace.compute(kpi.id)[0].value == 40
    assert workspace.compute(kpi.id, where={"site": "a"})[0].value == 40
    assert workspace.compute(kpi.id, by=["site"])[0].slice == {"site": "a"}


def test_days_and_instants_stand_in_for_one_another(url, admin, opened, make, visits):
    """A timestamp where a day is declared gives its UTC day; a day gives its midnight."""
    admin("ALTER TABLE core_visits ALTER day TYPE TIMESTAMPTZ USING '2025-06-21 01:00+02'")
    admin("ALTER TABLE core_visits ALTER at TYPE DATE USING '2025-06-20'")
    on_day = visits["day"].equals(dt.date(2025, 6, 20))
    kpi = make(Simple(count(visits, on_day & (visits["at"] < dt.datetime(2025, 6, 20, 0, 0, 1)))))

    assert opened(url, kpi).compute(kpi.id)[0].value == 40


def test_a_json_column_is_json(url, admin, opened, make, visits):
    """JSON and JSONB both."""
    admin("ALTER TABLE core_visits ALTER doc TYPE JSONB USING '{\"a\": 2}'")
    kpi = make(Simple(count(visits, visits["doc"].json_number("a").equals(2))))

    assert opened(url, kpi).compute(kpi.id)[0].value == 40


def test_a_type_that_nothing_covers_is_a_wrong_type(url, admin, opened, make, visits):
    """The engine's own word for it stands in the message."""
    admin("ALTER TABLE core_visits ALTER amount TYPE FLOAT[] USING ARRAY[amount]")
    kpi = make(Median(visits, visits["amount"]))

    result = opened(url, kpi).compute(kpi.id)[0]

    assert result.reason is Reason.WRONG_TYPE
    assert "and float is needed" in result.message


def test_identity_tells_databases_and_users_apart(url):
    """Two users may see different rows of one table."""

    def identity(**changes):
        location = sa.make_url(url).set(**changes).render_as_string(hide_password=False)
        return database(location, SourceOptions("core")).identity.fingerprint

    assert identity() == identity(password="x")  # noqa: S106 - of nobody
    assert len({identity(), identity(database="other"), identity(username="other")}) == 3

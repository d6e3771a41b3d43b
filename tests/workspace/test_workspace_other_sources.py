"""Tables that lie in other sources: computed where they lie, together where they must be."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3

import duckdb
import pytest
import sqlalchemy as sa

from kpisdk import Ratio, Reason, Settings, Simple, Unit, Workspace, count, mean
from kpisdk.cli import main
from kpisdk.errors import SettingsError
from kpisdk.settings import SourceSettings, TableMapping, load_settings
from kpisdk.verification.replay import replayed
from kpisdk.verification.report_files import read_report
from kpisdk.verification.side_by_side import Verdict, side_by_side

VISITS = [
    ("v1", "2025-06-20 10:00:00", "north", "ann", 1.5),
    ("v2", "2025-06-21 10:00:00", "north", "bob", 2.5),
    ("v3", "2025-06-22 10:00:00", "south", "ann", 5.0),
]
PEOPLE = [("ann", 30), ("bob", 50)]
_VISITS = (
    'CREATE TABLE core_visits (visit_id TEXT, "at" TIMESTAMP, site TEXT, person TEXT, amount {})'
)


def write_visits(engine: str, place, rows=VISITS) -> None:
    """The visits as an engine's own table, or as a CSV file of a folder."""
    if engine == "files":
        lines = ["visit_id,at,site,person,amount", *(",".join(map(str, row)) for row in rows)]
        (place / "core_visits.csv").write_text("\n".join(lines) + "\n")
        return
    _write(engine, place, _VISITS.format("DOUBLE PRECISION"), "core_visits", rows)


def write_people(engine: str, place, rows=PEOPLE) -> None:
    """The people under another name, with another name for one of their columns."""
    if engine == "files":
        lines = ["person,years", *(",".join(map(str, row)) for row in rows)]
        (place / "staff.csv").write_text("\n".join(lines) + "\n")
        return
    _write(engine, place, "CREATE TABLE staff (person TEXT, years BIGINT)", "staff", rows)


def _write(engine, place, create, name, rows) -> None:
    made = sa.create_engine(place if "://" in str(place) else f"{engine}:///{place}")
    marks = ", ".join(f":c{each}" for each in range(len(rows[0])))
    with made.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
        connection.exec_driver_sql(create)
        for row in rows:
            values = {f"c{place}": value for place, value in enumerate(row)}
            connection.execute(sa.text(f"INSERT INTO {name} VALUES ({marks})"), values)
    made.dispose()


@pytest.fixture
def place(tmp_path, postgresql_server):
    """``place(engine, name)``: where a source of an engine lies; its URL is what it is called."""

    def of(engine: str, name: str):
        if engine == "postgresql":
            return postgresql_server
        if engine == "files":
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            return folder
        return tmp_path / f"{name}.{engine}"

    return of


def toml_of(first, other, more: str = "") -> str:
    """Settings of two sources, of which the second has the people."""

    def url(place) -> str:
        text = str(place)
        known = "://" in text or "." not in text.rpartition("/")[2]
        return text if known else f"{text.rpartition('.')[2]}:///{text}"

    return (
        'default_source = "shop"\n'
        f'[sources.shop]\nurl = "{url(first)}"\n'
        '[sources.shop.tables]\ncore_people = {source = "crm"}\n'
        f'[sources.crm]\nurl = "{url(other)}"\n'
        '[sources.crm.tables.core_people]\ntable = "staff"\ncolumns = {age = "years"}\n' + more
    )


@pytest.fixture
def settings(tmp_path):
    """``settings(text)``: those of a file of that text."""

    def load(text: str) -> Settings:
        path = tmp_path / "kpisdk.toml"
        path.write_text(text)
        return load_settings(tmp_path, path, {})

    return load


def by_age(visits, make, kpi_id="CORE-T-001"):
    """The number of visits, which can be cut by the age of the people."""
    return make(Simple(count(visits)), kpi_id, window=None)


ENGINES = ("files", "duckdb", "sqlite", "postgresql")


@pytest.mark.parametrize("other", ENGINES)
@pytest.mark.parametrize("first", ENGINES)
def test_a_kpi_whose_tables_lie_in_two_sources_is_computed_over_both(
    first, other, place, settings, visits, people, make, opened
):
    """Visits here, people there: cut by age, each visit finds its person; 2 of 30, 1 of 50."""
    here, there = place(first, "shop"), place(other, "crm")
    write_visits(first, here)
    write_people(other, there)
    ours = by_age(visits, make)
    theirs = make(Simple(mean(people, people["age"])), "CORE-T-002", window=None)

    workspace = opened(None, ours, theirs, settings=settings(toml_of(here, there)))
    sliced = workspace.compute(ours.id, by="age")
    plain = workspace.compute(theirs.id, ours.id)

    assert {each.slice["age"]: each.value for each in sliced} == {30: 2, 50: 1}
    assert {each.answered_by for each in sliced} == {"core_visits (crm, shop)"}
    assert [(each.kpi_id, each.value) for each in plain] == [(theirs.id, 40), (ours.id, 3)]
    assert [each.answered_by for each in plain] == ["core_people (crm)", "core_visits"]
    assert (plain.source.name, sliced.source.name) == ("shop", "shop")


@pytest.fixture
def two(place, settings, visits, people, make, opened):
    """``two(first, other)``: a workspace over both, its two KPIs and the two places."""

    def build(first="sqlite", other="duckdb", cache="off", more=""):
        here, there = place(first, "shop"), place(other, "crm")
        write_visits(first, here)
        write_people(other, there)
        kpis = (
            by_age(visits, make),
            make(Simple(mean(people, people["age"])), "CORE-T-002", window=None),
        )
        known = settings(toml_of(here, there, more))
        return opened(None, *kpis, settings=known, cache=cache), here, there

    return build


def test_a_table_of_the_same_name_in_the_own_source_is_another_one(two):
    """Where the settings say that people lie elsewhere, those that lie here are never read."""
    workspace, here, _ = two()
    with sqlite3.connect(here) as connection:
        connection.execute("CREATE TABLE core_people (person TEXT, age INTEGER)")
        connection.execute("INSERT INTO core_people VALUES ('ann', 1000)")

    report = workspace.compute("CORE-T-002")
    sliced = workspace.compute("CORE-T-001", by="age")

    assert [each.value for each in report] == [40]
    assert {each.slice["age"] for each in sliced} == {30, 50}


def test_a_slice_that_stays_in_the_own_table_is_computed_there(two):
    """The site is a column of visits: nothing of the other source is opened for it."""
    workspace, _, there = two()
    there.unlink()

    report = workspace.compute("CORE-T-001", by="site")

    assert {each.slice["site"]: each.value for each in report} == {"north": 2, "south": 1}
    assert {each.answered_by for each in report} == {"core_visits"}


def test_a_source_that_is_gone_takes_only_its_own_kpis_with_it(two):
    """The other KPI is computed; the one that needs it says which source is not there."""
    workspace, _, there = two()
    there.unlink()

    mine, theirs = workspace.compute("CORE-T-001", "CORE-T-002")

    assert mine.value == 3
    assert (theirs.value, theirs.reason) == (None, Reason.SOURCE_UNAVAILABLE)
    assert "'crm'" in theirs.message


@pytest.mark.parametrize("other", ["files", "duckdb", "sqlite", "postgresql"])
def test_what_changes_in_the_other_source_is_seen(two, other):
    """A result is kept with what it was computed of: people that have changed are counted anew."""
    workspace, _, there = two("sqlite", other, cache="memory")

    def ages():
        found = workspace.compute("CORE-T-001", by="age")
        return {each.slice["age"]: each.value for each in found}, {each.cached for each in found}

    first = ages()
    again = ages()
    if other == "files":
        (there / "staff.csv").write_text("person,years\nann,31\nbob,51\n")
    else:
        made = sa.create_engine(there if other == "postgresql" else f"{other}:///{there}")
        with made.begin() as connection:
            connection.exec_driver_sql("UPDATE staff SET years = years + 1")
        made.dispose()
    changed = ages()

    assert first == ({30: 2, 50: 1}, {False})
    assert again == ({30: 2, 50: 1}, {True})
    assert changed == ({31: 2, 51: 1}, {False})


def test_how_new_the_data_are_is_told_of_the_source_that_they_lie_in(
    place, settings, visits, make, opened
):
    """Visits lie in the other source: its newest one is what the window ends with."""
    here, there = place("duckdb", "shop"), place("sqlite", "crm")
    write_people("duckdb", here)
    write_visits("sqlite", there)
    text = toml_of(here, there).replace('core_people = {source = "crm"}', "")
    text = text.replace("[sources.shop.tables]", '[sources.shop.tables]\ncore_visits.source="crm"')
    kpi = make(Simple(count(visits)))

    (result,) = opened(None, kpi, settings=settings(text)).compute(kpi.id)

    assert (result.value, result.answered_by) == (3, "core_visits (crm)")
    assert result.data_through == dt.datetime(2025, 6, 22, 10, tzinfo=dt.UTC)


def test_explain_says_where_each_kpi_is_computed(two):
    """Statements of both engines, and a remark at the KPI that is not computed in the own one."""
    workspace, *_ = two()

    found = workspace.explain("CORE-T-001", "CORE-T-002")

    assert found.dialect == "sqlite and duckdb"
    assert [each.kpi_id for each in found.kpis] == ["CORE-T-001", "CORE-T-002"]
    assert [each.notes for each in found.kpis] == [(), ("computed in crm",)]
    assert any("staff" in each.sql for each in found.statements)


def test_check_runs_every_kpi_where_its_tables_lie(two):
    """Both can be computed, each with where it was."""
    workspace, *_ = two()

    report = workspace.check("CORE-T-001", "CORE-T-002")

    assert (report.source, report.summary) == ("shop", "2 of 2 calculable, gaps: 0")
    assert [each.answered_by for each in report.kpis] == ["core_visits", "core_people (crm)"]


def test_a_table_that_is_too_large_to_be_copied_is_refused_with_the_reason(two, monkeypatch):
    """DuckDB cannot read SQLite itself; how many rows there are, and what to do, is said."""
    monkeypatch.setattr("kpisdk.builtin.sources.copied_tables.MOST_ROWS", 2)
    workspace, *_ = two("sqlite", "duckdb")

    (result,) = workspace.compute("CORE-T-001", by="age")

    assert result.value is None
    assert "has 3 rows, and at most 2" in result.message
    assert "into one source" in result.message


def test_the_table_that_is_missing_is_told_with_the_setting_that_names_it(two):
    """No table of that name in the other source: the sentence names that source."""
    workspace, _, there = two()
    with duckdb.connect(str(there)) as connection:
        connection.execute("ALTER TABLE staff RENAME TO personnel")

    (result,) = workspace.compute("CORE-T-002")

    assert result.reason is Reason.MISSING_TABLE
    assert "'staff' does not exist; there are 'personnel'" in result.message
    assert "sources.crm.tables.core_people.table" in result.message


def test_a_parameter_that_no_kpi_of_all_places_takes_is_refused_once(two):
    """Split by sources, each part is given what its own KPIs take."""
    workspace, *_ = two()

    with pytest.raises(Exception, match="take no parameters"):
        workspace.compute("CORE-T-001", "CORE-T-002", parameters={"depth": 3})


def test_a_source_that_is_not_there_is_a_fault_of_the_settings(settings):
    """All such faults at once, each with its key and the nearest name."""
    text = (
        '[sources.shop]\nurl = "shop"\n[sources.shop.tables]\n'
        'a.source = "crn"\nb.source = "shop"\nc.source = "crm"\n'
        '[sources.crm]\nurl = "crm"\n[sources.crm.tables]\nc.source = "shop"\n'
    )

    with pytest.raises(SettingsError) as refused:
        settings(text)

    said = {each.where: each.what for each in refused.value.problems}
    assert "crm" in said["sources.shop.tables.a.source"]
    assert "leave it out" in said["sources.shop.tables.b.source"]
    assert "send it on to 'shop'" in said["sources.shop.tables.c.source"]


def test_settings_made_in_python_are_checked_as_well(visits, make, opened, tmp_path):
    """They come from no file; the fault is the same."""
    (tmp_path / "core_visits.csv").write_text("visit_id\nv1\n")
    shop = SourceSettings(str(tmp_path), {"core_people": TableMapping(source="crm")})
    workspace = opened("shop", by_age(visits, make), settings=Settings(sources={"shop": shop}))

    with pytest.raises(SettingsError, match="crm"):
        workspace.compute("CORE-T-001")


def test_a_table_named_for_one_computation_is_one_of_the_source_that_it_is_for(
    two, settings, opened, people, make
):
    """``--table`` wins over what the settings say of another source."""
    _, here, there = two()
    with sqlite3.connect(here) as connection:
        connection.execute("CREATE TABLE guests (person TEXT, age INTEGER)")
        connection.execute("INSERT INTO guests VALUES ('zoe', 7)")
    kpi = make(Simple(mean(people, people["age"])), window=None)

    workspace = opened(
        None, kpi, settings=settings(toml_of(here, there)), tables={"core_people": "guests"}
    )

    assert [each.value for each in workspace.compute(kpi.id)] == [7]


def test_many_statuses_are_decided_together_wherever_they_are_computed(
    opened, place, visits, people, make, settings
):
    """A family holds all results of a request: two sources give what one source gives."""
    visited = [(f"v{n}", "2025-06-20 10:00:00", "north", f"p{n}", n % 7) for n in range(40)]
    aged = [(f"p{n}", 5 + n % 9) for n in range(40)]
    strict = {"window": None, "unit": Unit.RATIO, "target": 0.9, "warning": 0.8, "critical": 0.7}
    often = Ratio(count(visits, visits["amount"] > 3), count(visits))
    old = Ratio(count(people, people["age"] > 8), count(people))
    kpis = [make(often, "CORE-T-001", **strict), make(old, "CORE-T-002", **strict)]
    here, there = place("sqlite", "shop"), place("sqlite", "crm")
    write_visits("sqlite", here, visited)
    write_people("sqlite", there, aged)
    apart = opened(None, *kpis, settings=settings(toml_of(here, there)))
    write_people("sqlite", here, aged)
    mapped = f'[sources.one]\nurl = "sqlite:///{here}"\n[sources.one.tables.core_people]\n'
    mapped += 'table = "staff"\ncolumns = {age = "years"}\n'
    together = opened("one", *kpis, settings=settings(mapped))

    first = apart.compute("CORE-T-001", "CORE-T-002", family="holm")
    other = together.compute("CORE-T-001", "CORE-T-002", family="holm")

    assert {each.family.size for each in first} == {2}
    assert [(a.value, a.family, a.status, a.decided) for a in first] == [
        (b.value, b.family, b.status, b.decided) for b in other
    ]


def test_a_report_is_verified_against_both_sources(two, opened, visits, people, make, tmp_path):
    """Unchanged it is the same; where the other source has changed, that is what is said."""
    workspace, _, there = two()
    kpi = by_age(visits, make), make(Simple(mean(people, people["age"])), "CORE-T-002", window=None)
    file = tmp_path / "report.json"
    file.write_text(json.dumps(workspace.compute("CORE-T-001", by="age").to_dict()))

    def verified():
        report = read_report(file)
        known = load_settings(tmp_path, tmp_path / "kpisdk.toml", {})
        again = opened(report.source, *kpi, settings=known)
        return side_by_side(report.results, replayed(report, again))

    same = verified()
    with duckdb.connect(str(there)) as connection:
        connection.execute("UPDATE staff SET years = 80 - years")
    changed = verified()

    assert same.verdict == Verdict.SAME
    assert changed.verdict == Verdict.NOT_COMPARABLE
    assert {each.kind for each in changed.changes} == {"data"}


def test_doctor_shows_which_table_lies_elsewhere(two, tmp_path, monkeypatch, capsys):
    """The setting is listed with where it was written."""
    two()
    monkeypatch.chdir(tmp_path)

    main(["doctor"])

    assert "sources.shop.tables.core_people.source" in capsys.readouterr().out


def test_a_workspace_that_is_closed_opens_the_other_sources_anew(two):
    """Nothing of them is held beyond it."""
    workspace, *_ = two()
    first = [each.value for each in workspace.compute("CORE-T-002")]
    workspace.close()

    assert [each.value for each in workspace.compute("CORE-T-002")] == first
    assert isinstance(workspace, Workspace)

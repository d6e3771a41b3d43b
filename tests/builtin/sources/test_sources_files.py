"""CSV and Parquet files: read in place, typed as they are declared, and never changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from kpisdk import (
    Ratio,
    Reason,
    Simple,
    Unit,
    count,
    count_distinct,
    maximum,
    median,
    total,
)
from kpisdk.settings import Settings, SourceSettings, TableMapping

HEAD = "visit_id,at,day,site,person,amount,units,done,doc"
ROW = "v1,2025-06-20 10:00:00,2025-06-20,a,p1,1.5,2,true,{}"


def state(folder):
    """Every file of a folder with its content."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_columns_are_typed_as_they_are_declared(csv, opened, make, visits):
    """Ids keep their zeros, whole numbers may be written as 3.0, days and instants are read."""
    folder = csv(
        "00123,2025-06-20 10:00:00,2025-06-20,007,1,2,3.0,True,",
        "00124,2025-06-20T10:00:00.000001,2025-06-21,0x7,1,2.5,,False,",
    )
    before = state(folder)
    kpi = make(Simple(count(visits, visits["visit_id"].equals("00123"))))
    workspace = opened(folder, kpi, make(Simple(total(visits, visits["units"])), "CORE-T-002"))

    report = workspace.compute("CORE-T-001", "CORE-T-002", by=["site"])

    assert [(result.slice["site"], result.value) for result in report] == [
        ("007", 1),
        ("0x7", 0),
        ("007", 3),
        ("0x7", None),
    ]
    assert state(folder) == before


@pytest.mark.parametrize(
    ("line", "calculation", "named"),
    [
        (ROW.replace("1.5", "much"), "amount", "much"),
        (ROW.replace(",2,", ",two,"), "units", "two"),
        (ROW.replace("2025-06-20 10:00:00", "yesterday"), None, "yesterday"),
        (ROW.replace("true", "perhaps"), "done", "perhaps"),
    ],
)
def test_a_junk_cell_is_a_wrong_type_that_is_named(
    csv, opened, make, visits, line, calculation, named
):
    """The cell and its column stand in the message; no row is dropped silently."""
    measures = {
        "amount": lambda: total(visits, visits["amount"]),
        "units": lambda: total(visits, visits["units"]),
        "done": lambda: count(visits, visits["done"].is_true()),
        None: lambda: count(visits),
    }
    kpi = make(Simple(measures[calculation]()))
    other = make(Simple(count(visits, visits["site"].equals("a"))), "CORE-T-002", window=None)

    report = opened(csv(ROW, line), kpi, other).compute("CORE-T-001", "CORE-T-002")

    assert (report[0].value, report[0].reason) == (None, Reason.WRONG_TYPE)
    assert named in report[0].message
    assert calculation is None or report[1].value == 2


def test_offsets_of_instants_count(csv, opened, make, visits):
    """An instant with an offset is that instant; without one it is UTC; its day is that of UTC."""
    at = ("2025-06-20 01:00:00+02:00", "2025-06-19T23:00:00Z", "2025-06-19 23:00:00")
    folder = csv(*(ROW.replace("2025-06-20 10:00:00,2025-06-20", f"{each},{each}") for each in at))
    on = visits["day"].equals(dt.date(2025, 6, 19))
    kpi = make(Simple(count(visits, on & visits["at"].equals(dt.datetime(2025, 6, 19, 23)))))

    assert opened(folder, kpi).compute(kpi.id)[0].value == 3


@pytest.mark.parametrize("column", ["at", "day"])
@pytest.mark.parametrize("cell", ["01/02/2025", "13/02/2025", "01/02/25", "25-02-03", "20250201"])
def test_no_order_of_day_and_month_is_guessed(csv, opened, make, visits, cell, column):
    """A day is written with its year first, in four digits, or it is a wrong type."""
    kpi = make(Simple(count_distinct(visits, visits[column])), window=None)
    source = csv("1,2025-06-20", f"2,{cell}", head=f"visit_id,{column}")

    (result,) = opened(source, kpi).compute(kpi.id)

    assert (result.value, result.reason) == (None, Reason.WRONG_TYPE)
    assert f"core_visits.csv', line 3, column '{column}': '{cell}' is not " in result.message


def test_days_are_read_however_iso_writes_them(csv, opened, make, visits):
    """With an hour, of whatever zone, or blanks around it, a day is that of UTC."""
    cells = ("2025-06-19", " 2025-06-19", "2025-06-19 23:59:59", "2025-06-20T01:00:00+02:00", "")
    source = csv(*(f"1,{each}" for each in cells), head="visit_id,day")
    kpi = make(Simple(count(visits, visits["day"].equals(dt.date(2025, 6, 19)))), window=None)

    assert opened(source, kpi).compute(kpi.id)[0].value == 4


def test_a_column_that_nobody_declared_is_read_as_it_is_written(csv, opened, make):
    """A day of February or of January: a group is called what the file calls it."""
    source = csv("1,2025-06-20,01/02/2025,2025-02-01", head="visit_id,at,begun,ended")

    report = opened(source, make()).compute("CORE-T-001", by=["begun", "ended"])

    assert dict(report[0].slice) == {"begun": "01/02/2025", "ended": "2025-02-01"}


def test_a_fraction_far_down_a_column_is_read(csv, opened, make, visits):
    """What the first 20 000 rows look like decides nothing about a declared column."""
    lines = [ROW.replace("1.5", "1")] * 25_000 + [ROW.replace("1.5", "0.25")]
    kpi = make(Simple(total(visits, visits["amount"])))

    assert opened(csv(*lines), kpi).compute(kpi.id)[0].value == 25_000.25


def test_semicolons_are_found_out(csv, opened, make, visits):
    """The delimiter is what the file uses."""
    folder = csv(ROW.replace(",", ";"), head=HEAD.replace(",", ";"))
    kpi = make(Simple(total(visits, visits["amount"])))

    assert opened(folder, kpi).compute(kpi.id)[0].value == 1.5


def test_every_line_after_the_first_is_a_row(csv, opened, make):
    """A line that begins with a mark is no comment, and none is skipped to find a better header."""
    source = csv("#1,2025-06-20", "2,2025-06-20", "3,2025-06-20", head="visit_id,at")

    assert opened(source, make()).compute("CORE-T-001")[0].value == 3


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (["1,2025-06-20"] * 3 + ["2,2025-06-20,x"] * 30, 5),
        (["1,2025-06-20"] * 20 + ["2,2025-06-20,x"], 22),
        (["1"] + ["2,2025-06-20"] * 20, 2),
        (["1,2025-06-20", "2 rows in all"], 3),
        (['"1,2025-06-20'] + ["2,2025-06-20"] * 20, 2),
    ],
)
def test_a_row_that_does_not_fit_the_first_line_is_named_and_no_number_made(
    csv, opened, make, lines, line
):
    """Longer, shorter, or with a quote that does not end: nothing is counted around it."""
    source = csv(*lines, head="visit_id,at")

    (result,) = opened(source, make(window=None)).compute("CORE-T-001")

    assert (result.value, result.reason) == (None, Reason.QUERY_FAILED)
    assert f"core_visits.csv', line {line}: " in result.message
    assert "strict_mode" not in result.message


def test_a_title_above_the_columns_names_is_refused(csv, opened, make):
    """The names of the columns are those of the first line, whatever the second looks like."""
    source = csv("visit_id,at", "1,2025-06-20", head="Visits of June")

    (result,) = opened(source, make(window=None)).compute("CORE-T-001")

    assert (result.value, result.reason) == (None, Reason.QUERY_FAILED)


def test_a_column_named_twice_is_refused(csv, opened, make):
    """Which of the two is meant cannot be guessed."""
    source = csv("1,2025-06-20,7", head="visit_id,at,AT")

    (result,) = opened(source, make()).compute("CORE-T-001")

    assert (result.value, result.reason) == (None, Reason.QUERY_FAILED)
    assert "names 'at' twice" in result.message


def test_only_double_quotes_quote(csv, opened, make):
    """A single quote is a letter; within double ones, what separates columns is one too."""
    source = csv("1,2025-06-20,'a'", '2,2025-06-20,"b, ""c"""', head="visit_id,at,site")

    report = opened(source, make()).compute("CORE-T-001", by=["site"])

    assert {result.slice["site"] for result in report} == {"'a'", 'b, "c"'}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_separates_columns_is_found_in_the_first_lines(csv, opened, make, visits, delimiter):
    """Other signs may stand in a name, as long as the rows tell which one it is."""
    sign = {",": ";", ";": "|", "\t": ",", "|": "\t"}[delimiter]
    head, row = delimiter.join(["visit_id", "at", f"net{sign} amount"]), f"1{delimiter}2025-06-20"
    tables = {"core_visits": TableMapping(columns={"amount": f"net{sign} amount"})}
    folder = csv(f"{row}{delimiter}1.5", head=head)
    settings = Settings(sources={"shop": SourceSettings(url=str(folder), tables=tables)})
    kpi = make(Simple(total(visits, visits["amount"])))

    assert opened("shop", kpi, settings=settings).compute(kpi.id)[0].value == 1.5


def test_columns_that_two_signs_could_separate_are_refused(csv, opened, make):
    """Read by the one there are other columns than by the other; neither is guessed."""
    source = csv("1,2;3,4", head="visit_id,a;at,b")

    (result,) = opened(source, make(window=None)).compute("CORE-T-001")

    assert (result.value, result.reason) == (None, Reason.QUERY_FAILED)
    assert "whether a comma or a semicolon separates the columns" in result.message


def test_the_columns_of_a_long_file_are_found(csv, opened, make, visits):
    """Only its beginning is looked at, and that may end within a row."""
    note = "x" * 1000
    source = csv(*[f"1;2025-06-20;{note}"] * 100, head="visit_id;at;site, and place")

    assert opened(source, make()).compute("CORE-T-001")[0].value == 100


def test_a_broken_gzip_file_gives_a_reason(csv, opened, make):
    """Absent, with what the reader says."""
    source = csv(ROW, name="core_visits.csv.gz")

    (result,) = opened(source, make()).compute("CORE-T-001")

    assert (result.value, result.reason) == (None, Reason.QUERY_FAILED)
    assert "cannot be read: Not a gzipped file" in result.message


def test_without_a_window_a_missing_time_column_is_not_missed(csv, opened, make):
    """Rows are counted, and nothing is said of how far the data reach."""
    (result,) = opened(csv("1", "2", head="visit_id"), make(window=None)).compute("CORE-T-001")

    assert (result.value, result.data_through) == (2, None)


def test_a_link_that_leads_nowhere_is_no_table(csv, opened, make):
    """The other tables of the folder are read."""
    source = csv("1,2025-06-20", head="visit_id,at")
    (source / "lost.csv").symlink_to("nowhere.csv")

    assert opened(source, make()).compute("CORE-T-001")[0].value == 1


def test_latin_1_is_refused_in_words(csv, opened, make):
    """A file in another encoding is no table, and the reason says so."""
    folder = csv(ROW.replace(",a,", ",Zürich,"), encoding="latin-1")

    result = opened(folder, make()).compute("CORE-T-001")[0]

    assert result.value is None
    assert result.reason in (Reason.QUERY_FAILED, Reason.WRONG_TYPE)
    assert "utf-8" in result.message.lower()


def test_a_file_without_rows_is_an_empty_table(csv, opened, make):
    """A header alone: no rows, and no wrong type either."""
    result = opened(csv(), make()).compute("CORE-T-001")[0]

    assert (result.reason, "holds no rows" in result.message) == (Reason.NO_ROWS, True)


def test_a_file_without_anything_gives_a_reason(tmp_path, opened, make):
    """Zero bytes are no table."""
    (tmp_path / "core_visits.csv").touch()

    result = opened(tmp_path, make()).compute("CORE-T-001")[0]

    assert result.value is None
    assert result.reason in (Reason.MISSING_COLUMN, Reason.QUERY_FAILED, Reason.MISSING_TABLE)


def test_mapped_columns_are_typed_too(csv, opened, make, visits):
    """The declared type belongs to the column under whatever name."""
    folder = csv(ROW.replace(",a,", ",007,"), head=HEAD.replace("site", "plaza"))
    tables = {"core_visits": TableMapping(columns={"site": "plaza"})}
    settings = Settings(sources={"shop": SourceSettings(url=str(folder), tables=tables)})
    kpi = make(Simple(count(visits, visits["site"].equals("007"))))

    assert opened("shop", kpi, settings=settings).compute(kpi.id)[0].value == 1


def test_identity_follows_the_files(csv, opened, make):
    """A changed file is another source to a cache."""
    import os

    folder = csv(ROW)
    source = opened(folder, make()).open_source()
    before = source.identity
    os.utime(folder / "core_visits.csv", (1, 1))

    assert source.identity.fingerprint != before.fingerprint
    assert (source.identity.kind, source.retries) == ("files", 2)


@pytest.fixture
def writer(monkeypatch):
    """``writer(act)``: act after every statement that counts, as another process may."""
    from kpisdk.builtin.sources.sessions import SqlSession

    rows = SqlSession.rows

    def start(act):
        def and_act(session, statement):
            found = rows(session, statement)
            if "count" in str(statement).lower():
                act()
            return found

        monkeypatch.setattr(SqlSession, "rows", and_act)

    return start


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(csv, opened, make, visits, writer):
    """Users of the old rows over the number of the new ones would be a share of nothing."""
    kpi = make(Ratio(count_distinct(visits, visits["person"]), count(visits)), unit=Unit.RATIO)
    source = csv(*(ROW.replace("p1", f"p{each}") for each in range(10)))
    hundred = [ROW.replace("p1", f"p{each}") for each in range(100)]
    versions = iter([hundred])
    writer(lambda: [csv(*lines) for lines in versions])

    (result,) = opened(source, kpi).compute(kpi.id)

    assert (result.value, result.n) == (1.0, 100)


def test_a_file_that_never_stands_still_gives_no_number(csv, opened, make, visits, writer):
    """After the retries that the settings allow, the result is absent and says why."""
    kpi = make(Ratio(count_distinct(visits, visits["person"]), count(visits)), unit=Unit.RATIO)
    written = []

    def write():
        written.append(ROW)
        csv(*written)

    source = csv(ROW)
    writer(write)
    settings = Settings(sources={"shop": SourceSettings(url=str(source), retries=3)})

    (result,) = opened("shop", kpi, settings=settings).compute(kpi.id)

    assert (result.value, result.reason) == (None, Reason.SOURCE_UNAVAILABLE)
    assert "core_visits.csv'. Try again when nothing writes to it." in result.message
    assert len(written) == 4


def test_other_tables_may_be_written_meanwhile(csv, opened, make, writer):
    """Only what is read has to stand still."""
    source = csv(ROW)
    csv(ROW, name="other.csv")
    writer(lambda: (source / "other.csv").unlink(missing_ok=True))

    assert opened(source, make()).compute("CORE-T-001")[0].value == 1


def test_tables_that_nobody_asks_for_are_not_opened(csv, opened, make):
    """Junk beside the tables does no harm."""
    folder = csv(ROW)
    (folder / "broken.parquet").write_text("this is no Parquet")

    assert opened(folder, make()).compute("CORE-T-001")[0].value == 1


def test_a_broken_parquet_file_gives_a_reason(tmp_path, opened, make):
    """Absent, with what the reader says."""
    (tmp_path / "core_visits.parquet").write_text("this is no Parquet")

    result = opened(tmp_path, make()).compute("CORE-T-001")[0]

    assert result.reason is Reason.QUERY_FAILED
    assert "arquet" in result.message


def arrow_parts(folder, **parts):
    """Parquet parts of ``core_visits``, each of these columns, as Arrow has them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    (folder / "core_visits").mkdir()
    for name, columns in parts.items():
        pq.write_table(pa.table(columns), folder / "core_visits" / f"{name}.parquet")
    return folder


@pytest.mark.parametrize("relative", [True, False])
def test_a_column_that_some_parquet_parts_lack_is_named_where_it_is_read(
    tmp_path, monkeypatch, opened, make, visits, relative
):
    """Rows of such a part have no missing value there: nobody said so."""
    arrow_parts(tmp_path, a={"visit_id": ["v"], "amount": [1.5]}, b={"visit_id": ["w"]})
    monkeypatch.chdir(tmp_path)
    kpi = make(Simple(total(visits, visits["amount"])), window=None)
    other = make(Simple(count(visits)), "CORE-T-002", window=None)

    bad, good = opened("." if relative else tmp_path, kpi, other).compute(kpi.id, other.id)

    assert good.value == 2
    assert "column 'amount' of table 'core_visits' is in '" in bad.message
    assert "core_visits/b.parquet': the parts of a table have the same columns" in bad.message


def test_numbers_of_parquet_are_what_they_are(tmp_path, opened, make, visits):
    """Unsigned and wide; decimals that DuckDB has no type for are refused, and no others."""
    import pyarrow as pa

    unsigned = pa.array([2**64 - 1, 2**64 - 2], pa.uint64())
    wide = pa.array([Decimal("1.5"), Decimal(2)], pa.decimal256(50, 10))
    source = arrow_parts(tmp_path, a={"visit_id": ["v", "w"], "units": unsigned, "amount": wide})
    kpis = (
        make(Simple(count_distinct(visits, visits["units"])), window=None),
        make(Simple(total(visits, visits["amount"])), "CORE-T-002", window=None),
    )

    distinct, sum_ = opened(source, *kpis).compute(*(kpi.id for kpi in kpis))

    assert distinct.value == 2
    assert sum_.value is None
    assert "'amount' of table 'core_visits' holds decimals of more than 38 digits" in sum_.message


def test_a_column_without_values_has_the_declared_type(csv, opened, make, visits):
    """All cells empty: missing values, not a wrong type."""
    kpi = make(Simple(maximum(visits, visits["units"])))
    other = make(Simple(median(visits, visits["amount"])), "CORE-T-002")

    report = opened(csv(ROW.replace("1.5,2,", ",,")), kpi, other).compute(kpi.id, other.id)

    assert {result.reason for result in report} == {Reason.NO_ROWS}

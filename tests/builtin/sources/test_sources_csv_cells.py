"""Cells of CSV files: a number is what the cell says, or a fault with its line and no row."""

from __future__ import annotations

import datetime as dt
import gzip

import pytest

from kpisdk import Reason, Simple, count, count_distinct, maximum, mean, total
from kpisdk.builtin.sources.csv_faults import BadCellError
from kpisdk.settings import Settings, SourceSettings, TableMapping


@pytest.fixture
def csv(tmp_path):
    """``csv(line, ...)``: a folder with one CSV file of visits, in exactly these bytes."""

    def write(*lines, name="core_visits.csv", end="\n", before=b""):
        path = tmp_path / "shop" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        content = before + end.join([*lines, ""]).encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return tmp_path / "shop"

    return write


@pytest.fixture
def value(opened, make):
    """``value(source, calculation)``: the one value, or the error's sentence."""

    def compute(source, calculation, **request):
        kpi = make(Simple(calculation), window=None)
        (result,) = opened(source, kpi).compute(kpi.id, **request)
        return result.message if result.value is None else result.value

    return compute


@pytest.mark.parametrize(
    ("cells", "sum_"),
    [
        (["14.4 ", "14.4"], 28.8),
        (["14"] * 30_000 + ["0.4"], 420_000.4),
        ([""] * 30_000 + ["14.4"], 14.4),
        ([" 7", "7\t", "+7", "7.0", "007"], 35),
        (["1e3", "2.5e-1", ".5", "1."], 1001.75),
        (["9223372036854775808", "1"], 9.223372036854775809e18),
        (["99999999999999999999999", "1"], 1e23),
        (["NaN", " ", "2"], 2),
        (['"1', '"', "2"], None),
    ],
)
@pytest.mark.parametrize("column", ["units", "amount"])
def test_a_number_is_what_the_cell_says(csv, value, visits, column, cells, sum_):
    """In a column declared int or float, whatever stands beside it and however far down."""
    rows = [f"v{n},{cell}" for n, cell in enumerate(cells)]
    found = value(csv(f"visit_id,{column}", *rows), total(visits, visits[column]))

    assert (found == pytest.approx(sum_, rel=1e-12)) if sum_ else isinstance(found, str)


@pytest.mark.parametrize(
    "cell",
    ["0x1A", "1_000", "1e400", "1 2", "1e", "-", "٣", "7\u00a0", "1\x002", "--1", "$5", "5%"],
)
@pytest.mark.parametrize("column", ["units", "amount"])
def test_what_is_no_number_is_a_fault_with_its_place(csv, opened, make, visits, column, cell):
    """File, line, column and cell are named, as fields too; nothing else of the row is."""
    source = csv(f"visit_id,{column},person", "v1,1,SECRET-1", f"v2,{cell},SECRET-2")
    kpi = make(Simple(total(visits, visits[column])), window=None)

    (result,) = opened(source, kpi).compute(kpi.id)

    assert (result.value, result.reason) == (None, Reason.WRONG_TYPE)
    assert f"core_visits.csv', line 3, column '{column}': {cell!r} is not a nu" in result.message
    assert "SECRET" not in result.message


def test_the_place_of_a_cell_is_its_facts(csv, opened, make, visits):
    """Line breaks in cells count as lines; the error carries file, line, column and cell."""
    import sqlalchemy as sa

    source = csv("visit_id,units,site", 'v1,1,"two\nlines"', "", 'v2,"1,5",x', end="\r\n")
    with opened(source, make()).open_source().session() as session:
        session.columns("core_visits")
        with pytest.raises(BadCellError) as refused:
            session.rows(sa.select(sa.column("units")).select_from(sa.table("core_visits")))

    error = refused.value
    assert (error.line, error.column, error.cell) == (5, "units", "1,5")
    assert error.file.endswith("core_visits.csv")


def test_a_cell_that_swallowed_rows_is_cut(csv, value, visits):
    """A stray quote makes a cell of many rows; what is shown ends with its first line."""
    found = value(
        csv("visit_id,units", 'v1,"1', "PATIENT-7,2", 'PATIENT-8,"'), total(visits, visits["units"])
    )

    assert "PATIENT" not in found
    assert "line 2" in found


@pytest.mark.parametrize(
    "fault",
    [
        "PATIENT-7,1,2",
        "PATIENT-7",
        'PATIENT-7,"1',
        'PATIENT-7,"a"b',
        "PATIENT-7," + "x" * 3_000_000,
    ],
)
def test_a_row_that_cannot_be_read_is_not_shown(csv, value, visits, fault):
    """What DuckDB copies of the file stays out of every message."""
    found = value(csv("visit_id,site", "v1,a", fault), count(visits, visits["site"].not_null()))

    assert "core_visits.csv'" in found
    assert "PATIENT" not in found
    assert "xxx" not in found


def test_a_view_of_a_database_over_csv_shows_no_row(csv, tmp_path, value, visits):
    """DuckDB's own words for a row are cut wherever they come from."""
    import duckdb

    file = csv("visit_id,site", *["v1,a"] * 3, "PATIENT-7,1,2") / "core_visits.csv"
    with duckdb.connect(tmp_path / "shop.duckdb") as connection:
        reading = "auto_detect = false, header = true, columns = {visit_id: 'TEXT', site: 'TEXT'}"
        connection.execute(
            f"CREATE VIEW core_visits AS SELECT * FROM read_csv('{file}', {reading})"
        )

    found = value(tmp_path / "shop.duckdb", count(visits))

    assert "CSV Error on Line: 5" in found
    assert "PATIENT" not in found


@pytest.mark.parametrize(
    ("cells", "groups"),
    [
        (["1.10", "1.1"], {"1.10", "1.1"}),
        (["01234", "1234"], {"01234", "1234"}),
        (["1"] * 25_000 + ["01"], {"1", "01"}),
        (["12345678901234567890123", "12345678901234567890124"], None),
        (["2025-01-01", "2025-1-1"], {"2025-01-01", "2025-1-1"}),
        (["true", "TRUE"], {"true", "TRUE"}),
        (["NaN", " x"], {"NaN", " x"}),
    ],
)
def test_a_column_that_nobody_declares_is_text(csv, opened, make, cells, groups):
    """As it is written: no guess, however far down something else stands."""
    source = csv("visit_id,version", *(f"v,{cell}" for cell in cells))
    kpi = make(window=None)

    report = opened(source, kpi).compute(kpi.id, by=["version"])

    assert {result.slice["version"] for result in report} == (groups or set(cells))


def test_long_ids_in_a_column_declared_int_stay_apart(csv, value, visits):
    """Whole numbers of 23 digits are kept to their last digit; of 60 digits, they are a fault."""
    ids = ["12345678901234567890123", "12345678901234567890124"]
    distinct = count_distinct(visits, visits["units"])

    assert value(csv("visit_id,units", *(f"v,{each}" for each in ids)), distinct) == 2
    assert "more than 38 digits" in value(csv("visit_id,units", f"v,{'9' * 60}"), distinct)
    mixed = value(csv("visit_id,units", "v,1.5", *(f"v,{each}" for each in ids)), distinct)
    assert "too long to be kept exactly beside fractions" in mixed


def test_whole_numbers_are_sliced_as_such_and_fractions_as_fractions(csv, opened, make):
    """What a group is called does not depend on how many decimals are written."""
    kpi = make(window=None)
    whole = opened(csv("visit_id,units", "a,1", "b,1.0", "c,2"), kpi).compute(kpi.id, by=["units"])
    parted = opened(csv("visit_id,units", "a,1", "b,1.5"), kpi).compute(kpi.id, by=["units"])

    assert {repr(each.slice["units"]) for each in whole} == {"1", "2"}
    assert {each.slice["units"] for each in parted} == {1, 1.5}


def test_infinity_is_infinity_and_no_number_is_missing(csv, opened, make, visits):
    """As in a column of a database: a sum with infinity is not finite, NaN is no value."""
    kpi = make(Simple(total(visits, visits["units"])), window=None)

    (result,) = opened(csv("visit_id,units", "a,inf", "b,1"), kpi).compute(kpi.id)

    assert (result.value, result.reason) == (None, Reason.NOT_FINITE)


@pytest.mark.parametrize("cell", ["true", "TRUE", " t ", "1", "yes"])
def test_truth_values_are_read_however_they_are_written(csv, value, visits, cell):
    """Blanks around them are none of it."""
    done = count(visits, visits["done"].is_true())

    assert value(csv("visit_id,done", f"v,{cell}", "w,false", "x, "), done) == 1
    assert "is not true or false" in value(csv("visit_id,done", "v,1.0"), done)


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2025-06-20T10:00Z", "2025-06-20T10:00"),
        ("2025-06-20T10:00+02:00", "2025-06-20T08:00"),
        ("2025-06-20 10:00:00.5z", "2025-06-20T10:00:00.500000"),
        ("2025-06-20 24:00", "2025-06-21T00:00"),
        (" 2025-06-20 ", "2025-06-20T00:00"),
        ("2025-06-20 10:00:00+25:00", None),
        ("2025-06-20 25:00", None),
        ("2025-02-30", None),
        ("NaT", None),
    ],
)
def test_instants_are_read_as_iso_writes_them(csv, opened, make, visits, cell, instant):
    """With or without seconds and offset; midnight at a day's end is the next day's begin."""
    kpi = make(Simple(count(visits)), window=None)

    (result,) = opened(csv("visit_id,at", f"v,{cell}"), kpi).compute(kpi.id)

    if instant is None:
        assert result.value is None or result.data_through is None
        return
    assert result.data_through == dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_line_ends_marks_and_blank_lines_change_nothing(csv, value, visits, end, before):
    """A byte order mark, blank lines in front or between, and any one kind of line end."""
    before = before.replace(b"\n", end.encode())
    source = csv("visit_id, units ,", "v,1,", "", "w,2.5,", end=end, before=before)

    assert value(source, total(visits, visits["units"])) == 3.5


def test_parts_may_order_their_columns_as_they_like(csv, value, visits):
    """Cells go by their column's name, case aside, and not by their place."""
    csv("visit_id,units", "v,1", name="core_visits/a.csv")
    csv("units;visit_id", "2,5;w", name="core_visits/b.csv")
    source = csv("UNITS,visit_id", "0.25,w", name="core_visits/c.csv.gz")

    assert "line 2, column 'units': '2,5'" in value(source, total(visits, visits["units"]))
    csv("units;visit_id", "2.5;w", name="core_visits/b.csv")
    assert value(source, total(visits, visits["units"])) == 3.75


@pytest.mark.parametrize("lacking", ["a", "b"])
def test_a_column_that_some_parts_lack_is_named_where_it_is_read(csv, value, visits, lacking):
    """First part or last: rows without the column are no rows with a missing value."""
    other = {"a": "b", "b": "a"}[lacking]
    csv("visit_id", "v", name=f"core_visits/{lacking}.csv")
    source = csv("visit_id,units", "w,2", name=f"core_visits/{other}.csv")

    found = value(source, total(visits, visits["units"]))

    assert (
        f"column 'units' of table 'core_visits' is in '{source}/core_visits/{other}.csv'" in found
    )
    assert f"and not in '{source}/core_visits/{lacking}.csv'" in found
    assert value(source, count(visits)) == 2


def test_a_fraction_in_the_eleventh_part_is_kept(csv, value, visits):
    """What the first parts look like decides nothing."""
    for part in range(11):
        source = csv(
            "visit_id,units", f"v,{14.4 if part == 10 else 14}", name=f"core_visits/{part:02}.csv"
        )

    assert value(source, maximum(visits, visits["units"])) == 14.4
    assert value(source, mean(visits, visits["units"])) == pytest.approx(154.4 / 11)


def test_a_column_named_twice_harms_only_who_reads_it(csv, value, visits):
    """Which of the two is meant cannot be guessed; the others are what they are."""
    source = csv("visit_id,units,amount,Units", "v,1,2,3")

    assert "names 'units' twice" in value(source, total(visits, visits["units"]))
    assert value(source, total(visits, visits["amount"])) == 2


def test_a_header_of_another_case_is_the_column_that_is_declared(csv, value, visits):
    """Its cells are read as the type that is declared, and another name is none the better."""
    source = csv("visit_id,Units,Amount ", "v,14.4,2")

    assert value(source, total(visits, visits["units"])) == 14.4
    assert value(source, total(visits, visits["amount"])) == 2


def test_two_headers_that_differ_in_their_case_alone_are_refused(csv, value, visits):
    """Nothing tells which of them is meant, where neither and where one is written as declared."""
    for first in ("units", "UNITS"):
        found = value(csv(f"visit_id,{first},Units", "v,1,2"), total(visits, visits["units"]))

        assert "names 'units' twice; keep one" in found


def test_a_mapped_column_is_read_as_the_one_it_stands_for(csv, opened, make, visits):
    """The declared type goes with the mapping, on a table with a dot in its name too."""
    source = csv("visit_id,menge", "v,14.4", "w,14", name="erp.v1.besuche.csv")
    tables = {"core_visits": TableMapping("erp.v1.besuche", {"units": "menge"})}
    settings = Settings(sources={"shop": SourceSettings(url=str(source), tables=tables)})
    kpi = make(Simple(total(visits, visits["units"])), window=None)

    assert opened("shop", kpi, settings=settings).compute(kpi.id)[0].value == 28.4


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "is empty (0 bytes)"), (b"\n\n", "blank lines")]
)
def test_a_file_without_a_first_line_says_so(csv, value, visits, content, said):
    """One sentence, and what the first line is for."""
    source = csv("visit_id", "v")
    (source / "core_visits.csv").write_bytes(content)

    found = value(source, count(visits))

    assert said in found
    assert "its first line must name the columns" in found


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_named_with_its_line(csv, value, visits, encoding):
    """Near the beginning and far below; only UTF-8 is read."""
    source = csv("visit_id,site", "v,a")
    rows = ["visit_id,site", *["v,a"] * 20_000, "v,Zürich", ""]
    (source / "core_visits.csv").write_bytes("\n".join(rows).encode(encoding))

    found = value(source, count(visits, visits["site"].equals("a")))

    assert f"line {20_002 if encoding == 'latin-1' else 1}: not UTF-8" in found


def test_lines_that_end_in_two_ways_are_told(csv, value, visits):
    """DuckDB cannot tell where its rows end, and the sentence says why."""
    source = csv("visit_id,site\r\nv,a\nw,b\r\n")

    assert "lines end in more than one way" in value(source, count(visits))


def test_a_gzip_file_that_is_not_whole_is_refused_wherever_it_is_cut(csv, value, visits):
    """Cut anywhere, with a wrong checksum, or with something behind it; members may be many."""
    source = csv("visit_id,units", *(f"v{n * 7919 % 10_007},{n % 97}" for n in range(4000)),
                 name="core_visits.csv.gz")  # fmt: skip
    file = source / "core_visits.csv.gz"
    whole = file.read_bytes()
    wrong = bytearray(whole)
    wrong[-6] ^= 1

    damaged = [whole[:at] for at in range(20, len(whole), len(whole) // 8)]
    for content in (*damaged, whole[:-1], bytes(wrong), whole + b"more"):
        file.write_bytes(content)
        assert "it is cut off or damaged" in value(source, count(visits))
    file.write_bytes(whole + gzip.compress(b"v,1\n"))
    assert value(source, count(visits)) == 4001

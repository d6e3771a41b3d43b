"""Folders and patterns of files: which of them are a table's, and which are no part of it."""

from __future__ import annotations

import datetime as dt

import pytest

from kpisdk import Reason, Simple, SourceUnavailableError, count
from kpisdk.settings import Settings, SourceSettings, TableMapping

HEAD = "visit_id,at,day,site,person,amount,units,done,doc"
ROW = "v1,2025-06-20 10:00:00,2025-06-20,a,p1,1.5,2,true,{}"


def parquet(path, table):
    """A frame as a Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path, index=False)


def test_a_folder_of_parts_is_one_table(tmp_path, table, opened, make):
    """Its name is the table's; a part may lack a column that another has."""
    at = dt.datetime(2025, 6, 20)
    parquet(tmp_path / "core_visits" / "one.parquet", table({"site": "a", "at": at}))
    parquet(
        tmp_path / "core_visits" / "two.parquet",
        table({"site": "b", "at": at}, {"site": "a", "at": at}).drop(columns="amount"),
    )

    report = opened(tmp_path, make()).compute("CORE-T-001", by=["site"])

    assert [(result.slice["site"], result.value) for result in report] == [("a", 2), ("b", 1)]


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        ("2025/b.csv", "holds '2025' beside its parts, which would be left out"),
        ("b.csv.bz2", "holds 'b.csv.bz2' beside its parts, which would be left out"),
        ("b.csv/c.csv", "holds 'b.csv' beside its parts, which would be left out"),
        ("b.parquet", "holds csv and parquet files: the parts of a table are of one format"),
        ("_delta_log/0.json", "holds '_delta_log', a log of which of its files count"),
    ],
)
def test_a_part_that_would_be_left_out_is_told_and_no_number_made(
    csv, opened, make, left_out, words
):
    """Half of a table's rows are no answer; the other tables of the source are read."""
    csv(ROW, name="other.csv")
    shop = csv(ROW)
    parts = shop / "core_visits"
    (parts / left_out).parent.mkdir(parents=True)
    (shop / "core_visits.csv").rename(parts / "a.csv")
    (parts / left_out).write_text(f"{HEAD}\n{ROW}\n")
    settings = Settings(
        sources={"other": SourceSettings(str(shop), {"core_visits": TableMapping("other")})}
    )

    result = opened(shop, make()).compute("CORE-T-001")[0]

    assert (result.value, result.reason) == (None, Reason.QUERY_FAILED)
    assert words in result.message
    assert opened("other", make(), settings=settings).compute("CORE-T-001")[0].value == 1


def test_marks_beside_parts_are_no_parts(csv, opened, make):
    """What a writer of parts leaves behind begins with a line or a point, and is passed by."""
    shop = csv(ROW)
    (shop / "core_visits").mkdir()
    (shop / "core_visits.csv").rename(shop / "core_visits" / "a.csv")
    for name in ("_SUCCESS", ".a.csv.crc", "._a.csv", "_SUCCESS.crc"):
        (shop / "core_visits" / name).write_text("8f3a")

    assert opened(shop, make()).compute("CORE-T-001")[0].value == 1


def test_parts_in_folders_below_are_named_where_they_are_missed(csv, opened, make):
    """A table that is spread over folders is not merely absent."""
    shop = csv(ROW, name="other.csv")
    (shop / "core_visits" / "year=2025").mkdir(parents=True)
    (shop / "core_visits" / "year=2025" / "a.csv").write_text(f"{HEAD}\n{ROW}\n")

    result = opened(shop, make()).compute("CORE-T-001")[0]

    assert (result.value, result.reason) == (None, Reason.QUERY_FAILED)
    assert "files itself; folders below it are not read" in result.message


def test_globs_single_files_and_compressed_files(csv, tmp_path, opened, make):
    """A pattern, one file, and a gzip file are sources too."""
    import gzip

    folder = csv(ROW)
    csv(ROW, ROW, name="other.csv")
    zipped = tmp_path / "zipped" / "core_visits.csv.gz"
    zipped.parent.mkdir()
    zipped.write_bytes(gzip.compress(f"{HEAD}\n{ROW}\n{ROW}\n{ROW}\n".encode()))

    def value(source):
        return opened(source, make()).compute("CORE-T-001")[0].value

    assert value(str(folder / "core_*.csv")) == 1
    assert value(folder / "core_visits.csv") == 1
    assert value(str(zipped.parent)) == 3


@pytest.mark.parametrize("names", [("core_visits.csv", "core_visits.tsv")])
def test_two_files_of_one_name_are_refused(csv, names, opened, make):
    """Which of the two is meant cannot be guessed."""
    for name in names:
        folder = csv(ROW, name=name)

    with pytest.raises(SourceUnavailableError, match="more than one file stands for table core_v"):
        _ = opened(folder, make()).open_source().identity
    assert opened(folder, make()).compute("CORE-T-001")[0].reason is Reason.SOURCE_UNAVAILABLE


def test_an_empty_folder_and_one_without_tables_are_refused(tmp_path, opened, make):
    """What is read is said."""
    nothing, letters = tmp_path / "nothing", tmp_path / "letters"
    nothing.mkdir()
    letters.mkdir()
    (letters / "letter.txt").write_text("dear")
    (letters / "below").mkdir()

    for location, words in (
        (nothing, "is empty"),
        (letters, "holds none of"),
        (tmp_path / "none" / "*.csv", "there is no file or folder"),
    ):
        result = opened(location, make()).compute("CORE-T-001")[0]
        assert result.reason is Reason.SOURCE_UNAVAILABLE
        assert words in result.message


def test_names_of_files_and_columns_are_data(csv, opened, make, visits):
    """Quotes, blanks and semicolons in names: quoted, never executed."""
    name = 'it\'s; DROP "x" --'
    folder = csv(ROW, name=f"{name}.csv", head=HEAD.replace("site", "'; DROP --"))
    tables = {"core_visits": TableMapping(name, {"site": "'; DROP --"})}
    settings = Settings(sources={"shop": SourceSettings(url=str(folder), tables=tables)})
    kpi = make(Simple(count(visits, visits["site"].equals("a"))))

    assert opened("shop", kpi, settings=settings).compute(kpi.id)[0].value == 1


@pytest.mark.parametrize(
    ("meant", "other"), [("data[1]", "data1"), ("star*", "star9"), ("why?", "whys"), ("[", "x")]
)
def test_signs_of_patterns_in_names_are_letters(tmp_path, table, opened, make, meant, other):
    """A folder whose name would be a pattern is that folder, and not one that the pattern fits."""
    once, twice = table({}), table({}, {})
    for kind, write in (("csv", "to_csv"), ("parquet", "to_parquet")):
        for name, rows in ((meant, once), (other, twice)):
            (tmp_path / kind / name).mkdir(parents=True)
            getattr(rows, write)(tmp_path / kind / name / f"core_visits.{kind}", index=False)

        assert opened(tmp_path / kind / meant, make()).compute("CORE-T-001")[0].value == 1


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_column_is_the_files_own_whatever_the_folder_is_called(
    tmp_path, table, opened, make, kind
):
    """A folder's name is no value: the file says where the visit was."""
    folder = tmp_path / "site=elsewhere"
    folder.mkdir()
    rows = table({"site": "here"})
    write = {"csv": rows.to_csv, "parquet": rows.to_parquet}[kind]
    write(folder / f"core_visits.{kind}", index=False)

    (result,) = opened(folder, make()).compute("CORE-T-001", by=["site"])

    assert (result.slice["site"], result.value) == ("here", 1)

"""Data sets in files: whole or not at all, marked synthetic, equal in every form."""

from datetime import datetime

import duckdb
import pandas as pd
import pytest

import kpisdk_demo
from kpisdk_demo import NotADemoError, contract, marks

END = datetime(2026, 3, 1, 12, 30)
ARGUMENTS = (0.02, 5, END)
DUCKDB = {
    "text": "VARCHAR",
    "json": "JSON",
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
META = {
    "synthetic": "true",
    "generator": "kpisdk-demo",
    "version": marks.VERSION,
    "seed": "5",
    "scale": "0.02",
    "end": "2026-03-01T12:30:00Z",
}


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """A small data set as a DuckDB file."""
    return kpisdk_demo.write_duckdb(tmp_path_factory.mktemp("demo") / "demo.duckdb", *ARGUMENTS)


def rows_of(connection, origin, table):
    """All rows of a table, ordered by its key."""
    columns = ", ".join(
        f"CAST({name} AS {DUCKDB[kind]})::VARCHAR" for name, kind in contract.TABLES[table].items()
    )
    return connection.execute(f"SELECT {columns} FROM {origin} ORDER BY 1").fetchall()


def test_the_duckdb_file_has_the_contracts_types(database):
    """Text, BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP without a zone, and JSON."""
    with duckdb.connect(str(database), read_only=True) as connection:
        for table, layout in contract.TABLES.items():
            described = connection.execute(f"DESCRIBE {table}").fetchall()
            assert {name: DUCKDB[kind] for name, kind in layout.items()} == {
                row[0]: row[1] for row in described
            }


def test_the_duckdb_file_is_marked_synthetic(database):
    """``kpisdk_meta`` says that the rows are synthetic and how to make them again."""
    with duckdb.connect(str(database), read_only=True) as connection:
        assert dict(connection.execute("SELECT key, value FROM kpisdk_meta").fetchall()) == META
    assert marks.is_demo_file(database)


def test_json_columns_hold_valid_json(database):
    """Every JSON column can be read as JSON."""
    with duckdb.connect(str(database), read_only=True) as connection:
        for table, layout in contract.TABLES.items():
            for name in (name for name, kind in layout.items() if kind == "json"):
                invalid = connection.execute(
                    f"SELECT count(*) FROM {table} WHERE NOT json_valid({name}::VARCHAR)"
                ).fetchone()
                assert invalid == (0,)


@pytest.mark.parametrize(
    ("write", "suffix"),
    [(kpisdk_demo.write_csv_folder, "csv"), (kpisdk_demo.write_parquet_folder, "parquet")],
)
def test_folders_hold_the_same_rows_as_the_database(database, tmp_path, write, suffix):
    """One file per table, each equal to the DuckDB table, cell by cell."""
    folder = write(tmp_path / "tables", *ARGUMENTS)

    names = {*contract.TABLES, contract.META}
    assert names == {path.stem for path in folder.iterdir()}
    with duckdb.connect(str(database), read_only=True) as connection:
        for table in contract.TABLES:
            path = folder / f"{table}.{suffix}"
            origin = f"'{path}'"
            if suffix == "csv":
                # Quoted empty text is text, an empty field is NULL.
                origin = f"read_csv('{path}', all_varchar=true, allow_quoted_nulls=false)"
            assert rows_of(connection, table, table) == rows_of(connection, origin, table), table


def test_frames_hold_the_same_rows_as_the_database(database):
    """Frames have every row, with NULL where the database has it."""
    frames = kpisdk_demo.frames(*ARGUMENTS)

    marks = frames.pop(contract.META)
    assert dict(zip(marks.key, marks.value, strict=True)) == META
    assert list(contract.TABLES) == list(frames)
    with duckdb.connect(str(database), read_only=True) as connection:
        for table, frame in frames.items():
            connection.register("frame", frame)
            assert rows_of(connection, table, table) == rows_of(connection, "frame", table), table
    assert isinstance(frames["triggers"].lead_time_days.dtype, pd.Int64Dtype)
    assert isinstance(frames["triggers"].change_failed.dtype, pd.BooleanDtype)


def test_progress_is_told_up_to_the_end(tmp_path):
    """A caller that asks for progress hears of every batch, the last one at 1."""
    heard = []

    kpisdk_demo.write_duckdb(tmp_path / "demo.duckdb", *ARGUMENTS, progress=heard.append)

    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path):
    """A run that breaks off changes nothing: the file is replaced whole or not at all."""
    target = kpisdk_demo.write_duckdb(tmp_path / "demo.duckdb", *ARGUMENTS)
    before = target.read_bytes()

    def broken(share):
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        kpisdk_demo.write_duckdb(target, 0.02, 6, END, progress=broken)

    assert before == target.read_bytes()
    assert [target] == list(tmp_path.iterdir())


def test_a_second_run_replaces_the_first(tmp_path):
    """Writing again leaves the newer data set alone."""
    target = kpisdk_demo.write_duckdb(tmp_path / "demo.duckdb", *ARGUMENTS)
    kpisdk_demo.write_duckdb(target, 0.02, 6, END)

    with duckdb.connect(str(target), read_only=True) as connection:
        seed = connection.execute("SELECT value FROM kpisdk_meta WHERE key = 'seed'").fetchone()
    assert seed == ("6",)


def test_wrong_arguments_leave_nothing_behind(tmp_path):
    """A refused scale writes no file."""
    with pytest.raises(kpisdk_demo.DemoPlanError):
        kpisdk_demo.write_duckdb(tmp_path / "demo.duckdb", -1, 1, END)

    assert list(tmp_path.iterdir()) == []


def test_only_files_of_this_plugin_are_demo_files(tmp_path):
    """A missing file, a text file and another database are none."""
    text, other = tmp_path / "notes.duckdb", tmp_path / "other.duckdb"
    text.write_text("hello")
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE precious (value INTEGER)")

    assert not marks.is_demo_file(tmp_path / "missing.duckdb")
    assert not marks.is_demo_file(tmp_path)
    assert not marks.is_demo_file(text)
    assert not marks.is_demo_file(other)


def test_a_folder_with_other_files_is_refused(tmp_path):
    """A folder is replaced only where this plugin wrote it, or where it is empty."""
    (tmp_path / "thesis.csv").write_text("years of work")

    with pytest.raises(NotADemoError, match="cannot be read as a demo data set") as refused:
        kpisdk_demo.write_csv_folder(tmp_path, *ARGUMENTS)

    assert refused.value.path == str(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.csv"]


def test_a_file_is_no_folder_to_write_to(tmp_path):
    """A file in the folder's place is left as it is."""
    place = tmp_path / "tables"
    place.write_text("a file")

    with pytest.raises(NotADemoError):
        kpisdk_demo.write_parquet_folder(place, *ARGUMENTS)

    assert place.read_text() == "a file"


def test_a_demo_folder_is_replaced(tmp_path):
    """An older data set of this plugin makes way for the new one, with no file left over."""
    folder = tmp_path / "tables"
    folder.mkdir()
    kpisdk_demo.write_csv_folder(folder, *ARGUMENTS)
    kpisdk_demo.write_parquet_folder(folder, *ARGUMENTS)

    assert {path.suffix for path in folder.iterdir()} == {".parquet"}

"""Interactions from any source: by URL, folder, settings and frames, in one order."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from kpisdk.cli import main
from kpisdk_edu_dkt.dkt.artefact.storing import save
from kpisdk_edu_dkt.dkt.data.from_source import is_source, read_source
from kpisdk_edu_dkt.dkt.data.reading import from_frame
from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.errors import InteractionsError
from kpisdk_edu_dkt.dkt.learning.training import Trained


@pytest.fixture(scope="module")
def frame(dkt_split: Split) -> pd.DataFrame:
    """The test students' rows."""
    return pd.DataFrame(dkt_split.test.columns()).drop(columns="p_true")


def test_interactions_can_be_read_from_any_source(
    frame: pd.DataFrame, dkt_split: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames, DuckDB by URL, a folder, and a named source with other names: the same rows."""
    monkeypatch.chdir(tmp_path)
    database = f"duckdb:///{tmp_path}/x.duckdb"
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute("create table interactions as select * from frame")
        connection.execute("create table logs as select student_id as pupil, * from frame")
        connection.execute("alter table logs drop student_id")
    (tmp_path / "folder").mkdir()
    frame.to_csv(tmp_path / "folder" / "interactions.csv", index=False)
    (tmp_path / "kpisdk.toml").write_text(
        f'[sources.school]\nurl = "{database}"\n'
        '[sources.school.tables.interactions]\ntable = "logs"\ncolumns = {student_id = "pupil"}\n'
    )
    expected = from_frame(frame)

    for location in ({"interactions": frame}, database, str(tmp_path / "folder"), "school"):
        found = read_source(location)
        assert sorted(found.student.names) == sorted(expected.student.names)
        assert found.correct.sum() == expected.correct.sum()
        assert len(found) == len(dkt_split.test)
    assert is_source(database)
    assert is_source("school")
    assert not is_source(str(tmp_path / "folder" / "interactions.csv"))
    assert not is_source("nowhere.csv")


def test_a_source_is_read_in_one_order(frame: pd.DataFrame, tmp_path: Path) -> None:
    """Shuffled tables give equal rows with equal numbers, so that messages name the same ones."""
    expected = read_source({"interactions": frame})
    shuffled = frame.sample(frac=1, random_state=2)
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute("create table interactions as select * from shuffled")

    for location in ({"interactions": shuffled}, f"duckdb:///{tmp_path}/x.duckdb"):
        found = read_source(location)
        assert found.sha256 == expected.sha256
        assert found.row.tolist() == expected.row.tolist()


def test_a_source_without_the_table_is_told(frame: pd.DataFrame) -> None:
    """The sentence names the source and the table."""
    with pytest.raises(InteractionsError, match=r"table interactions.*no such table"):
        read_source({"something": frame})


def test_a_command_opens_the_sources_of_the_settings_that_config_names(
    frame: pd.DataFrame,
    dkt_trained: Trained,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A name means what the file of ``--config`` says; without it, the name is no source."""
    monkeypatch.chdir(tmp_path)
    save(dkt_trained.model, tmp_path / "model")
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute("create table interactions as select * from frame")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "school.toml").write_text(
        f'[sources.school]\nurl = "duckdb:///{tmp_path}/x.duckdb"\n'
    )
    command = ["dkt", "predict", "model", "school", "--format", "csv"]

    assert main(["--config", str(elsewhere / "school.toml"), *command]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(frame) + 1
    assert main(command) == 2
    assert "school" in capsys.readouterr().err

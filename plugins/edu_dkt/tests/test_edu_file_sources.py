"""``kt:`` and ``koryxa:``: the formats of the commands as sources of every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from koryxa_logs import HEAD, ROW

from kpisdk import Reason, Workspace
from kpisdk.cli import main
from kpisdk.settings import Settings, SourceSettings
from kpisdk_edu_dkt.dkt.artefact.storing import save
from kpisdk_edu_dkt.dkt.data.reading import read
from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.data.writing import write_csv
from kpisdk_edu_dkt.dkt.evaluation.report import evaluate
from kpisdk_edu_dkt.dkt.learning.training import Trained

THREE_LINES = "3\n1,2,1\n1,0,1\n2\n2,1\n0,1\n"
"""Two students, five answers: the three-line format of public data."""


def test_a_file_of_the_notebooks_columns_answers_a_kpi_of_the_model(
    dkt_split: Split, dkt_trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``compute EDU-DKT-001 --source kt:test.csv --param model=m``: the AUC of the report."""
    save(dkt_trained.model, tmp_path / "m")
    with (tmp_path / "test.csv").open("w", encoding="utf-8", newline="") as handle:
        write_csv(dkt_split.test, handle)
    expected = evaluate(dkt_trained.model, read(tmp_path / "test.csv"))

    asked = ("EDU-DKT-001", "--source", f"kt:{tmp_path / 'test.csv'}", "--no-cache")
    code = main(["compute", *asked, "--param", f"model={tmp_path / 'm'}", "--format", "json"])
    (result,) = json.loads(capsys.readouterr().out)["results"]

    assert code == 0
    assert result["value"] == pytest.approx(expected.model["auc"].value, abs=1e-9)
    assert result["answered_by"] == "interactions"


def test_a_public_file_is_the_table_of_interactions(tmp_path: Path) -> None:
    """Three lines a student; five answers, of which three are right."""
    (tmp_path / "public.txt").write_text(THREE_LINES)

    with Workspace(f"kt:{tmp_path / 'public.txt'}", cache="off").open_source().session() as session:
        session.columns("interactions")  # a table is made when it is first asked about
        rows = session.rows(sa.text("SELECT count(*), sum(CAST(correct AS INT)) FROM interactions"))

    assert rows == [(5, 3)]


def test_a_file_that_breaks_the_contract_is_no_source(tmp_path: Path) -> None:
    """What is wrong is the reason of the KPI, with the line; no number is made of the rest."""
    (tmp_path / "bad.csv").write_text("student_id,t,skill_id,correct\na,0,s,7\n")

    (result,) = Workspace(f"kt:{tmp_path / 'bad.csv'}", cache="off").compute("EDU-DKT-001")

    assert result.reason is Reason.SOURCE_UNAVAILABLE
    assert "line 2" in result.message


@pytest.mark.parametrize("kind", ["kt", "koryxa"])
def test_a_file_that_is_not_there_is_told_by_its_name(kind: str, tmp_path: Path) -> None:
    """The location is written out as it is meant to be."""
    with pytest.raises(Exception, match=rf"no file .*none.csv.*{kind}:"):
        Workspace(f"{kind}:{tmp_path / 'none.csv'}", cache="off").compute("EDU-KX-001")


def test_an_events_log_answers_the_schools_kpis(tmp_path: Path) -> None:
    """One user of the module, who has validated it: a completion rate of 1."""
    (tmp_path / "log.csv").write_text(f"{HEAD}\n{ROW}\n")

    (result,) = Workspace(f"koryxa:{tmp_path / 'log.csv'}", cache="off").compute("EDU-KX-001")

    assert (result.value, result.n) == (1, 1)


def test_a_damaged_log_is_refused_until_somebody_says_to_leave_out_what_is_damaged(
    tmp_path: Path,
) -> None:
    """A time that is none: counted in the reason, and read as missing where that is wanted."""
    (tmp_path / "log.csv").write_text(f"{HEAD}\n{ROW}\nu2,A,Togo,m1,start,yesterday,0,0\n")
    url = f"koryxa:{tmp_path / 'log.csv'}"
    lenient = Settings(sources={"log": SourceSettings(url, options={"damaged": "leave_out"})})

    (refused,) = Workspace(url, cache="off").compute("EDU-KX-001")
    (read_as_missing,) = Workspace("log", settings=lenient, cache="off").compute("EDU-KX-001")

    assert refused.reason is Reason.SOURCE_UNAVAILABLE
    assert "Values of timestamp that are no UTC timestamps, read as missing: 1" in refused.message
    assert read_as_missing.value == 0.5


def test_a_log_that_has_changed_is_read_anew(tmp_path: Path) -> None:
    """A kept result is not that of another file."""
    path = tmp_path / "log.csv"
    path.write_text(f"{HEAD}\n{ROW}\n")
    workspace = Workspace(f"koryxa:{path}", cache="memory")
    first, again = (workspace.compute("EDU-KX-001")[0] for _ in range(2))
    path.write_text(f"{HEAD}\n{ROW}\nu2,A,Togo,m1,start,2026-01-01T00:00:00Z,0,0\n")

    changed = workspace.compute("EDU-KX-001")[0]

    assert (first.value, again.cached) == (1, True)
    assert (changed.value, changed.cached) == (0.5, False)

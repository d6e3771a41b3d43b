"""The five KPIs through the core: the numbers of the report, judged, with honest absences."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import duckdb
import numpy as np
import pandas as pd
import pytest

from kpisdk import Kpi, Status, Workspace, hookimpl
from kpisdk.settings import KpiSettings, Settings
from kpisdk_edu_dkt.dkt.artefact.storing import save
from kpisdk_edu_dkt.dkt.data.events import as_events
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.evaluation.metrics import METRICS
from kpisdk_edu_dkt.dkt.evaluation.report import evaluate
from kpisdk_edu_dkt.dkt.kpi_values import gain_over_counts, metric, share_at_mastery
from kpisdk_edu_dkt.dkt.kpis import KPIS
from kpisdk_edu_dkt.dkt.learning.training import Trained
from kpisdk_edu_dkt.dkt.serving.mastery import mastery
from kpisdk_edu_dkt.dkt.settings import DktSettings


class Plugin:
    """The KPIs of this half of the plugin, brought by themselves."""

    __name__ = "edu_dkt_half"

    @hookimpl
    def kpisdk_kpis(self) -> Iterator[Kpi]:
        """The KPIs."""
        yield from KPIS

    @hookimpl
    def kpisdk_settings(self) -> type:
        """Where the model's folder may be named."""
        return DktSettings


@pytest.fixture(scope="module")
def folder(dkt_trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as a folder."""
    place = tmp_path_factory.mktemp("model")
    save(dkt_trained.model, place)
    return place


def frame_of(interactions: Interactions) -> pd.DataFrame:
    """The rows as a frame, as a source would hold them."""
    return pd.DataFrame(interactions.columns()).drop(columns="p_true")


@pytest.fixture(scope="module")
def frame(dkt_split: Split) -> pd.DataFrame:
    """The test students' rows."""
    return frame_of(dkt_split.test)


def compute(
    source: Any, model: Path | None, *ids: str, settings: Settings | None = None, **arguments: Any
) -> dict[str, Any]:
    """Results by id."""
    parameters = {} if model is None else {"model": str(model)}
    installed = {kpi.id for kpi in KPIS} & set(Workspace(source).registry.kpis)
    plugins = () if installed else (Plugin(),)
    workspace = Workspace(source, plugins=plugins, cache="off", settings=settings)
    wanted = ids or tuple(kpi.id for kpi in KPIS)
    report = workspace.compute(*wanted, parameters=parameters, **arguments)
    return {result.kpi_id: result for result in report.results}


def test_rows_or_other_units_are_drawn_where_somebody_says_so(
    frame: pd.DataFrame, folder: Path
) -> None:
    """A request takes rows, settings take skills; the values stay the same."""
    source = {"interactions": frame}
    settings = Settings(kpis={kpi.id: KpiSettings("skill_id") for kpi in KPIS})

    by_student = compute(source, folder)
    by_row = compute(source, folder, intervals="row")
    by_skill = compute(source, folder, settings=settings)

    for kpi_id, student in by_student.items():
        assert (student.interval.unit, student.interval.method.split(" (")[0]) == (
            "student_id",
            "bootstrap over students",
        )
        for found, unit, drawn in (
            (by_row[kpi_id], "row", "rows"),
            (by_skill[kpi_id], "skill_id", "units"),
        ):
            assert found.value == student.value
            assert found.interval.unit == unit
            assert found.interval.method.startswith(f"bootstrap over {drawn} ")
            assert found.interval != student.interval


def test_the_five_values_are_those_of_the_report(
    frame: pd.DataFrame, folder: Path, dkt_trained: Trained, dkt_split: Split
) -> None:
    """AUC, accuracy, ECE, share mastered and gain equal what the model's own report says."""
    results = compute({"interactions": frame}, folder)
    report = evaluate(dkt_trained.model, dkt_split.test)
    reached, pairs = mastery(dkt_trained.model, dkt_split.test).share_at(0.8)
    expected = {
        "EDU-DKT-001": report.model["auc"].value,
        "EDU-DKT-002": report.model["accuracy"].value,
        "EDU-DKT-003": report.model["ece"].value,
        "EDU-DKT-004": reached / pairs,
        "EDU-DKT-005": report.gain.value if report.gain else None,
    }

    for kpi_id, value in expected.items():
        result = results[kpi_id]
        # The KPI takes the students in another order, and the model rounds to single precision.
        assert result.value == pytest.approx(value, abs=1e-9), kpi_id
        assert result.interval is not None
        assert result.interval.low <= value <= result.interval.high
        assert result.interval.unit == "student_id"
    assert results["EDU-DKT-001"].n == len(dkt_split.test)
    assert results["EDU-DKT-004"].denominator == pairs


def test_values_are_judged_by_the_thresholds_of_the_issue() -> None:
    """Directions and bounds as they were set; the share mastered has none."""
    bounds = {kpi.id: (kpi.direction.value, kpi.target, kpi.warning, kpi.critical) for kpi in KPIS}

    assert bounds == {
        "EDU-DKT-001": ("higher", 0.75, 0.70, 0.60),
        "EDU-DKT-002": ("higher", 0.75, 0.65, 0.55),
        "EDU-DKT-003": ("lower", 0.05, 0.10, 0.20),
        "EDU-DKT-004": ("higher", None, None, None),
        "EDU-DKT-005": ("higher", 0.0, -0.01, -0.03),
    }


def test_every_sentence_of_the_records_is_said_in_french_too() -> None:
    """A school that exports its dictionary in French gets no row that changes language half-way."""
    english = {"name", "definition", "formula", "objective", "gaming_risk", "controls"}
    for kpi in KPIS:
        own = {"name": kpi.name, "definition": kpi.definition, "formula": kpi.formula}
        own |= {key: text for key, text in attrs.asdict(kpi.governance).items() if text}
        french = kpi.translations["fr"]
        needed = english | {key for key in ("numerator", "denominator") if own.get(key)}

        assert needed <= french.keys(), kpi.id
        assert not [key for key in needed if french[key] == own[key]], kpi.id


def test_the_status_follows_from_value_and_thresholds(frame: pd.DataFrame, folder: Path) -> None:
    """A small class: an AUC between 0.5 and 0.7 cannot be good; no target means unknown."""
    results = compute({"interactions": frame}, folder, "EDU-DKT-001", "EDU-DKT-004")

    assert results["EDU-DKT-001"].status in {Status.CRITICAL, Status.WARNING}
    assert results["EDU-DKT-004"].status == Status.UNKNOWN


def test_without_a_model_there_is_no_value_but_a_way_out(frame: pd.DataFrame) -> None:
    """The reason is a missing parameter, and the sentence says how to name a model."""
    result = compute({"interactions": frame}, None, "EDU-DKT-001")["EDU-DKT-001"]

    assert result.value is None
    assert result.reason == "missing_parameter"
    assert "kpisdk dkt train" in result.message


def test_a_missing_column_of_the_model_is_told(frame: pd.DataFrame, folder: Path) -> None:
    """The model reads difficulty and phases: without them no number is made up."""
    bare = frame[["student_id", "t", "skill_id", "correct"]]
    result = compute({"interactions": bare}, folder, "EDU-DKT-001")["EDU-DKT-001"]

    assert result.value is None
    assert result.reason == "missing_column"
    assert "difficulty" in result.message


def test_ids_may_be_integers_in_the_source(
    frame: pd.DataFrame, folder: Path, tmp_path: Path
) -> None:
    """Frames and a database with integer students and skills give the number of the text ones."""
    numbered = frame.assign(
        student_id=frame["student_id"].astype(int), skill_id=frame["skill_id"].astype(int)
    )
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute("create table interactions as select * from numbered")
    expected = compute({"interactions": frame}, folder, "EDU-DKT-001")["EDU-DKT-001"].value

    for source in ({"interactions": numbered}, f"duckdb:///{tmp_path}/x.duckdb"):
        found = compute(source, folder, "EDU-DKT-001")["EDU-DKT-001"]
        assert found.value == pytest.approx(expected, abs=1e-12)


def test_a_source_without_students_is_told(frame: pd.DataFrame, folder: Path) -> None:
    """The column is named, and no number is made up."""
    nobody = {"interactions": frame.drop(columns="student_id")}
    result = compute(nobody, folder, "EDU-DKT-001")["EDU-DKT-001"]

    assert result.reason == "missing_column"
    assert "student_id" in result.message


def test_a_row_that_breaks_the_contract_stops_the_number(frame: pd.DataFrame, folder: Path) -> None:
    """One answer of 2 makes the KPI fail with the row and the rule, not with another number."""
    bad = frame.copy()
    bad.loc[3, "correct"] = 2
    result = compute({"interactions": bad}, folder, "EDU-DKT-002")["EDU-DKT-002"]

    assert result.value is None
    assert result.reason == "calculator_failed"
    assert "0 or 1" in result.message


def test_one_class_has_no_auc_and_keeps_its_reason(frame: pd.DataFrame, folder: Path) -> None:
    """All answers right: no AUC and no gain, but an accuracy."""
    results = compute({"interactions": frame.assign(correct=1)}, folder)

    assert results["EDU-DKT-001"].reason == "one_class"
    assert results["EDU-DKT-005"].reason == "one_class"
    assert results["EDU-DKT-002"].value is not None


def test_a_filter_that_would_cut_histories_is_refused(frame: pd.DataFrame, folder: Path) -> None:
    """Slicing by skill would take the past away from each prediction; by student is fine."""
    cut = compute({"interactions": frame}, folder, "EDU-DKT-001", where={"skill_id": "1"})
    one = frame["student_id"].iloc[0]
    kept = compute({"interactions": frame}, folder, "EDU-DKT-002", where={"student_id": one})

    assert cut["EDU-DKT-001"].reason == "unsupported_slice"
    assert kept["EDU-DKT-002"].n == (frame["student_id"] == one).sum()


def test_students_that_the_model_learned_from_are_told(
    folder: Path, dkt_class: Interactions, frame: pd.DataFrame, dkt_split: Split
) -> None:
    """On the whole class a warning counts them; on the test students there is none."""
    whole = compute({"interactions": frame_of(dkt_class)}, folder, "EDU-DKT-002")["EDU-DKT-002"]
    fresh = compute({"interactions": frame}, folder, "EDU-DKT-002")["EDU-DKT-002"]
    told = [note for note in whole.warnings if note.code == "learned_students"]
    fitted = dkt_split.train.students + dkt_split.valid.students

    assert told[0].message.startswith(f"{fitted} student ids")
    assert not [note for note in fresh.warnings if note.code == "learned_students"]


def test_a_csv_source_gives_the_same_number(
    frame: pd.DataFrame, folder: Path, tmp_path: Path
) -> None:
    """A file named interactions.csv is read through the core's own source."""
    frame.to_csv(tmp_path / "interactions.csv", index=False)
    one = compute({"interactions": frame}, folder, "EDU-DKT-001")["EDU-DKT-001"]
    two = compute(str(tmp_path), folder, "EDU-DKT-001")["EDU-DKT-001"]

    assert two.value == pytest.approx(one.value, abs=1e-9)


def test_the_mastery_level_is_a_parameter(dkt_trained: Trained, dkt_split: Split) -> None:
    """At level 0 every practised pair is mastered, above 1 none is."""
    assert share_at_mastery(dkt_trained.model, dkt_split.test, 0.0).score.value == 1.0
    assert share_at_mastery(dkt_trained.model, dkt_split.test, 1.01).score.value == 0.0


def test_nobody_has_no_share(dkt_trained: Trained, dkt_split: Split) -> None:
    """Without students the share is absent, not zero."""
    nobody = dkt_split.test.of_students(np.zeros(len(dkt_split.test.student.names), dtype=bool))

    assert share_at_mastery(dkt_trained.model, nobody).score.reason == "no_rows"
    assert gain_over_counts(dkt_trained.model, nobody).score.reason == "no_rows"


def test_a_model_without_a_baseline_has_no_gain(dkt_trained: Trained, dkt_split: Split) -> None:
    """An imported model was never fitted here: the gain is an error, not zero."""
    with pytest.raises(ArtefactError, match="no logistic regression"):
        gain_over_counts(attrs.evolve(dkt_trained.model, baseline=None), dkt_split.test)


def test_a_measure_is_a_metric_of_the_predictions(dkt_trained: Trained, dkt_split: Split) -> None:
    """Each named metric is computed on the same predictions."""
    p, y = dkt_trained.model.predict(as_events(dkt_split.test)), dkt_split.test.correct
    for name, function in METRICS.items():
        found = metric(name)(dkt_trained.model, dkt_split.test).score.value
        assert found == pytest.approx(function(p, y.astype(float)))


def test_the_records_import_nothing_heavy(tmp_path: Path) -> None:
    """Listing the KPIs loads neither NumPy nor torch nor pandas."""
    import os

    code = (
        "import sys\n"
        "import kpisdk_edu_dkt.dkt.kpis\n"
        "print(sorted({'numpy', 'torch', 'pandas', 'sqlalchemy', 'sklearn'} & set(sys.modules)))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )

    assert done.stdout.strip() == "[]"

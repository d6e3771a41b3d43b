"""``kpisdk causal …``: commands that read any source, answer in any format, and draw."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from kpisdk_causal import errors
from kpisdk_causal.commands import causal
from kpisdk_causal.commands.plots import PlotFormatError, draw
from kpisdk_causal.commands.source_table import UnknownTableError


@pytest.fixture
def trial_file(trial, tmp_path):
    """The trial as a CSV file, with a patient and a segment."""
    path = tmp_path / "trial.csv"
    trial.assign(
        patient=[f"p{n}" for n in range(200)], s=np.where(np.arange(200) % 2, "a", "b")
    ).to_csv(path, index=False)
    return path


def _run(*arguments):
    found = CliRunner().invoke(causal, [str(each) for each in arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found


EFFECT = ("--treatment", "t", "--outcome", "y", "--confounders", "x", "--no-cross-check")


def test_estimate_answers_in_json_with_everything(trial_file):
    """Value, interval, p, diagnostics and refutations in one object."""
    said = _run(
        "estimate", "--source", trial_file, *EFFECT, "--format", "json", "--refute", "placebo"
    )

    answer = json.loads(said.stdout)
    assert answer["estimator"] == "aipw"
    assert answer["confidence_interval"][0] < answer["value"] < answer["confidence_interval"][1]
    assert answer["diagnostics"]["overlap"]["bounds"] == [0.05, 0.95]
    assert answer["refutations"][0]["name"] == "placebo"


def test_estimate_answers_for_people(trial_file):
    """Rounded, with what it adjusted for and the warnings."""
    said = _run("estimate", "--source", trial_file, *EFFECT)

    assert "ate: 1 vs 0" in said.stdout
    assert "adjusted for: x (by declared)" in said.stdout
    assert "200 (" in said.stdout


def test_estimate_reads_the_graph_instead_of_a_list(trial_file, tmp_path):
    """A DOT file gives the adjustment set."""
    graph = tmp_path / "graph.dot"
    graph.write_text("digraph { x -> {t y}; t -> y; }")

    said = _run(
        "estimate",
        *("--source", trial_file, "--treatment", "t", "--outcome", "y"),
        *("--graph", graph, "--no-cross-check", "--format", "json"),
    )

    assert json.loads(said.stdout)["adjustment_set"] == ["x"]


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_plots_are_drawn(trial_file, tmp_path, suffix):
    """Effect, overlap and balance; the same estimate gives the same file."""
    pytest.importorskip("matplotlib")
    files = [tmp_path / f"{name}{suffix}" for name in ("one", "two")]

    for file in files:
        _run("estimate", "--source", trial_file, *EFFECT, "--plot", file)

    start = {".png": b"\x89PNG", ".svg": b"<?xml"}[suffix]
    assert files[0].read_bytes().startswith(start)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_plot_is_png_or_svg(trial, tmp_path):
    """Another suffix is refused before anything is written."""
    from kpisdk_causal.effects.average_effect import estimate_effect
    from kpisdk_causal.questions.question import EffectQuestion
    from kpisdk_causal.questions.rules import Rules

    answer = estimate_effect(
        trial,
        EffectQuestion(treatment="t", outcome="y", rules=Rules(cross_check=False)),
    )

    with pytest.raises(PlotFormatError, match="PNG or SVG"):
        draw(answer, tmp_path / "plot.gif")
    assert list(tmp_path.iterdir()) == []


def test_cate_answers_in_csv(trial_file):
    """A row for the value and one per segment, full precision."""
    said = _run(
        "cate",
        *("--source", trial_file, "--treatment", "t", "--outcome", "y", "--segment", "s"),
        *("--format", "csv"),
    )

    rows = list(csv.DictReader(io.StringIO(said.stdout)))
    assert [row["label"] for row in rows][1:] == ["a", "b"]
    assert all(float(row["low"]) < float(row["value"]) < float(row["high"]) for row in rows)


def test_counterfactual_and_mediate_answer(trial_file):
    """One patient; and the share through x."""
    one = _run(
        "counterfactual",
        *("--source", trial_file, "--treatment", "t", "--outcome", "y", "--confounders", "x"),
        *("--id-column", "patient", "--id", "p3", "--format", "json"),
    )
    share = _run(
        "mediate",
        *("--source", trial_file, "--treatment", "t", "--outcome", "y", "--mediators", "x"),
        *("--force", "--format", "json"),
    )

    assert json.loads(one.stdout)["details"]["patient"] == "p3"
    assert json.loads(share.stdout)["details"]["mediators"] == ["x"]


def test_impact_draws_the_series_with_its_counterfactual(tmp_path):
    """A step of 10 is found, and the plot holds the counterfactual."""
    pytest.importorskip("matplotlib")
    g = np.random.default_rng(1)
    step = np.where(np.arange(60) < 45, 0.0, 10.0)
    frame = pd.DataFrame(
        {"day": pd.date_range("2025-01-01", periods=60), "y": 50 + step + g.standard_normal(60)}
    )
    frame.to_csv(tmp_path / "sales.csv", index=False)
    plot = tmp_path / "impact.svg"

    said = _run(
        "impact",
        *("--source", tmp_path / "sales.csv", "--outcome", "y", "--time", "day"),
        *("--intervention", "2025-02-15", "--estimator", "local_level", "--plot", plot),
        *("--format", "json"),
    )

    assert json.loads(said.stdout)["value"] == pytest.approx(10, abs=1.5)
    assert plot.stat().st_size > 10_000


def test_paths_with_coefficients_need_no_rows(tmp_path):
    """0.5 · 0.8 + 0.3 from the numbers on the arrows."""
    graph = tmp_path / "graph.dot"
    graph.write_text(
        "digraph { t -> m [coefficient=0.5]; m -> y [coefficient=0.8]; t -> y [coefficient=0.3] }"
    )

    said = _run(
        "impact",
        *("--design", "paths", "--graph", graph, "--treatment", "t", "--outcome", "y"),
        *("--format", "json"),
    )

    assert json.loads(said.stdout)["value"] == pytest.approx(0.7)


def test_a_database_table_is_read(source_on, trial):
    """``--source`` takes what the SDK opens; ``--dataset`` names the table."""
    url = source_on("sqlite", {"trial": trial})

    said = _run("estimate", "--source", url, "--dataset", "trial", *EFFECT, "--format", "json")

    assert json.loads(said.stdout)["n_samples"] == 200


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("--dataset", "nope"), UnknownTableError, "no table 'nope'"),
        ((), UnknownTableError, "--dataset"),
    ],
)
def test_a_table_that_is_not_there_is_named(source_on, trial, arguments, error, words):
    """The source and the table are in the message."""
    url = source_on("sqlite", {"trial": trial})

    with pytest.raises(error, match=words):
        _run("estimate", "--source", url, *arguments, *EFFECT)


def test_a_column_that_is_not_there_is_named(trial_file):
    """The error of the estimate, not of the database."""
    with pytest.raises(errors.UnknownColumnsError, match="'age'"):
        _run("estimate", "--source", trial_file, *EFFECT, "--confounders", "age")


def test_importing_the_plugin_imports_nothing_heavy():
    """Hooks, KPI records, settings and commands: no pandas, scikit-learn, dowhy or econml."""
    program = (
        "import sys\n"
        "from kpisdk_causal import plugin\n"
        "list(plugin.kpisdk_kpis()), plugin.kpisdk_settings(), list(plugin.kpisdk_commands())\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'sklearn', 'networkx', 'dowhy', 'econml',\n"
        "         'causal_impact', 'matplotlib', 'sqlalchemy', 'duckdb'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "[]"


def test_the_stored_path_needs_no_causal_library():
    """CM-001 from the store imports neither scikit-learn nor networkx nor DoWhy nor EconML."""
    program = (
        "import sys, datetime as dt\n"
        "import pandas as pd\n"
        "from kpisdk import Workspace\n"
        "from importlib.metadata import entry_points\n"
        "from kpisdk_causal import plugin\n"
        "there = 'causal' in {p.name for p in entry_points(group='kpisdk')}\n"
        "frame = pd.DataFrame({'prediction_id': ['a'], 'treatment_effect_estimate': [0.5],\n"
        "    'prediction_timestamp': [dt.datetime(2026, 2, 1)]})\n"
        "w = Workspace({'ml_predictions': frame}, plugins=[] if there else [plugin], cache='off')\n"
        "(result,) = w.compute('CM-001')\n"
        "heavy = {'sklearn', 'networkx', 'dowhy', 'econml', 'causal_impact', 'matplotlib'}\n"
        "print(result.value, sorted(heavy & set(sys.modules)))\n"
    )

    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "0.5 []"

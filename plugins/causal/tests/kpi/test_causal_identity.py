"""What a causal KPI depends on beside its rows: the graph and the workspace's estimators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk import Workspace, hookimpl
from kpisdk_causal import Effect, Estimator, Task


@pytest.fixture
def rows(tmp_path):
    """A folder with 400 rows: z and x drive t, x drives y, the effect of t is 2."""
    draw = np.random.default_rng(3)
    x, z = draw.normal(size=400), draw.normal(size=400)
    t = (x + z + draw.normal(size=400) > 0).astype(int)
    y = 2 * t + 3 * x + draw.normal(size=400)
    (tmp_path / "rows").mkdir()
    pd.DataFrame({"t": t, "x": x, "z": z, "y": y}).to_csv(tmp_path / "rows/raw.csv", index=False)
    return str(tmp_path / "rows")


def parameters(**more):
    """The question: the effect of t on y, estimated from the raw rows."""
    return {
        "dataset": "raw",
        "source": "estimated",
        "treatment": "t",
        "outcome": "y",
        "cross_check": False,
        **more,
    }


class Brings:
    """A plugin with an estimator of its own."""

    def __init__(self, name, value):
        self.name, self._value = name, value

    @hookimpl
    def kpisdk_causal_estimators(self):
        """One that says its value whatever the rows are."""
        value = self._value
        yield Estimator(
            name=self.name,
            task=Task.EFFECT,
            estimands=("ate", "att", "atc"),
            fit=lambda _sample: Effect(value=value, std_error=1.0),
            interval_method="none",
            p_method="none",
            covariates="needed",
            rank=1,
        )


def test_an_edited_graph_is_another_question(rows, tmp_path, causal_plugin):
    """The file keeps its name, its size and its time."""
    graph = tmp_path / "graph.dot"
    workspace = Workspace(rows, plugins=causal_plugin, cache="memory")

    def ask():
        asked = parameters(graph=str(graph))
        kept = workspace.compute("CM-001", parameters=asked)[0]
        fresh = workspace.compute("CM-001", parameters=asked, use_cache=False)[0]
        assert kept.value == fresh.value
        return kept

    graph.write_text("digraph { x -> t; x -> y; t -> y }")
    assert [ask().cached for _ in range(2)] == [False, True]
    before = ask().details["adjustment_set"]

    graph.write_text("digraph { z -> t; z -> y; t -> y }")

    assert not ask().cached
    assert [list(before), list(ask().details["adjustment_set"])] == [["x"], ["z"]]


def test_an_estimator_answers_in_the_workspace_that_has_it(rows, tmp_path, causal_plugin):
    """One cache behind all; another plugin, another value of its code: another answer."""
    kept = {"cache": "sqlite", "settings": tmp_path / "kpisdk.toml"}
    kept["settings"].write_text(f'[cache]\npath = "{tmp_path / "results"}"\n')

    def ask(*plugins):
        workspace = Workspace(rows, plugins=[*causal_plugin, *plugins], **kept)
        result = workspace.compute("CM-001", parameters=parameters(confounders="x"))[0]
        return round(result.value, 6), result.cached

    alone = ask()[0]

    assert alone != 99
    assert ask(Brings("stranger", 99.0)) == (99, False)
    assert ask(Brings("stranger", 98.0)) == (98, False)
    assert ask(Brings("stranger", 99.0)) == (99, True)
    assert ask() == (alone, True)

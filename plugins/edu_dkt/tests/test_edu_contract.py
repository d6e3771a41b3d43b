"""The contract that kpisdk asks of every plugin."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pandas as pd

from kpisdk.testing import PluginContract
from kpisdk_edu_dkt import plugin
from kpisdk_edu_dkt.dkt.artefact.storing import save
from kpisdk_edu_dkt.dkt.data.splitting import Split, split_by_student
from kpisdk_edu_dkt.dkt.learning.options import PRESETS
from kpisdk_edu_dkt.dkt.learning.training import train
from kpisdk_edu_dkt.dkt.synthetic.classroom import Classroom, simulate

_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


@functools.cache
def a_class() -> Split:
    """A small class, split by student."""
    return split_by_student(simulate(Classroom(students=60, skills=3, longest=15, seed=7)), seed=1)


@functools.cache
def a_model() -> str:
    """The folder of a model of that class; how good it is does not matter here."""
    options = attrs.evolve(PRESETS["default"], epochs=1, hidden=8, embed=4, device="cpu", seed=1)
    _FOLDERS.append(tempfile.TemporaryDirectory(prefix="kpisdk-model-"))
    folder = Path(_FOLDERS[-1].name)
    save(train(a_class(), options, draws=2).model, folder)
    return str(folder)


class TestContract(PluginContract):
    """Six KPIs of a school's events, five of a model that is trained for the purpose."""

    plugin = plugin
    values = {
        "module_id": ["m1", "m1", "m2", None],
        "theme_id": ["theme-2", "theme-1", None],
        "event_type": ["start", "complete", "view", None],
        "cohort_id": ["2025-01", "2025-02"],
        "support_ticket_count": [0, 0, 1, 2, None],
        "validated_m1": [0, 1, None],
        "project_submitted": [0, 1, None],
    }

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """The model of all KPIs of knowledge tracing."""
        return {f"EDU-DKT-00{number}": {"model": a_model()} for number in range(1, 6)}

    def frames(self) -> Mapping[str, Any]:
        """Answers of students whom the model has not seen."""
        rows = a_class().test.columns()
        return {"interactions": pd.DataFrame({k: v for k, v in rows.items() if k != "p_true"})}

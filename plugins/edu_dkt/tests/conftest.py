"""Small classrooms, models and events logs that several tests share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import attrs
import pytest

from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.data.splitting import Split, split_by_student
from kpisdk_edu_dkt.dkt.learning.options import PRESETS, TrainingOptions
from kpisdk_edu_dkt.dkt.learning.training import Trained, train
from kpisdk_edu_dkt.dkt.synthetic.classroom import Classroom, simulate

sys.path.insert(0, str(Path(__file__).parent))
# The helper modules beside the tests are imported by their names.


@pytest.fixture
def log(tmp_path):
    """``log(*lines)``: a CSV file of the header and those lines."""
    from koryxa_logs import HEAD

    def make(*lines: str, head: str = HEAD, encoding: str = "utf-8"):
        path = tmp_path / "log.csv"
        path.write_bytes("\n".join([head, *lines, ""]).encode(encoding))
        return path

    return make


@pytest.fixture(scope="session")
def dkt_room() -> Classroom:
    """A class with strong differences between skills, so that little data suffices."""
    return Classroom(students=300, skills=4, longest=40, seed=7, with_truth=True)


@pytest.fixture(scope="session")
def dkt_class(dkt_room: Classroom) -> Interactions:
    """The answers of that class."""
    return simulate(dkt_room)


@pytest.fixture(scope="session")
def dkt_split(dkt_class: Interactions) -> Split:
    """That class, split by student."""
    return split_by_student(dkt_class, seed=1)


@pytest.fixture(scope="session")
def dkt_options() -> TrainingOptions:
    """The default preset, cut short."""
    return attrs.evolve(PRESETS["default"], epochs=3, hidden=16, embed=8, device="cpu", seed=1)


@pytest.fixture(scope="session")
def dkt_trained(dkt_split: Split, dkt_options: TrainingOptions) -> Trained:
    """A model of that class."""
    return train(dkt_split, dkt_options, draws=20)


@pytest.fixture(scope="session")
def small() -> Split:
    """A class small enough to train in less than a second."""
    return split_by_student(simulate(Classroom(students=80, skills=3, longest=20, seed=3)), 0)


@pytest.fixture(scope="session")
def quick() -> TrainingOptions:
    """Three epochs of a tiny network, with dropout, so that random streams matter."""
    return attrs.evolve(
        PRESETS["default"], epochs=3, hidden=8, embed=8, batch=16, dropout=0.2, device="cpu"
    )


@pytest.fixture(scope="session")
def dkt_shared() -> Path:
    """The folder of public knowledge-tracing data; skips where it is missing."""
    named = os.environ.get("KPISDK_SHARED")
    project = next(
        parent for parent in Path(__file__).resolve().parents if (parent / "plugins").is_dir()
    )
    folder = (Path(named) if named else project.parent / "shared") / "data" / "knowledge_tracing"
    if not folder.is_dir():
        pytest.skip(f"the public data sets are not at {folder}")
    return folder

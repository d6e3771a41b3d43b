"""Side effects: computing a KPI leaves rows, settings and the process as they were."""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kpisdk.testing.benches import Bench
from kpisdk.testing.checks.applying import Faults


def inputs_unchanged(bench: Bench, kpi_id: str) -> Faults:
    """Rows, settings, random numbers, environment and working folder are as they were before.

    All KPIs are looked at together, and one by one only to find which of them it was.
    """
    together = bench.once("changed", lambda: list(_changed(bench, list(bench.subject.kpis))))
    if not together:
        return
    alone = bench.once(
        "changed by", lambda: {each: list(_changed(bench, [each])) for each in bench.subject.kpis}
    )
    # What no KPI does by itself, they do in company.
    yield from alone[kpi_id] if any(alone.values()) else together


def _changed(bench: Bench, kpi_ids: Sequence[str]) -> Iterator[str]:
    """What computing these KPIs changes."""
    frames = bench.source("frames", "rows")
    rows = {name: frame.copy(deep=True) for name, frame in frames.items()}
    settings = bench.subject.settings
    given = copy.deepcopy(dict(settings.plugins))
    with _as_at_first(bench):
        before = _process()
        for together in bench.groups(kpi_ids):
            bench.computed(together, "frames", fuse=False)
        after = _process()
    for name, frame in frames.items():
        if not frame.equals(rows[name]):
            yield f"The rows of {name!r} are others after it was computed. Change copies only."
    if dict(settings.plugins) != given:
        yield "The plugin's settings are others after it was computed. Settings are for reading."
    for what, was in before.items():
        if after[what] != was:
            yield f"Computing it changed {what}, which the whole process shares. {_HELP[what]}"


@contextmanager
def _as_at_first(bench: Bench) -> Iterator[None]:
    """A process as no KPI has seen it: what an earlier one set would look as if it was so before.

    Everything is put back afterwards, whatever was changed.
    """
    import numpy as np

    state, array_state = random.getstate(), np.random.get_state()  # noqa: NPY002 - to put it back
    environment, folder = dict(os.environ), Path.cwd()
    for name in os.environ.keys() - bench.environment.keys():
        del os.environ[name]
    random.seed(_SEED)
    np.random.seed(_SEED)  # noqa: NPY002 - a state that nobody else would choose
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(array_state)  # noqa: NPY002 - as it was
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)


_SEED = 728_301_446


_HELP = {
    "the random state of Python": "Use a generator of your own: random.Random(seed).",
    "the random state of numpy": "Use a generator of your own: numpy.random.default_rng(seed).",
    "the environment's variables": "Read them if you must, and leave them alone.",
    "the working folder": "Use whole paths instead.",
}


def _process() -> dict[str, Any]:
    import numpy as np

    state = np.random.get_state(legacy=True)  # noqa: NPY002 - to see that nobody touches it
    return {
        "the random state of Python": random.getstate(),
        "the random state of numpy": tuple(
            each.tolist() if hasattr(each, "tolist") else each for each in state
        ),
        "the environment's variables": dict(os.environ),
        "the working folder": str(Path.cwd()),
    }

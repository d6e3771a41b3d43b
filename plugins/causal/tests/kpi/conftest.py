"""What the tests of the causal KPIs share; data and helpers lie beside them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kpisdk import Workspace

sys.path.insert(0, str(Path(__file__).parent))

from causal_store import AS_OF, DATASETS


@pytest.fixture
def asked(source_on, causal_plugin):
    """``asked(engine, data, kpi, **parameters)``: the one result."""

    def ask(engine, data, kpi, by=(), **parameters):
        workspace = Workspace(source_on(engine, data, DATASETS), plugins=causal_plugin, cache="off")
        # Raw tables here have no time column: an instant that is given would be refused.
        instant = None if "dataset" in parameters else AS_OF
        report = workspace.compute(kpi, as_of=instant, parameters=parameters, by=by)
        return list(report) if by else next(iter(report))

    return ask

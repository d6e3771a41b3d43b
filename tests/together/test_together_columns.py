"""A KPI needs the columns that it uses, and no other: each declared one is taken away in turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs
import pandas as pd
import pytest
from kpisdk_demo import frames, generate

from kpisdk import Calculator, Workspace
from kpisdk.contracts.calculators import options_of
from kpisdk.testing.comparing import close

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PARAMETERS = {"source": "stored"}


@pytest.fixture(scope="module")
def whole() -> dict[str, pd.DataFrame]:
    """The demo data: every table that the commercial KPIs read."""
    return dict(frames(0.02, 7, NOW))

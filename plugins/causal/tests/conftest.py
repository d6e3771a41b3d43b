"""What several test files of this plugin share."""

from __future__ import annotations

import importlib
import importlib.metadata
import warnings

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def third_parties() -> None:
    """Import what warns while it is compiled, before warnings become errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("dowhy", "econml.dml", "econml.dr"):
            try:
                importlib.import_module(name)
            except Exception:  # noqa: BLE001, S112  # absent or broken: the tests that need it say so
                continue


@pytest.fixture
def causal_plugin() -> list[object]:
    """This plugin as an object where it is not installed: the tests run either way."""
    from kpisdk_causal import plugin

    installed = {point.name for point in importlib.metadata.entry_points(group="kpisdk")}
    return [] if "causal" in installed else [plugin]


@pytest.fixture
def trial() -> pd.DataFrame:
    """200 rows: a confounder x, a treatment t that it drives, an outcome y with effect 1."""
    generator = np.random.default_rng(20)
    x = generator.standard_normal(200)
    t = (generator.random(200) < 1 / (1 + np.exp(-0.5 * x))).astype(int)
    y = x + t + generator.standard_normal(200)
    return pd.DataFrame({"t": t, "x": x, "y": y})

"""Means and their intervals keep their digits on every engine, wherever the zero point lies."""

from __future__ import annotations

import statistics

import pandas as pd
import pytest

from kpisdk import Column, Dataset, Guardrail, Kpi, LogicalType, Mean
from kpisdk.statistics.intervals import mean_t
from kpisdk.testing import ENGINES

READINGS = Dataset(
    "readings", (Column("amount", LogicalType.FLOAT), Column("site", LogicalType.TEXT))
)


def mean_of(kpi_id, **facts):
    """A mean of the amounts."""
    return Kpi(
        id=kpi_id,
        name=kpi_id,
        workstream="t",
        definition="d",
        formula="f",
        calculation=Mean(READINGS, READINGS["amount"]),
        unit="points",
        **facts,
    )


def values(shift, scale=1.0):
    """Amounts by site: a hundred around the zero point, two sites unlike."""
    return {
        site: [shift + scale * ((i * step) % 11 - 5) for i in range(50)]
        for site, step in (("a", 3), ("b", 4))
    }


def frame(shift, scale=1.0):
    """The same as a table."""
    rows = [(each, site) for site, found in values(shift, scale).items() for each in found]
    return pd.DataFrame(rows, columns=["amount", "site"])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("shift", "scale"), [(0, 1), (1e5, 1), (-1e9, 1), (1e12, 1e3), (1, 1e-9)])
def test_the_interval_of_a_mean_does_not_depend_on_the_zero_point(
    source_on, opened, engine, shift, scale
):
    """Variances are taken around the mean, never as a difference of sums of squares."""
    source = source_on(engine, {"readings": frame(shift, scale)}, (READINGS,))
    everything = [each for found in values(shift, scale).values() for each in found]
    expected = mean_t(statistics.fmean(everything), statistics.variance(everything), 100)

    (result,) = opened(source, mean_of("T-1")).compute("T-1")

    width = result.interval.high - result.interval.low
    assert width == pytest.approx(expected.high - expected.low, rel=1e-4)
    assert result.value == pytest.approx(statistics.fmean(everything), rel=1e-13)


@pytest.mark.parametrize("shift", [0.0, 1e5, 1e8, 1e12])
def test_a_comparison_with_the_rest_has_an_interval_that_is_one(opened, shift):
    """The rest of site a is site b: the interval is that of its own rows, whatever the mean."""
    kpis = (mean_of("T-1", guardrails=(Guardrail("T-2"),)), mean_of("T-2"))
    workspace = opened({"readings": frame(shift)}, *kpis)
    (alone,) = workspace.compute("T-1", where={"site": "b"})

    report = workspace.guardrails("T-1", by="site", against="rest")

    found = next(each for each in report.contrasts if each.current == "a").principal.baseline
    assert found.n == 50
    assert found.interval.high - found.interval.low == pytest.approx(
        alone.interval.high - alone.interval.low, rel=0.01
    )
    assert found.interval.high > found.interval.low

"""Raw tables without types: a column of numbers is one, whatever source writes it as text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from kpisdk import Workspace
from kpisdk_causal.commands.source_table import read_frame
from kpisdk_causal.tables.written_numbers import with_numbers_read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["1", "20"], [1, 20]),
        (["1700000000000000001", "1700000000000000002"], [1700000000000000001 + i for i in (0, 1)]),
        ([" 1.5", "-2e3"], [1.5, -2000.0]),
        (["0", "0.25"], [0.0, 0.25]),
        (["true", "False"], [True, False]),
    ],
)
def test_a_column_of_numbers_or_truth_values_is_read(written, read):
    """All of its values are what they look like."""
    found = with_numbers_read(pd.DataFrame({"x": written}))

    assert list(found["x"]) == read
    assert found["x"].dtype != object


@pytest.mark.parametrize(
    "written",
    [["01", "2"], ["1", "b"], ["1234567890123456", "0.5"], ["", "1"], [".", "1"], ["nan", "1"]],
)
def test_one_value_that_is_no_number_leaves_the_column_as_it_is(written):
    """A leading zero is that of an id; sixteen digits fit no column of fractions."""
    assert list(with_numbers_read(pd.DataFrame({"x": written}))["x"]) == written


def test_missing_values_stay_missing():
    """They are no text, and keep no column from being numbers."""
    frame = pd.DataFrame({"x": ["1", None, "2.5"]})

    found = with_numbers_read(frame)

    assert found["x"].isna().tolist() == [False, True, False]
    assert found["x"].dropna().tolist() == [1.0, 2.5]
    assert frame["x"].dropna().tolist() == ["1", "2.5"]


@pytest.mark.parametrize("typed", [1, 0.5, True, np.bool_(0), Decimal("1.5")])
def test_a_source_with_types_means_its_text_as_text(typed):
    """A code among numbers, truth values or decimals is a name, whatever it looks like."""
    frame = pd.DataFrame({"site": ["1", "2"], "y": pd.Series([typed, typed], dtype=object)})

    assert list(with_numbers_read(frame)["site"]) == ["1", "2"]
    assert list(with_numbers_read(frame.infer_objects())["site"]) == ["1", "2"]


@pytest.mark.parametrize(
    "other", [pd.Timestamp("2026-01-01"), dt.date(2026, 1, 1), None, float("nan")]
)
def test_instants_and_gaps_say_nothing_of_types(other):
    """A data contract can declare just the time column of a CSV file."""
    frame = pd.DataFrame({"x": ["1", "2"], "other": [other, other]})

    assert list(with_numbers_read(frame)["x"]) == [1, 2]


SITES = {"1": 0.0, "2": 8.0, "10": 1.0}
"""What each site adds to the outcome: on no line over its number."""


@pytest.fixture(scope="module")
def visits() -> pd.DataFrame:
    """600 visits with an effect of exactly 2, most treated at the site with the best outcomes."""
    rows = [
        {"site": site, "t": t, "y": 2.0 * t + added + (-1) ** number}
        for site, added in SITES.items()
        for t in (0, 1)
        for number in range(160 if (t == 1) == (site == "2") else 40)
    ]
    return pd.DataFrame(rows)


def _stored(kind, frame, folder):
    if kind == "frames":
        return {"visits": frame}
    path = folder / f"visits.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        duckdb = pytest.importorskip("duckdb")
        with duckdb.connect(str(path)) as connection:
            connection.register("frame", frame)
            connection.execute("CREATE TABLE visits AS SELECT * FROM frame")
        return f"duckdb:///{path}"
    return str(path)


@pytest.mark.parametrize("kind", ["frames", "parquet", "duckdb"])
def test_a_code_that_the_source_declares_as_text_is_adjusted_for_as_names(
    kind, visits, tmp_path, causal_plugin
):
    """Within each site the difference is 2; a line over the sites' numbers gives another value."""
    source = _stored(kind, visits, tmp_path)
    asked = {
        "dataset": "visits",
        "treatment": "t",
        "outcome": "y",
        "confounders": "site",
        "cross_check": False,
    }

    (result,) = Workspace(source, plugins=causal_plugin, cache="off").compute(
        "CM-001", parameters=asked
    )

    assert result.value == pytest.approx(2.0, abs=1e-9), result.message
    if kind != "frames":
        assert set(read_frame(source, "visits")["site"]) == {"1", "2", "10"}


def test_a_csv_file_has_no_types_and_its_numbers_are_numbers(visits, tmp_path):
    """Nothing in the file says that a site is a name; sites with letters or leading zeros do."""
    found = read_frame(_stored("csv", visits, tmp_path), "visits")

    assert found["site"].dtype == found["t"].dtype == np.int64
    named = visits.assign(site="S" + visits["site"])
    assert set(read_frame(_stored("csv", named, tmp_path), "visits")["site"]) == {
        "S1",
        "S2",
        "S10",
    }

"""Raw tables without types: a column of numbers is one, whatever source writes it as text."""

from __future__ import annotations

import pandas as pd
import pytest

from kpisdk_causal.written_numbers import with_numbers_read


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

"""The names of levels."""

from __future__ import annotations

import pandas as pd
import pytest

from kpisdk_causal.tables.levels import coded


@pytest.mark.parametrize("first", [0.0, -0.0])
def test_a_level_of_zero_has_one_name(first):
    """Whichever zero comes first."""
    assert str(coded(pd.Series([first, -first, 1.0]))[0][0]) == "0.0"

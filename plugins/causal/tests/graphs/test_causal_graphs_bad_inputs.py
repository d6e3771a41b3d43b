"""Bad input, one behaviour each: graphs."""

from __future__ import annotations

import pytest

from kpisdk_causal import errors
from kpisdk_causal.graphs.graph import CausalGraph


def test_a_cycle_is_listed():
    """The circle is shown from node to node."""
    with pytest.raises(errors.GraphCycleError, match=r"a -> b -> c -> a|b -> c -> a -> b"):
        CausalGraph((("a", "b"), ("b", "c"), ("c", "a")))

"""What the checked ``sampling`` of a KPI or an option says that its rows are a sample of."""

from __future__ import annotations

from kpisdk import CENSUS, STORED, Sampling, sample, sample_by_day
from kpisdk_definitions.places import Node

_WORDS = {"census": CENSUS, "stored": STORED, "row": sample()}


def read_sampling(node: Node) -> Sampling:
    """The sampling of a node: a word, or the column of a unit or of a day."""
    if isinstance(node.value, str):
        return _WORDS[node.value]
    if "unit" in node:
        return sample(node["unit"].value)
    return sample_by_day(node["day"].value)

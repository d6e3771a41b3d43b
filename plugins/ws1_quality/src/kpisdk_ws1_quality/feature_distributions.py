"""How features were distributed in training, as preprocessing stores it: edges and shares."""

from itertools import pairwise
from math import fsum
from typing import Any

import attrs

from kpisdk_ws1_quality.json_documents import is_nothing, number, parsed

ROUNDED = 1e-3
"""Shares are stored rounded: a sum as near to 1 as this is 1."""


@attrs.frozen
class Distribution:
    """One feature in training.

    Attributes:
        edges: inner edges of its bins, ascending.
        shares: of each bin, 0 to 1; one more than there are edges.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the shares add up to 1, but for their rounding."""
        return abs(fsum(self.shares) - 1) <= ROUNDED


@attrs.frozen
class Reference:
    """The newest stored distributions by feature, and why others could not be read.

    Attributes:
        version: of the model that they are of.
        features: the distributions, by feature.
        faulty: what is wrong with an entry, by feature.
    """

    version: str | None
    features: dict[str, Distribution]
    faulty: dict[str, str]


def newest(frame: Any) -> tuple[Reference | None, int]:
    """The newest readable document of ``feature_distributions``, and how many were junk.

    Args:
        frame: columns ``computed_at``, ``feature_distributions`` and perhaps ``model_version``.
    """
    versions = frame["model_version"] if "model_version" in frame else [None] * len(frame)
    documents = frame["feature_distributions"]
    found: list[tuple[tuple[Any, str, str], dict[str, Any], str | None]] = []
    junk = 0
    for computed_at, version, text in zip(frame["computed_at"], versions, documents, strict=True):
        document = parsed(text)
        if document is None:
            junk += not is_nothing(text)
            continue
        name = version if isinstance(version, str) else None
        # Two of one instant: the order is fixed, whatever order the engine gives the rows in.
        found.append(((computed_at, name or "", str(text)), document, name))
    if not found:
        return None, junk
    _, document, version = max(found, key=lambda each: each[0])
    read = {name: _distribution(entry) for name, entry in document.items()}
    features = {name: each for name, each in read.items() if isinstance(each, Distribution)}
    faulty = {name: each for name, each in sorted(read.items()) if isinstance(each, str)}
    return Reference(version, features, faulty), junk


def _distribution(entry: Any) -> Distribution | str:  # noqa: PLR0911 - one return a fault
    """A feature's entry, or what is wrong with it."""
    if not isinstance(entry, dict):
        return "is no object with edges and proportions"
    edges, shares = _all_numbers(entry.get("edges")), _all_numbers(entry.get("proportions"))
    if edges is None:
        return "edges are no list of numbers"
    if shares is None:
        return "proportions are no list of numbers"
    if not edges:
        return "there are no edges, and one bin tells nothing"
    if len(shares) != len(edges) + 1:
        return f"{len(edges)} edges go with {len(edges) + 1} proportions, not {len(shares)}"
    if any(low >= high for low, high in pairwise(edges)):
        return "edges do not ascend"
    if min(shares) < 0:
        return "a proportion is negative"
    if max(shares) > 1:
        return "a proportion is above 1 (are they percentages?)"
    return Distribution(edges, shares)


def _all_numbers(values: Any) -> tuple[float, ...] | None:
    found = [number(each) for each in values] if isinstance(values, list) else [None]
    known = tuple(each for each in found if each is not None)
    return known if len(known) == len(found) else None

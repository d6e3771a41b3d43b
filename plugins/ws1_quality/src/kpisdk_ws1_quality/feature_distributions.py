"""How features were distributed in training, as preprocessing stores it, and in production."""

from itertools import pairwise
from math import isfinite
from typing import Any

import attrs

from kpisdk_ws1_quality.json_documents import is_nothing, number, parsed, parsed_each


@attrs.frozen
class Distribution:
    """One feature in training: inner bin edges, ascending, and the share of each bin."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]


@attrs.frozen
class Reference:
    """The newest stored distributions: by feature, and what of them could not be read."""

    version: str | None
    features: dict[str, Distribution]
    faulty: tuple[str, ...]


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
    features = {name: each for name, each in read.items() if each is not None}
    return Reference(version, features, tuple(sorted(set(read) - set(features)))), junk


def _distribution(entry: Any) -> Distribution | None:
    """A feature's entry, or ``None`` if it is none: too many shares, edges out of order."""
    if not isinstance(entry, dict):
        return None
    edges, shares = _all_numbers(entry.get("edges")), _all_numbers(entry.get("proportions"))
    if edges is None or shares is None or len(shares) != len(edges) + 1:
        return None
    if any(low >= high for low, high in pairwise(edges)):
        return None
    if not all(0 <= share <= 1 for share in shares):  # percentages, for instance
        return None
    return Distribution(edges, shares)


def _all_numbers(values: Any) -> tuple[float, ...] | None:
    found = [number(each) for each in values] if isinstance(values, list) else [None]
    known = tuple(each for each in found if each is not None)
    return known if len(known) == len(found) else None


def production(documents: Any) -> tuple[dict[str, list[float]], int]:
    """The numbers of each feature over production documents, and how many were junk."""
    values: dict[str, list[float]] = {}
    junk = 0
    for text, document in zip(documents, parsed_each(documents), strict=True):
        if document is None:
            junk += not is_nothing(text)
            continue
        for name, value in document.items():
            # Most are finite floats already: they need no closer look.
            found = value if type(value) is float and isfinite(value) else number(value)
            if found is not None:
                values.setdefault(name, []).append(found)
    return values, junk

"""Many results that are judged together, so that chance has as many occasions."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """P-values adjusted so that the probability of a single wrong decision keeps its level.

    Holds whatever the dependence between the results. Source: S. Holm, Scandinavian Journal of
    Statistics 6 (1979).

    Args:
        p_values: of each result in the family; ``None`` where there is none, which counts for
            nothing.

    Returns:
        The adjusted p-values in the same order; what is at most 0.05 is decided at 95 %.
    """
    order = _ascending(p_values)
    adjusted: list[float | None] = [None] * len(p_values)
    reached = 0.0
    for rank, (place, p) in enumerate(order):
        reached = max(reached, min(1.0, (len(order) - rank) * p))
        adjusted[place] = reached
    return adjusted


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """P-values adjusted so that of all decisions the share of wrong ones keeps its level.

    For independent or positively dependent results. Source: Y. Benjamini and Y. Hochberg, Journal
    of the Royal Statistical Society B 57 (1995).

    Args:
        p_values: of each result in the family; ``None`` where there is none.

    Returns:
        The adjusted p-values in the same order.
    """
    order = _ascending(p_values)
    adjusted: list[float | None] = [None] * len(p_values)
    reached = 1.0
    for rank, (place, p) in reversed(list(enumerate(order, start=1))):
        reached = min(reached, len(order) * p / rank)
        adjusted[place] = reached
    return adjusted


def _ascending(p_values: Sequence[float | None]) -> list[tuple[int, float]]:
    known = [(place, p) for place, p in enumerate(p_values) if p is not None]
    return sorted(known, key=lambda pair: pair[1])

"""The functions that expressions in definition files may call, and what they become."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from kpisdk import Expression, LogicalType, expressions as ex


@attrs.frozen
class Function:
    """A function: how it becomes a record, and how many arguments it takes.

    Attributes:
        make: makes the expression of its arguments.
        least: the fewest arguments.
        most: the most.
        texts: whether all arguments after the first are constant texts.
    """

    make: Callable[..., Expression]
    least: int
    most: int
    texts: bool = False


def _coalesce(first: Expression, *rest: Expression) -> Expression:
    for other in rest:
        first = first.or_else(other)
    return first


FUNCTIONS: dict[str, Function] = {
    "abs": Function(lambda value: value.absolute(), 1, 1),
    "coalesce": Function(_coalesce, 2, 20),
    "contains": Function(ex.Containment, 2, 2, texts=True),
    "ascii_lower": Function(
        lambda text: ex.Function("ascii_lower", (text,), LogicalType.TEXT), 1, 1
    ),
    "days_between": Function(lambda earlier, later: later.days_since(earlier), 2, 2),
    "hours_between": Function(lambda earlier, later: later.hours_since(earlier), 2, 2),
    "json_number": Function(lambda document, *path: document.json_number(*path), 2, 20, texts=True),
    "json_kind": Function(lambda document: document.json_kind(), 1, 1),
}
"""By the name that SQL text calls them."""

_FOLDS = "ascii_lower(text) folds A to Z alike on every engine, and ILIKE compares without case"
_NOW = "the instant of the question is :as_of"
_DAYS = "days_between(earlier, later) gives days with fractions"

INSTEAD = {
    "lower": _FOLDS,
    "upper": _FOLDS,
    "count": "what is counted is said by the measure: {count: dataset, where: …}",
    "sum": "what is added is said by the measure: {total: value, from: dataset}",
    "avg": "a mean is said by the measure: {mean: value, from: dataset}",
    "min": "the least value is said by the measure: {minimum: value, from: dataset}",
    "max": "the largest value is said by the measure: {maximum: value, from: dataset}",
    "date_diff": _DAYS,
    "datediff": _DAYS,
    "current_date": _NOW,
    "current_timestamp": _NOW,
    "now": _NOW,
}
"""What to use in the place of functions that people look for."""

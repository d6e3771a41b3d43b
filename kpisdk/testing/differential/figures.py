"""Every kind of measure as a KPI, beside the same figure in plain Python."""

from __future__ import annotations

import datetime as dt
import json
import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import attrs

from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.measures import (
    Measure,
    count,
    count_distinct,
    maximum,
    minimum,
    quantile,
    total,
)
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.metrics import Lift, Mean, Median, Ratio
from kpisdk.contracts.plain_metrics import Difference, Simple
from kpisdk.contracts.trailing_windows import Trailing
from kpisdk.contracts.vocabulary import Unit
from kpisdk.testing.differential.event_rows import EVENTS, Row, missing

Reference: TypeAlias = Callable[[Sequence[Row]], float | None]
"""From the rows of one cell to the figure; ``None`` where there is none."""


@attrs.frozen
class Figure:
    """A metric and its reference; ``counts`` says that it is 0, and not absent, without rows."""

    name: str
    metric: Metric
    reference: Reference
    counts: bool = False

    @property
    def columns(self) -> frozenset[str]:
        """The columns that its measures read."""
        measures = self.metric.measures().values()
        return frozenset(name for measure in measures for name in measure.columns)

    def kpi(self, kpi_id: str) -> Kpi:
        """The metric as a KPI."""
        return Kpi(
            id=kpi_id,
            name=self.name,
            workstream="differential",
            definition="What the reference says.",
            formula="the reference's",
            calculation=self.metric,
            unit=Unit.COUNT if self.counts else Unit.POINTS,
            window=Trailing(30),
        )


def _known(rows: Iterable[Row], column: str) -> list[Any]:
    return [row[column] for row in rows if not missing(row[column])]


def _sum(values: Sequence[float]) -> float | None:
    return math.fsum(values) if values else None


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _quantile(values: Sequence[float], q: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    if place == low:
        return ordered[low]  # beside an infinity, nothing of it is not a number
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _share(hits: int, size: int) -> float | None:
    return hits / size if size else None


def _squares(rows: Sequence[Row]) -> float | None:
    return _sum([float(value) * float(value) for value in _known(rows, "units")])


def _quotient(rows: Sequence[Row]) -> float | None:
    top, bottom = _sum(_known(rows, "amount")), _sum(_known(rows, "units"))
    return top / bottom if top is not None and bottom else None


def _lift(rows: Sequence[Row]) -> float | None:
    def rate(done: bool) -> float | None:
        group = [row for row in rows if row["done"] is done]
        return _share(sum((row["units"] or 0) > 0 for row in group), len(group))

    treated, control = rate(True), rate(False)
    return (treated - control) / control if control and treated is not None else None


def _score(row: Row) -> float | None:
    """The number under ``k`` of a JSON document: of the last one where a key is named twice."""
    try:
        document = json.loads(row["doc"])
    except (TypeError, ValueError):
        return None
    found = document.get("k") if isinstance(document, dict) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if math.isfinite(found) else None


def _age(row: Row) -> float | None:
    if row["happened_at"] is None or row["day"] is None:
        return None
    midnight = dt.datetime.combine(row["day"], dt.time())
    return float((row["happened_at"] - midnight) / dt.timedelta(days=1))


def _present(rows: Sequence[Row], of: Callable[[Row], float | None]) -> list[float]:
    return [value for row in rows if (value := of(row)) is not None]


def _simple(measure: Measure) -> Metric:
    return Simple(measure)


_site, _person, _amount = EVENTS["site"], EVENTS["person"], EVENTS["amount"]
_units, _done, _doc, _at, _day = (
    EVENTS[name] for name in ("units", "done", "doc", "happened_at", "day")
)

FIGURES: tuple[Figure, ...] = (
    Figure("rows", Simple(count(EVENTS)), len, counts=True),
    Figure(
        "site_is_a",
        Simple(count(EVENTS, _site.equals("a"))),
        lambda rows: sum(row["site"] == "a" for row in rows),
        counts=True,
    ),
    Figure(
        "site_like_a",
        Simple(count(EVENTS, _site.same_text("A"))),
        lambda rows: sum(row["site"] in ("a", "A") for row in rows),
        counts=True,
    ),
    Figure(
        "site_in_list",
        Simple(count(EVENTS, _site.is_in("a ", "01", "日本", "ä"))),
        lambda rows: sum(row["site"] in ("a ", "01", "日本", "ä") for row in rows),
        counts=True,
    ),
    Figure(
        "site_contains_s",
        Simple(count(EVENTS, _site.contains_text("S"))),
        lambda rows: sum("s" in (row["site"] or "").replace("S", "s") for row in rows),
        counts=True,
    ),
    Figure(
        "people",
        Simple(count_distinct(EVENTS, _person)),
        lambda rows: len(set(_known(rows, "person"))),
        counts=True,
    ),
    Figure(
        "sites_with_units",
        Simple(count_distinct(EVENTS, _site, _units > 0)),
        lambda rows: len({row["site"] for row in rows if (row["units"] or 0) > 0} - {None}),
        counts=True,
    ),
    Figure(
        "one_large_number",
        Simple(count(EVENTS, _units.equals(2**53 + 1))),
        lambda rows: sum(row["units"] == 2**53 + 1 for row in rows),
        counts=True,
    ),
    Figure(
        "distinct_units",
        Simple(count_distinct(EVENTS, _units)),
        lambda rows: len(set(_known(rows, "units"))),
        counts=True,
    ),
    Figure(
        "done_share",
        Ratio(count(EVENTS, _done.is_true()), count(EVENTS, _done.not_null())),
        lambda rows: _share(sum(row["done"] is True for row in rows), len(_known(rows, "done"))),
    ),
    Figure("amount_sum", _simple(total(EVENTS, _amount)), lambda r: _sum(_known(r, "amount"))),
    Figure("units_sum", _simple(total(EVENTS, _units)), lambda r: _sum(_known(r, "units"))),
    Figure("units_squared", _simple(total(EVENTS, _units * _units)), _squares),
    Figure("amount_mean", Mean(EVENTS, _amount), lambda r: _mean(_known(r, "amount"))),
    Figure(
        "amount_median",
        Median(EVENTS, _amount),
        lambda r: statistics.median(_known(r, "amount")) if _known(r, "amount") else None,
    ),
    Figure(
        "units_median",
        Median(EVENTS, _units),
        lambda r: _quantile([float(value) for value in _known(r, "units")], 0.5),
    ),
    Figure(
        "amount_p90",
        _simple(quantile(EVENTS, _amount, 0.9)),
        lambda r: _quantile(_known(r, "amount"), 0.9),
    ),
    Figure(
        "amount_least",
        _simple(minimum(EVENTS, _amount)),
        lambda r: min(_known(r, "amount"), default=None),
    ),
    Figure(
        "units_largest",
        _simple(maximum(EVENTS, _units)),
        lambda r: max(map(float, _known(r, "units")), default=None),
    ),
    Figure("quotient", Ratio(total(EVENTS, _amount), total(EVENTS, _units)), _quotient),
    Figure("lift", Lift(EVENTS, _units > 0, _done.is_true(), _done.is_false()), _lift),
    Figure(
        "spread",
        Difference(maximum(EVENTS, _amount), minimum(EVENTS, _amount)),
        lambda r: max(known) - min(known) if (known := _known(r, "amount")) else None,
    ),
    Figure(
        "score",
        Mean(EVENTS, _doc.json_number("k")),
        lambda rows: _mean(_present(rows, _score)),
    ),
    Figure(
        "age",
        _simple(total(EVENTS, _at.days_since(_day))),
        lambda rows: _sum(_present(rows, _age)),
    ),
    Figure(
        "no_large_amount",
        Simple(count(EVENTS, ~(_amount > 3))),
        lambda rows: sum(not value > 3 for value in _known(rows, "amount")),
        counts=True,
    ),
    Figure(
        "large_amount",
        Simple(count(EVENTS, _amount > 3)),
        lambda rows: sum(value > 3 for value in _known(rows, "amount")),
        counts=True,
    ),
    Figure(
        "unknown_amount",
        Simple(count(EVENTS, _amount.is_null())),
        lambda rows: sum(missing(row["amount"]) for row in rows),
        counts=True,
    ),
)
"""All figures that one question asks for together."""

KPIS: tuple[Kpi, ...] = tuple(
    figure.kpi(f"DIFF-T-{place:03d}") for place, figure in enumerate(FIGURES, start=1)
)
"""Their KPIs, in the same order."""

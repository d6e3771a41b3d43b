"""Metrics with an interval: shares and quotients, means, medians and lifts."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from kpisdk.contracts.estimates import Estimate, Interval, Note, few_rows
from kpisdk.contracts.expression_tree import Expression
from kpisdk.contracts.measures import Aggregate, Measure, count
from kpisdk.contracts.metric_protocol import MetricBase, Values, behind, least, whole
from kpisdk.contracts.relations import Relation
from kpisdk.contracts.vocabulary import Reason


@attrs.frozen
class Ratio(MetricBase):
    """``numerator / denominator``; a zero denominator gives an absent value, never a zero.

    Two counts carry n and a 95 % Wilson interval, absent where the share exceeds 1. A quotient of
    sums (a weighted mean) has no interval; ``n`` then names the measure that counts its rows. By
    default it is the rows below the line, and where a mean or a median stands above it, the fewer.
    """

    numerator: Measure
    denominator: Measure
    n: Measure | None = None

    def measures(self) -> Mapping[str, Measure]:
        both = {"numerator": self.numerator, "denominator": self.denominator}
        if self.n is not None:
            return {**both, "n": self.n}
        if self._counts:
            return both
        if not self.denominator.aggregate.is_count:
            both["n_denominator"] = behind(self.denominator)
        if not self.numerator.aggregate.is_extensive:
            both["n_numerator"] = behind(self.numerator)
        return both

    def concepts(self) -> tuple[str, ...]:
        return ("numerator",) if self._counts else ()

    @property
    def _counts(self) -> bool:
        return self.numerator.aggregate.is_count and self.denominator.aggregate.is_count

    def _rows(self, values: Values) -> float | None:
        if self.n is not None:
            return values.get("n")
        below = "denominator" if self.denominator.aggregate.is_count else "n_denominator"
        return least(values.get(below), values.get("n_numerator"))

    def estimate(self, values: Values) -> Estimate:
        from kpisdk.statistics.intervals import wilson

        top, bottom = values["numerator"], values["denominator"]
        n = self._rows(values)
        facts = {"numerator": top, "denominator": bottom, "n": whole(n)}
        if not bottom:
            return Estimate.absent(
                Reason.ZERO_DENOMINATOR,
                "The denominator is zero: no row in the window and slice counts towards it.",
                **facts,
            )
        if top is None:
            return Estimate.of(None, **facts)
        interval = wilson(top, bottom) if self._counts else None
        notes = few_rows(n)
        if self._counts and top > bottom:
            notes += (Note("share_above_one", f"The numerator {top:g} exceeds {bottom:g}."),)
        return Estimate.of(top / bottom, interval=interval, warnings=notes, **facts)


@attrs.frozen
class Mean(MetricBase):
    """The mean of an expression over the rows where it is known, with a 95 % t interval."""

    relation: Relation
    value: Expression
    where: Expression | None = None

    def measures(self) -> Mapping[str, Measure]:
        known = self.value.not_null()
        present = known if self.where is None else self.where & known
        return {
            "mean": Measure(Aggregate.MEAN, self.relation, self.value, self.where),
            "variance": Measure(Aggregate.VARIANCE, self.relation, self.value, self.where),
            "n": count(self.relation, present),
        }

    def estimate(self, values: Values) -> Estimate:
        from kpisdk.statistics.intervals import mean_t

        average, n = values["mean"], int(values["n"] or 0)
        if average is None:
            return Estimate.of(None, n=n)
        interval = mean_t(average, values["variance"], n)
        return Estimate.of(average, n=n, interval=interval, warnings=few_rows(n))


@attrs.frozen
class Median(MetricBase):
    """The median of an expression, with a 95 % distribution-free order-statistic interval.

    The interval's ends are the values at two ranks that depend on n, so they are asked for in a
    second statement of the same snapshot.
    """

    relation: Relation
    value: Expression
    where: Expression | None = None

    def _measure(self, aggregate: Aggregate, q: float) -> Measure:
        return Measure(aggregate, self.relation, self.value, self.where, q=q)

    def measures(self) -> Mapping[str, Measure]:
        known = self.value.not_null()
        present = known if self.where is None else self.where & known
        return {
            "median": self._measure(Aggregate.QUANTILE, 0.5),
            "n": count(self.relation, present),
        }

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:
        from kpisdk.statistics.intervals import median_ranks

        n = int(values["n"] or 0)
        ranks = median_ranks(n)
        if ranks is None:
            return {}
        # A discrete quantile of level q is the value at rank ceil(q n); the middle of the step
        # keeps that rank clear of rounding.
        low, high = ((rank - 0.5) / n for rank in ranks)
        return {
            "low": self._measure(Aggregate.RANK, low),
            "high": self._measure(Aggregate.RANK, high),
        }

    def estimate(self, values: Values) -> Estimate:
        middle, n = values["median"], int(values["n"] or 0)
        if middle is None:
            return Estimate.of(None, n=n)
        low, high = values.get("low"), values.get("high")
        interval = None
        if low is not None and high is not None:
            interval = Interval(low, high, 0.95, "order_statistic")
        return Estimate.of(middle, n=n, interval=interval, warnings=few_rows(n))


@attrs.frozen
class Lift(MetricBase):
    """``(treated rate - control rate) / control rate``, each rate a share of rows.

    Absent without control rows or with a control rate of zero. The 95 % interval is by the delta
    method on the logarithm of the ratio; it has no value where the treated rate is zero.
    """

    relation: Relation
    hit: Expression
    treated: Expression
    control: Expression

    def measures(self) -> Mapping[str, Measure]:
        return {
            "treated_hits": count(self.relation, self.treated & self.hit),
            "treated": count(self.relation, self.treated),
            "control_hits": count(self.relation, self.control & self.hit),
            "control": count(self.relation, self.control),
        }

    def concepts(self) -> tuple[str, ...]:
        return ("treated_hits",)

    def estimate(self, values: Values) -> Estimate:
        from kpisdk.statistics.intervals import lift_delta

        hits1, n1 = values["treated_hits"] or 0.0, values["treated"] or 0.0
        hits0, n0 = values["control_hits"] or 0.0, values["control"] or 0.0
        details = {"treated": n1, "treated_hits": hits1, "control": n0, "control_hits": hits0}
        facts = {"n": int(n1 + n0), "details": details}
        for size, name in ((n1, "treated"), (n0, "control")):
            if not size:
                message = f"There are no {name} rows in the window and slice to compare."
                return Estimate.absent(Reason.ZERO_DENOMINATOR, message, **facts)
        if not hits0:
            message = f"The control rate is zero (0 of {n0:g}), so a relative lift has no value."
            return Estimate.absent(Reason.ZERO_DENOMINATOR, message, **facts)
        rate1, rate0 = hits1 / n1, hits0 / n0
        return Estimate.of(
            (rate1 - rate0) / rate0,
            interval=lift_delta(hits1, n1, hits0, n0),
            numerator=rate1 - rate0,
            denominator=rate0,
            warnings=few_rows(min(n1, n0)),
            **facts,
        )

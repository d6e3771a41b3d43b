"""Metrics: formulas over measures. Each knows its measures, its estimate and its interval.

A metric is any record with the methods of :class:`Metric`; a plugin may bring its own. Measures are
given to :meth:`Metric.estimate` by the names under which :meth:`Metric.measures` asked for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

import attrs

from kpisdk.contracts.estimates import Estimate, Interval, Note, few_rows
from kpisdk.contracts.expressions import Expression
from kpisdk.contracts.measures import Aggregate, Measure, count
from kpisdk.contracts.relations import Relation
from kpisdk.contracts.vocabulary import Reason

Values: TypeAlias = Mapping[str, float | None]
"""Measure values by name; ``None`` where no row held what the measure needs."""


class Metric(Protocol):
    """A formula over measures.

    One that has an attribute ``is_extensive`` says by it whether its value grows with the rows that
    it is taken over, as a count does and a share does not; otherwise the KPI's unit tells.
    """

    def measures(self) -> Mapping[str, Measure]:
        """What is asked of the source, by name."""
        ...

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:
        """Measures that can only be asked once the first are known (ranks that depend on n)."""
        ...

    def concepts(self) -> tuple[str, ...]:
        """Names of counts whose zero is suspect when the concept occurs nowhere in the table."""
        ...

    def estimate(self, values: Values) -> Estimate:
        """The value and its interval from the measures."""
        ...


@attrs.frozen
class _Base:
    @property
    def is_extensive(self) -> bool | None:
        """Whether the value grows with the rows that it is taken over."""
        return False

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:  # noqa: ARG002 - part of Metric
        return {}

    def concepts(self) -> tuple[str, ...]:
        return ()


def _whole(n: float | None) -> int | None:
    return None if n is None else int(n)


def behind(measure: Measure) -> Measure:
    """How many rows a measure's value rests on: those that it reads a value from."""
    if measure.value is None:
        return measure
    known = measure.value.not_null()
    where = known if measure.where is None else measure.where & known
    return count(measure.relation, where, across=measure.across)


def _least(*numbers: float | None) -> float | None:
    return min((each for each in numbers if each is not None), default=None)


@attrs.frozen
class Simple(_Base):
    """One measure as it is: a count, a sum, a largest value. It has no interval.

    All but counts say how many rows their value rests on.
    """

    measure: Measure

    @property
    def is_extensive(self) -> bool:
        """Whether it is a count or a sum."""
        return self.measure.aggregate.is_extensive

    def measures(self) -> Mapping[str, Measure]:
        counted = {} if self.measure.aggregate.is_count else {"n": behind(self.measure)}
        return {"value": self.measure, **counted}

    def concepts(self) -> tuple[str, ...]:
        return ("value",) if self.measure.aggregate.is_count else ()

    def estimate(self, values: Values) -> Estimate:
        value = values["value"]
        if self.measure.aggregate.is_count:
            return Estimate.of(value, n=_whole(value))
        n = values.get("n")
        return Estimate.of(value, n=_whole(n), warnings=() if value is None else few_rows(n))


@attrs.frozen
class Ratio(_Base):
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
        return _least(values.get(below), values.get("n_numerator"))

    def estimate(self, values: Values) -> Estimate:
        from kpisdk.statistics.intervals import wilson

        top, bottom = values["numerator"], values["denominator"]
        n = self._rows(values)
        facts = {"numerator": top, "denominator": bottom, "n": _whole(n)}
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
class Mean(_Base):
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
class Median(_Base):
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
class Lift(_Base):
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


@attrs.frozen
class Difference(_Base):
    """``left - right``: for instance the largest minus the smallest value over groups.

    ``n`` names the measure that counts the rows; by default it is the fewer of those that the two
    rest on, and nothing where both are counts.
    """

    left: Measure
    right: Measure
    n: Measure | None = None

    @property
    def is_extensive(self) -> bool:
        """Whether one of the two is a count or a sum."""
        return self.left.aggregate.is_extensive or self.right.aggregate.is_extensive

    def measures(self) -> Mapping[str, Measure]:
        both = {"left": self.left, "right": self.right}
        if self.n is not None:
            return {**both, "n": self.n}
        sides = {"n_left": self.left, "n_right": self.right}
        rows = {name: behind(each) for name, each in sides.items() if not each.aggregate.is_count}
        return {**both, **rows}

    def estimate(self, values: Values) -> Estimate:
        left, right = values["left"], values["right"]
        n = _least(*map(values.get, ("n", "n_left", "n_right")))
        if left is None or right is None:
            return Estimate.of(None, n=_whole(n))
        return Estimate.of(left - right, n=_whole(n), warnings=few_rows(n))


@attrs.frozen
class Formula(_Base):
    """Any function of named measures, for what the metrics above do not say.

    ``function`` receives the values by name and returns an
    :class:`~kpisdk.contracts.estimates.Estimate`.
    """

    inputs: Mapping[str, Measure]
    function: Callable[[Values], Estimate]
    counted: tuple[str, ...] = ()

    @property
    def is_extensive(self) -> bool | None:
        """What the function says of itself, by a method of that name; it is not known otherwise."""
        said: Callable[[Mapping[str, Measure]], bool] | None
        said = getattr(self.function, "is_extensive", None)
        return None if said is None else said(self.inputs)

    def measures(self) -> Mapping[str, Measure]:
        return self.inputs

    def concepts(self) -> tuple[str, ...]:
        return self.counted

    def estimate(self, values: Values) -> Estimate:
        return self.function(values)

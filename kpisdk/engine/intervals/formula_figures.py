"""Figures of any formula of measures, a plugin's own included, from the moments of its units.

The formula is called with what its measures would be a few units more or less. Measures that do not
add up (a largest value, a quantile) tell nothing of that: a value that depends on one has no
interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping

import attrs

from kpisdk.contracts.estimates import Estimate
from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.metric_protocol import Values
from kpisdk.contracts.unit_moments import Number, UnitMoments
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.engine.intervals.interval_figures import Figure, SpreadFigure
from kpisdk.engine.intervals.metric_shapes import is_additive
from kpisdk.engine.intervals.moment_parts import CellMoments, part, parts_by_name
from kpisdk.engine.intervals.standard_figures import share_figure
from kpisdk.sql.unit_buckets import BUCKETS
from kpisdk.sql.unit_parts import remade
from kpisdk.statistics import SHARE, Formula, Range, spread_of

_MORE = 1.1
"""How many times as many units are tried, to see whether a value grows with them."""
_GROWS = 0.02
"""A value that changes by more than this with a tenth more units, relative, grows with them."""
_EQUAL = 1e-9
"""Numbers that differ by no more than this, relative, differ by rounding."""
_DIGITS = 9
"""Factors of counts are rounded to so many digits: they are whole, or were typed by hand."""
_TOP, _BOTTOM = "top", "bottom"

Factors = Mapping[str, float]
"""How many times each part is in a sum of parts."""


@attrs.define
class FormulaFigures:
    """The figures of one formula, cell by cell.

    Attributes:
        estimate: the formula, from measure values by name.
        measures: its measures by name.
        possible: the values that the figure can have.
        by_day: whether units are calendar days, of which a window has as many as it has.
    """

    estimate: Callable[[Values], Estimate]
    measures: Mapping[str, Measure]
    possible: Range
    by_day: bool = False
    _sides: tuple[Factors, Factors] | None = attrs.field(default=None, init=False)

    def figure(
        self, made: Estimate, values: Values, moments: CellMoments
    ) -> Figure | IntervalReason:
        """The figure of a cell.

        Args:
            made: the estimate of the cell.
            values: its measure values.
            moments: of the measures that add up.
        """
        value = made.value
        if value is None or self._hangs_on_others(value, values, moments):
            return IntervalReason.UNDEFINED
        if len(moments) == 1:
            sides = self._quotient(made, values, moments[0])
            if sides is not None:
                return share_figure(sides, _TOP, _BOTTOM, self._range())
        return self._smooth(value, values, moments)

    def formula(self, values: Values) -> Formula:
        """The formula as a function of parts; the measures without any stay as they are."""
        own = {name: self.measures[name] for name in values if name in self.measures}

        def called(parts: Mapping[str, Number]) -> float | None:
            held = dict(values)
            for name, measure in own.items():
                if _is_told(name, measure, parts):
                    held[name] = remade(part(name), measure.aggregate, values[name], parts)
            return self.estimate(held).value

        return called

    def _smooth(
        self, value: float, values: Values, moments: CellMoments
    ) -> Figure | IntervalReason:
        """By the jackknife; of several statements it is not known how their figures go together.

        Their standard errors are then added up, which is what they come to at the worst.
        """
        whole = {name: total for each in moments for name, total in each.totals.items()}
        formula = self.formula(values)
        error, degrees, unseen = 0.0, math.inf, 0

        def moved(parts: Mapping[str, Number]) -> float | None:
            return formula({**whole, **parts})

        for each in moments:
            spread = spread_of(self._counted(each, moved, value), moved)
            if not isinstance(spread, IntervalReason):
                error += spread.standard_error
                degrees = min(degrees, spread.degrees)
            elif spread is IntervalReason.UNDEFINED and len(moments) > 1:
                unseen += 1  # it moves nothing, or nothing that can be seen
            else:
                return spread
        if unseen == len(moments):
            return IntervalReason.UNDEFINED
        return SpreadFigure(value, error, degrees, "jackknife_t", self.possible)

    def _counted(self, moments: UnitMoments, formula: Formula, value: float) -> UnitMoments:
        """Moments with as many buckets as units could have fallen into.

        How many units there are is chance as well. To a quotient that makes no difference; a total
        varies with it, and an empty bucket is as much a part of that as a full one.
        """
        if self.by_day or moments.buckets >= BUCKETS:
            return moments
        more = formula({name: _MORE * total for name, total in moments.totals.items()})
        if more is None or abs(more - value) <= _GROWS * abs(value):
            return moments
        return attrs.evolve(moments, buckets=BUCKETS)

    def _hangs_on_others(self, value: float, values: Values, moments: CellMoments) -> bool:
        """Whether the value moves with a measure that is not in the moments."""
        there = {name for each in moments for name in each.names}
        others = [
            name for name, measure in self.measures.items() if not _is_told(name, measure, there)
        ]
        for name in others:
            held = values.get(name)
            moved = self.estimate({**values, name: 1.0 if held is None else held * 1.01 + 1.0})
            if moved.value is None or not math.isclose(moved.value, value, rel_tol=_EQUAL):
                return True
        return False

    def _quotient(self, made: Estimate, values: Values, moments: UnitMoments) -> UnitMoments | None:
        """The moments of numerator and denominator, where each is a sum of parts that add up."""
        top, bottom = made.numerator, made.denominator
        if top is None or not bottom or made.value is None:
            return None
        if not math.isclose(top / bottom, made.value, rel_tol=_EQUAL):
            return None
        if self._sides is None:
            self._sides = self._factors(top, bottom, values, moments)
        both = dict(zip((_TOP, _BOTTOM), self._sides, strict=True))
        if not all(both.values()):
            return None
        for side, wanted in zip(self._sides, (top, bottom), strict=True):
            found = math.fsum(factor * moments.total(name) for name, factor in side.items())
            if not math.isclose(found, wanted, rel_tol=_EQUAL, abs_tol=_EQUAL):
                return None
        return moments.combined(both)

    def _factors(
        self, top: float, bottom: float, values: Values, moments: UnitMoments
    ) -> tuple[Factors, Factors]:
        """How numerator and denominator change with each measure that adds up."""
        sides: tuple[dict[str, float], dict[str, float]] = ({}, {})
        for name, measure in self.measures.items():
            own = part(name)
            if not is_additive(measure) or own not in moments.names:
                continue
            more = self.estimate({**values, name: (values[name] or 0.0) + 1.0})
            if more.numerator is None or more.denominator is None:
                return {}, {}
            for side, change in zip(
                sides, (more.numerator - top, more.denominator - bottom), strict=True
            ):
                if factor := round(change, _DIGITS):
                    side[own] = factor
        return sides

    def _range(self) -> Range:
        """The range that makes a quotient a share: of counts, between 0 and 1."""
        named = {name for side in self._sides or () for name in side}
        counts = {part(name) for name, each in self.measures.items() if each.aggregate.is_count}
        return SHARE if self.possible == SHARE and named <= counts else (None, None)


def _is_told(name: str, measure: Measure, parts: Container[str]) -> bool:
    """Whether a measure can be made again from parts: a quantile cannot."""
    names = parts_by_name(name, measure)
    is_quantile = measure.aggregate is Aggregate.QUANTILE
    return not is_quantile and bool(names) and all(each in parts for each in names)

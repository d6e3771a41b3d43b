"""A proportion of rows, with as many rows as its units are worth."""

from __future__ import annotations

import math

import attrs

from kpisdk.contracts.estimates import Interval
from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.contracts.vocabulary import IntervalReason
from kpisdk.statistics.bounds import Bounds
from kpisdk.statistics.distributions import (
    normal_critical,
    student_t_critical,
    student_t_tail,
)
from kpisdk.statistics.intervals import LEVEL, wilson
from kpisdk.statistics.means import quotient_interval
from kpisdk.statistics.spread import unit_degrees


@attrs.frozen
class EffectiveShare:
    """A share, and how many independent rows would know it as well as its units do.

    Attributes:
        share: 0 to 1.
        n: the rows divided by the design effect, before the degrees of freedom are counted.
        degrees: of freedom behind the design effect; infinite where none was estimated.
        design_effect: the variance by units over that of as many independent rows, 1 at least.
    """

    share: float
    n: float
    degrees: float = math.inf
    design_effect: float = 1.0

    def effective_n(self, level: float = LEVEL) -> float:
        """The rows for Wilson's interval: fewer still, by the square of z over Student's t."""
        if math.isinf(self.degrees):
            return self.n
        return self.n * (normal_critical(level) / student_t_critical(level, self.degrees)) ** 2

    def interval(self, level: float = LEVEL) -> Interval:
        """Wilson's interval on the effective rows: inside 0 and 1, and never without width."""
        rows = self.effective_n(level)
        found = wilson(self.share * rows, rows, level)
        # The product may round past its bound; the share itself does not.
        return found or _at_an_end(self.share, rows, level)

    def p_value(self, bound: float) -> float:
        """The level at which the interval just reaches ``bound``: ``1 -`` its confidence."""
        spread = math.sqrt(bound * (1 - bound) / self.n) if 0 < bound < 1 else 0.0
        if not spread:
            return 1.0 if self.share == bound else 0.0
        distance = abs(self.share - bound) / spread
        degrees = 1e9 if math.isinf(self.degrees) else self.degrees
        return min(1.0, 2 * student_t_tail(distance, degrees))


def effective_share(moments: UnitMoments, hits: str, rows: str) -> EffectiveShare | IntervalReason:
    """The share ``hits / rows`` with its effective number of rows.

    ``n_eff = n / max(1, v / v_iid)``; ``v`` is the variance by units, ``v_iid = p (1 - p) / n``
    (L. Kish, Survey Sampling, section 8.2; Wilson's interval on it: N. Dean and M. Pagano, Journal
    of Survey Statistics and Methodology 3, 2015). Where all rows are alike there is no spread to
    see, and each unit counts once.

    Returns:
        ``too_few_units`` below two units; ``undefined`` where the quotient is no share.
    """
    top, n = moments.total(hits), moments.total(rows)
    buckets = moments.filled_by(rows)
    if buckets < 2:
        return IntervalReason.TOO_FEW_UNITS
    if n <= 0 or not 0 <= top <= n:
        return IntervalReason.UNDEFINED
    share = top / n
    if top in (0, n):
        units = moments.units_behind(rows)
        return EffectiveShare(share, min(units, n), design_effect=max(1.0, n / units))
    # n² times the residuals' squares: exact for counts, whatever cancels.
    squares = (
        n * n * moments.product(hits, hits)
        - 2 * n * top * moments.product(hits, rows)
        + top * top * moments.product(rows, rows)
    )
    degrees = unit_degrees(moments, rows)
    effect = max(1.0, squares / n**3 * (1 + 1 / degrees) / (share * (1 - share)))
    return EffectiveShare(share, n / effect, degrees, effect)


def share_interval(moments: UnitMoments, hits: str, rows: str, level: float = LEVEL) -> Bounds:
    """The interval of ``hits / rows``: Wilson's on the effective rows.

    A quotient of counts that is no share (above 1) has the interval of a quotient.

    Args:
        moments: of a cell.
        hits: the measure above the line.
        rows: the measure below the line, which counts the hits too.
        level: the confidence level, 0 to 1.
    """
    found = effective_share(moments, hits, rows)
    if found is IntervalReason.UNDEFINED and moments.total(rows) > 0:
        return quotient_interval(moments, hits, rows, level)
    return found if isinstance(found, IntervalReason) else found.interval(level)


def _at_an_end(share: float, rows: float, level: float) -> Interval:
    end = wilson(rows if share > 0.5 else 0.0, rows, level)
    if end is None:  # no rows at all: nothing is known
        return Interval(0.0, 1.0, level, "wilson")
    return end

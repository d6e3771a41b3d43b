"""What the KPIs of this plugin add to the metrics of the core: facts beside a value."""

from collections.abc import Callable, Mapping

import attrs

from kpisdk import Estimate, IntervalReason, Measure, Metric, Note, Ratio, Values, count
from kpisdk_ws1_quality.datasets import UNIVERSE


@attrs.frozen
class Described:
    """A metric with further measures beside its own, for details and warnings.

    Attributes:
        metric: what the value and its interval are of.
        beside: the further measures, by name.
        describe: receives the metric's estimate and all measure values by name, and returns the
            estimate with what they add to it; it leaves the value alone.
    """

    metric: Metric
    beside: Mapping[str, Measure]
    describe: Callable[[Estimate, Values], Estimate]

    def measures(self) -> Mapping[str, Measure]:
        """Those of the metric, and those beside it."""
        return {**self.metric.measures(), **self.beside}

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:
        """Those of the metric."""
        return self.metric.follow_ups(values)

    def concepts(self) -> tuple[str, ...]:
        """Those of the metric."""
        return self.metric.concepts()

    def estimate(self, values: Values) -> Estimate:
        """The metric's estimate, described."""
        return self.describe(self.metric.estimate(values), values)


@attrs.frozen
class StoredFigure(Described):
    """A figure that somebody else computed, described; its uncertainty is not stored with it.

    Rows that hold copies of one figure are no sample of it, so that a spread over them says nothing
    of the error that the figure has.
    """

    def estimate(self, values: Values) -> Estimate:
        """The figure without an interval, and why."""
        made = self.describe(self.metric.estimate(values), values)
        reason = None if made.value is None else IntervalReason.STORED
        return attrs.evolve(made, interval=None, interval_reason=reason)


def negative_counts(rows: float | None, column: str) -> tuple[Note, ...]:
    """The warning of so many rows whose number of members or records is below zero.

    Args:
        rows: how many; nothing is said of none.
        column: that holds the numbers.
    """
    if not rows:
        return ()
    words = f"{rows:g} row(s) hold a {column} below 0, which no number is; they count as they are."
    return (Note("negative_count", words),)


def outside(made: Estimate, values: Values, column: str, bounds: str) -> Estimate:
    """The estimate with a warning of the rows whose stored figure no such figure can be.

    Args:
        made: the estimate.
        values: of all measures, by name.
        column: that holds the figures.
        bounds: where no such figure lies, in words (``outside 0 to 1``).
    """
    rows = values["outside"]
    if not rows:
        return made
    words = f"{rows:g} row(s) store a {column} {bounds}; they count as they are."
    return made.with_notes(Note("out_of_range", words))


_COUNTS = Ratio(count(UNIVERSE), count(UNIVERSE))


def share_of_counts(top: float | None, bottom: float | None) -> Estimate:
    """``top / bottom`` of two numbers of members, with n, a Wilson interval and its warnings.

    A ratio of counts knows its interval by the kind of its measures. A sum of ``total_count`` is a
    number of members too, and a difference of two counts is a count: this is how they say so.

    Args:
        top: members that count.
        bottom: all members.
    """
    return _COUNTS.estimate({"numerator": top, "denominator": bottom})

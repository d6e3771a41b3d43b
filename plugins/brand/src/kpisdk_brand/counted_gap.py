"""A median over the rows that make sense, with the others counted in a warning."""

from collections.abc import Mapping

import attrs

from kpisdk import Estimate, Measure, Median, Note, Values


@attrs.frozen
class CountedMedian:
    """A median, and how many rows were ``left_out`` of it, said in a warning.

    ``code`` names the warning (and the count in the details); ``what`` is a sentence about the
    rows, with ``{n}`` where their number stands.
    """

    median: Median
    left_out: Measure
    code: str
    what: str

    def measures(self) -> Mapping[str, Measure]:
        return {**self.median.measures(), "left_out": self.left_out}

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:
        return self.median.follow_ups(values)

    def concepts(self) -> tuple[str, ...]:
        return self.median.concepts()

    def estimate(self, values: Values) -> Estimate:
        made = self.median.estimate(values)
        number = int(values["left_out"] or 0)
        made = attrs.evolve(made, details={**made.details, self.code: number})
        return made.with_notes(Note(self.code, self.what.format(n=number))) if number else made

"""A median over the rows that make sense, with the others counted in warnings."""

from collections.abc import Mapping

import attrs

from kpisdk import Estimate, Measure, Median, Note, Values


@attrs.frozen
class CountedMedian:
    """A median, and how many rows were left out of it, each kind reported in a warning of its own.

    Attributes:
        median: over the rows that make sense.
        counted: code of a warning, and of the count in the details, to the measure that counts and
            a sentence about the rows, with ``{n}`` where their number stands.
        beside: further measures for the details, by name.
    """

    median: Median
    counted: Mapping[str, tuple[Measure, str]]
    beside: Mapping[str, Measure] = attrs.field(factory=dict)

    def measures(self) -> Mapping[str, Measure]:
        counts = {code: measure for code, (measure, _) in self.counted.items()}
        return {**self.median.measures(), **counts, **self.beside}

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:
        return self.median.follow_ups(values)

    def concepts(self) -> tuple[str, ...]:
        return self.median.concepts()

    def estimate(self, values: Values) -> Estimate:
        made = self.median.estimate(values)
        counts = {code: int(values[code] or 0) for code in self.counted}
        further = {name: values[name] for name in self.beside}
        made = attrs.evolve(made, details={**made.details, **counts, **further})
        return made.with_notes(
            *(
                Note(code, words.format(n=counts[code]))
                for code, (_, words) in self.counted.items()
                if counts[code]
            )
        )

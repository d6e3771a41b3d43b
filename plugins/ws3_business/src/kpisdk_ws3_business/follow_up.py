"""A share whose numerator is still open: rows too young for their follow-up carry a warning."""

from collections.abc import Mapping

import attrs

from kpisdk import Estimate, Measure, Note, Ratio, Values


@attrs.frozen
class FollowedUp:
    """A ratio, and how many of its denominator's rows have not been followed up for ``days`` yet.

    ``young`` counts those rows. Each may still move into the numerator, so that the share can only
    be a lower bound while there are any.
    """

    ratio: Ratio
    young: Measure
    days: int

    def measures(self) -> Mapping[str, Measure]:
        return {**self.ratio.measures(), "young": self.young}

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:
        return self.ratio.follow_ups(values)

    def concepts(self) -> tuple[str, ...]:
        return self.ratio.concepts()

    def estimate(self, values: Values) -> Estimate:
        made = self.ratio.estimate(values)
        young = int(values["young"] or 0)
        made = attrs.evolve(made, details={**made.details, "follow_up_incomplete": young})
        if not young:
            return made
        return made.with_notes(
            Note(
                "follow_up_incomplete",
                f"{young} of {values['denominator']:g} triggers are younger than {self.days} days: "
                "what follows them is not complete yet, and the share can still rise.",
            )
        )

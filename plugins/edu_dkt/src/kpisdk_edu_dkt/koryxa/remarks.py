"""Remarks: a metric that also counts what was wrong with the events, and says so beside the value.

Nothing that was left out or changed on the way to a value goes unsaid, on whatever engine it was
computed: the counts are measures of the same statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import attrs

from kpisdk import Derived, Estimate, Expression, Measure, Metric, Note, Values, count, total


@attrs.frozen
class Remark:
    """One thing that is counted: its measure, the warning's code, and the sentence with ``{n}``.

    Attributes:
        name: of the measure, within its metric.
        measure: what counts it.
        code: of the warning.
        sentence: of the warning, with ``{n}``.
    """

    name: str
    measure: Measure
    code: str
    sentence: str

    def note(self, values: Values) -> tuple[Note, ...]:
        """The warning, where there is anything to warn of."""
        n = values.get(self.name)
        return (Note(self.code, self.sentence.format(n=f"{n:.0f}")),) if n else ()


@attrs.frozen
class Remarked:
    """A metric with remarks: its value and interval are those of ``metric``.

    Attributes:
        metric: what the value and its interval are of.
        remarks: what is counted beside it.
        beside: further measures for the details, by name.
    """

    metric: Metric
    remarks: tuple[Remark, ...]
    beside: Mapping[str, Measure] = attrs.field(factory=dict)

    def measures(self) -> Mapping[str, Measure]:
        counted = {remark.name: remark.measure for remark in self.remarks}
        return {**self.metric.measures(), **counted, **self.beside}

    def follow_ups(self, values: Values) -> Mapping[str, Measure]:
        return self.metric.follow_ups(values)

    def concepts(self) -> tuple[str, ...]:
        return self.metric.concepts()

    def estimate(self, values: Values) -> Estimate:
        notes = [note for remark in self.remarks for note in remark.note(values)]
        made = self.metric.estimate(values)
        if self.beside:
            further = {name: values[name] for name in self.beside}
            made = attrs.evolve(made, details={**made.details, **further})
        return made.with_notes(*notes)


@cache
def about_users(relation: Derived) -> tuple[Remark, ...]:
    """What can be wrong with where and when users are: every KPI of them says it."""
    return (
        Remark(
            "remark:two_cohorts",
            total(relation, relation["has_two_cohorts"]),
            "user_in_two_cohorts",
            "Users in more than one cohort, each counted in that of the first event: {n}.",
        ),
        Remark(
            "remark:untimed",
            total(relation, relation["untimed_events"]),
            "event_without_time",
            "Events without a timestamp, which count but are nobody's first: {n}.",
        ),
    )


def about_counter(relation: Derived, name: str) -> tuple[Remark, ...]:
    """What can be wrong with a counter's values.

    Args:
        relation: the users.
        name: the counter's column.
    """
    return (
        Remark(
            f"remark:{name}:missing",
            total(relation, relation[f"{name}_missing"]),
            "counter_missing",
            f"Events without a value of {name}, which leave the largest as it is: {{n}}.",
        ),
        Remark(
            f"remark:{name}:outside",
            total(relation, relation[f"{name}_outside"]),
            "counter_dropped",
            f"Values of {name} that are negative or beyond counting, left out: {{n}}.",
        ),
        Remark(
            f"remark:{name}:fractional",
            total(relation, relation[f"{name}_fractional"]),
            "counter_truncated",
            f"Fractional values of {name}, cut to the whole number below: {{n}}.",
        ),
        users_where(
            relation,
            relation[name].is_null(),
            f"{name}:unknown",
            "counter_unknown",
            f"Users without any readable value of {name}, who count as users: {{n}}.",
        ),
    )


def users_where(
    relation: Derived, where: Expression, name: str, code: str, sentence: str
) -> Remark:
    """A remark on the users for whom ``where`` is true.

    Args:
        relation: the users.
        where: which of them are meant.
        name: of the measure.
        code: of the warning.
        sentence: of the warning, with ``{n}``.
    """
    return Remark(f"remark:{name}", count(relation, where), code, sentence)

"""How complete the fields are that every brand needs."""

from functools import reduce
from operator import or_

import attrs

from kpisdk import (
    Estimate,
    Expression,
    Formula,
    Governance,
    Kpi,
    Note,
    Reason,
    Trailing,
    Unit,
    Values,
    count,
    sample,
)
from kpisdk_ws1_quality.datasets import JOURNEYS
from kpisdk_ws1_quality.described import share_of_counts
from kpisdk_ws1_quality.french import FRENCH

CRITICAL = ("patient_id", "brand", "event_date")
"""The fields without which a journey is of no use."""

RECORDS = JOURNEYS.timed_by("created_at")

_missing: dict[str, Expression] = {name: RECORDS[name].is_null() for name in CRITICAL}


def _completeness(values: Values) -> Estimate:
    """The share of rows that lack nothing, and how often each field is missing.

    A field that is missing everywhere makes the share zero: that is what this KPI is there to find,
    so it stays a value, with a warning.
    """
    rows, incomplete = values["rows"] or 0.0, values["incomplete"] or 0.0
    if not rows:
        message = "No patient_journeys row of the slice has a created_at in the window."
        return Estimate.absent(Reason.ZERO_DENOMINATOR, message)
    missing = {name: int(values[f"missing_{name}"] or 0) for name in CRITICAL}
    made = share_of_counts(rows - incomplete, rows)
    notes = [
        Note("always_missing", f"{name!r} is NULL in all {rows:g} rows of the window and slice.")
        for name, found in missing.items()
        if found == rows
    ]
    return attrs.evolve(made, details={"missing": missing}).with_notes(*notes)


KPIS = (
    Kpi(
        id="WS1-DQ-005",
        translations={"fr": FRENCH["WS1-DQ-005"]},
        name="Completeness Pass Rate",
        workstream="ws1_quality",
        definition="Share of journeys that name a patient, a brand and an event date.",
        calculation_type="derived",
        formula="1 - (null_critical / total_records)",
        calculation=Formula(
            {
                "rows": count(RECORDS),
                "incomplete": count(RECORDS, reduce(or_, _missing.values())),
                **{f"missing_{name}": count(RECORDS, each) for name, each in _missing.items()},
            },
            _completeness,
        ),
        unit=Unit.RATIO,
        target=0.95,
        warning=0.90,
        critical=0.80,
        window=Trailing(30),
        sampling=sample("patient_id"),
        governance=Governance(
            objective="Keep journeys usable for every brand",
            numerator="journeys in which none of the critical fields is NULL",
            denominator="journeys created in the window",
            granularity="patient journey",
            segment="all journeys",
            source="patient_journeys",
            owner="Data engineering",
            gaming_risk="filling the fields with placeholders",
            controls="count distinct values; look for values that occur too often",
        ),
    ),
)

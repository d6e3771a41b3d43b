"""What came of the triggers: precision, recall, false alerts and lead time."""

from datetime import datetime, time, timedelta
from typing import Any

from kpisdk import (
    Column,
    Derived,
    Direction,
    FollowUp,
    Frequency,
    Governance,
    Kpi,
    LogicalType,
    Median,
    Ratio,
    Scope,
    Trailing,
    Unit,
    ValueRange,
    count,
    sample,
)
from kpisdk_ws2_triggers.datasets import TREATMENT_EVENTS, TRIGGERS
from kpisdk_ws2_triggers.french import FRENCH
from kpisdk_ws2_triggers.settings import FOLLOW_UP

WORKSTREAM = "ws2_triggers"
MONTH = Trailing(30)
TRACKED = FollowUp(FOLLOW_UP, setting="follow_up")
"""An outcome takes its time: triggers are judged when theirs is over."""


def _with_earlier_trigger(scope: Scope) -> Any:
    """Treatment events, and whether the patient had a trigger on or before that calendar day.

    The first trigger of each patient (and, in a slice, brand) decides: one join against a grouped
    table, instead of one look-up an event. A trigger at or after as_of was not there yet.
    """
    from sqlalchemy import and_, func, select

    events = scope.rows()
    triggers = scope.table(_TRIGGER_DAYS)
    keys = [triggers.c.patient_id, *scope.bound(triggers)]
    first = (
        select(*keys, func.min(triggers.c.trigger_timestamp).label("first_trigger"))
        .where(
            scope.in_slice(triggers),
            scope.before(triggers.c.trigger_timestamp, _triggers_end(scope.as_of)),
        )
        .group_by(*keys)
        .subquery("first_triggers")
    )
    preceded = scope.day(first.c.first_trigger) <= events.c.event_date
    joined = events.outerjoin(
        first, and_(first.c.patient_id == events.c.patient_id, scope.same_group(events, first))
    )
    return select(*events.c, func.coalesce(preceded, False).label("preceded")).select_from(joined)


def _triggers_end(as_of: datetime) -> datetime:
    """The instant from which on triggers do not count.

    That is as_of; but where it is the data frontier of the events, whose days have no hours, it is
    the end of the newest day: one microsecond after its midnight, of which no caller thinks.
    """
    midnight = datetime.combine(as_of.date(), time(), as_of.tzinfo)
    is_frontier = as_of - midnight == timedelta(microseconds=1)
    return midnight + timedelta(days=1) if is_frontier else as_of


_TRIGGER_DAYS = TRIGGERS.only("patient_id", "brand", "trigger_timestamp")

OUTCOMES = Derived(
    "outcome_events",
    base=TREATMENT_EVENTS,
    build=_with_earlier_trigger,
    adds=(Column("preceded", LogicalType.BOOL),),
    reads=(_TRIGGER_DAYS,),
    binds=("brand",),
    # They serve slices alone, so that a table without them can be asked for the whole.
    passes=("hcp_id", "brand"),
)
"""Treatment events, each with whether a trigger came before it."""

_is_outcome = (
    OUTCOMES["event_type"].is_in("prescription", "conversion") & OUTCOMES["patient_id"].not_null()
)
_tracked = TRIGGERS["outcome_tracked"].is_true() & TRIGGERS["outcome_value"].not_null()

KPIS = (
    Kpi(
        id="WS2-TR-001",
        translations={"fr": FRENCH["WS2-TR-001"]},
        name="Trigger Precision",
        workstream=WORKSTREAM,
        definition="Share of the triggers whose outcome was tracked that had a positive outcome.",
        calculation_type="derived",
        formula="true_positives / (true_positives + false_positives)",
        calculation=Ratio(
            count(TRIGGERS, _tracked & (TRIGGERS["outcome_value"] > 0)), count(TRIGGERS, _tracked)
        ),
        unit=Unit.RATIO,
        sampling=sample("patient_id"),
        target=0.70,
        warning=0.55,
        critical=0.40,
        window=MONTH,
        follow_up=TRACKED,
        governance=Governance(
            objective="Send triggers that lead to something",
            numerator="tracked triggers with an outcome value above zero",
            denominator="tracked triggers with an outcome value",
            granularity="trigger",
            segment="triggers with a tracked outcome",
            source="triggers",
            owner="Trigger operations",
            gaming_risk="tracking only the outcomes that are likely to be positive",
            controls="watch the share of triggers whose outcome is tracked",
        ),
    ),
    Kpi(
        id="WS2-TR-002",
        translations={"fr": FRENCH["WS2-TR-002"]},
        name="Trigger Recall",
        workstream=WORKSTREAM,
        definition=(
            "Share of prescriptions and conversions whose patient had a trigger on or before "
            "that calendar day."
        ),
        calculation_type="derived",
        formula="true_positives / (true_positives + false_negatives)",
        calculation=Ratio(
            count(OUTCOMES, _is_outcome & OUTCOMES["preceded"].is_true()),
            count(OUTCOMES, _is_outcome),
        ),
        unit=Unit.RATIO,
        sampling=sample("patient_id"),
        target=0.60,
        warning=0.45,
        critical=0.30,
        window=MONTH,
        governance=Governance(
            objective="See opportunities before they happen",
            numerator="outcome events preceded by a trigger for the same patient",
            denominator="prescription and conversion events that name a patient",
            granularity="treatment event",
            segment="prescriptions and conversions",
            source="treatment_events, triggers",
            owner="Trigger operations",
            gaming_risk="sending a trigger for every patient once",
            controls="read beside WS2-TR-001 (precision) and WS2-TR-005 (false alerts)",
        ),
    ),
    Kpi(
        id="WS2-TR-005",
        translations={"fr": FRENCH["WS2-TR-005"]},
        name="False Alert Rate",
        workstream=WORKSTREAM,
        definition="Share of triggers marked as false positives, of those marked either way.",
        calculation_type="direct",
        formula="count(false_positive) / total_triggers",
        calculation=Ratio(
            count(TRIGGERS, TRIGGERS["false_positive_flag"].is_true()),
            count(TRIGGERS, TRIGGERS["false_positive_flag"].not_null()),
        ),
        unit=Unit.RATIO,
        sampling=sample("hcp_id"),
        direction=Direction.LOWER,
        target=0.10,
        warning=0.20,
        critical=0.30,
        window=MONTH,
        governance=Governance(
            objective="Keep representatives' trust in triggers",
            numerator="triggers flagged as false positives",
            denominator="triggers with the flag set either way",
            granularity="trigger",
            segment="all triggers",
            source="triggers",
            owner="Trigger operations",
            gaming_risk="leaving doubtful triggers unflagged",
            controls="watch the share of triggers without the flag",
        ),
    ),
    Kpi(
        id="WS2-TR-007",
        translations={"fr": FRENCH["WS2-TR-007"]},
        name="Lead Time",
        workstream=WORKSTREAM,
        definition="Median number of days between a trigger and its outcome.",
        calculation_type="direct",
        formula="median(outcome_date - trigger_date)",
        calculation=Median(TRIGGERS, TRIGGERS["lead_time_days"]),
        unit=Unit.DAYS,
        sampling=sample("patient_id"),
        direction=Direction.LOWER,
        frequency=Frequency.WEEKLY,
        target=14,
        warning=21,
        critical=30,
        window=MONTH,
        follow_up=TRACKED,
        value_range=ValueRange(0),
        governance=Governance(
            objective="Shorten the way from trigger to outcome",
            numerator="days from trigger to outcome",
            granularity="trigger",
            segment="triggers with a known lead time",
            source="triggers",
            owner="Trigger operations",
            gaming_risk="firing triggers late, when the outcome is near",
            controls="read beside WS2-TR-002 (recall)",
        ),
    ),
)

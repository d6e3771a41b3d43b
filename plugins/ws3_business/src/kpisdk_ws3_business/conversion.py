"""What triggers lead to: a prescription for the same patient within 30 days."""

from datetime import timedelta
from typing import Any

from kpisdk import (
    Column,
    Derived,
    FollowUp,
    Frequency,
    Governance,
    Kpi,
    LogicalType,
    Ratio,
    Scope,
    Trailing,
    Unit,
    WindowUse,
    count,
    sample,
)
from kpisdk_ws3_business.datasets import PRESCRIPTION, TREATMENT_EVENTS, TRIGGERS
from kpisdk_ws3_business.french import FRENCH
from kpisdk_ws3_business.settings import HORIZON

_EVENTS = TREATMENT_EVENTS.only("patient_id", "event_date", "event_type", "brand")


def _prescriptions(scope: Scope) -> Any:
    """Prescriptions that can follow a trigger of the window, with the span of days they answer for.

    A trigger is converted when the patient's next prescription comes within the horizon. So each
    prescription answers for the days after the one before it, at most the horizon, up to its own:
    the spans of a patient do not overlap, and a join finds one of them at most. Of the ways tried
    on a million triggers (``benchmarks/ws3_conversion.py``) it costs least unless patients have
    dozens of prescriptions, and then little more; and every engine can say it.
    """
    from sqlalchemy import and_, case, func, not_, select

    events = scope.table(_EVENTS)
    day = events.c.event_date
    keys = [events.c.patient_id, *scope.bound(events)]
    reachable = [scope.before(day, scope.as_of)]
    if scope.window.start is not None:
        # From midnight on: a prescription of the first trigger's own day counts.
        first_day = scope.window.start.replace(hour=0, minute=0, second=0, microsecond=0)
        reachable.append(not_(scope.before(day, first_day)))
    if scope.window.end is not None:
        reachable.append(scope.before(day, scope.window.end + timedelta(days=HORIZON + 1)))
    ordered = (
        select(
            *keys,
            day.label("closes"),
            func.lag(day).over(partition_by=keys, order_by=day).label("previous"),
        )
        .where(
            events.c.event_type == PRESCRIPTION,
            events.c.patient_id.is_not(None),
            scope.in_slice(events),
            *reachable,
        )
        .subquery("ordered_prescriptions")
    )
    horizon = scope.add_days(ordered.c.closes, -HORIZON)
    opens = case(
        (and_(ordered.c.previous >= horizon), scope.add_days(ordered.c.previous, 1)), else_=horizon
    )
    return select(*ordered.c, opens.label("opens")).subquery("prescription_spans")


def _with_outcome(scope: Scope) -> Any:
    """Triggers of the window, and whether each was followed by a prescription in time."""
    from sqlalchemy import and_, select

    triggers = scope.rows()
    spans = _prescriptions(scope)
    day = scope.day(triggers.c.trigger_timestamp)
    joined = triggers.outerjoin(
        spans,
        and_(
            spans.c.patient_id == triggers.c.patient_id,
            spans.c.opens <= day,
            spans.c.closes >= day,
            scope.same_group(triggers, spans),
        ),
    )
    return select(*triggers.c, spans.c.patient_id.is_not(None).label("converted")).select_from(
        joined
    )


OUTCOMES = Derived(
    "trigger_outcomes",
    base=TRIGGERS,
    build=_with_outcome,
    adds=(Column("converted", LogicalType.BOOL),),
    reads=(_EVENTS,),
    # Within ROWS the build knows the window, and leaves out prescriptions that no trigger of it
    # can lead to.
    window_use=WindowUse.ROWS,
    binds=("brand",),
    passes=("hcp_id", "brand"),
)
"""Triggers, each with whether its patient had a prescription within the horizon."""

_delivered = OUTCOMES["acceptance_status"].not_null() & OUTCOMES["patient_id"].not_null()
_followed = TRIGGERS["acceptance_status"].not_null() & TRIGGERS["patient_id"].not_null()

KPIS = (
    Kpi(
        id="WS3-BI-009",
        translations={"fr": FRENCH["WS3-BI-009"]},
        name="Conversion Rate",
        workstream="ws3_business",
        definition="Share of delivered triggers whose patient has a prescription within 30 days.",
        calculation_type="derived",
        formula="prescriptions_after_trigger / triggers_delivered",
        calculation=Ratio(
            count(OUTCOMES, _delivered & OUTCOMES["converted"].is_true()),
            count(OUTCOMES, _delivered),
        ),
        unit=Unit.RATIO,
        sampling=sample("patient_id"),
        frequency=Frequency.WEEKLY,
        target=0.08,
        warning=0.05,
        critical=0.02,
        window=Trailing(30),
        follow_up=FollowUp(HORIZON, _followed, setting="follow_up"),
        governance=Governance(
            objective="Turn triggers into treatments",
            numerator="delivered triggers followed by a prescription for the same patient",
            denominator="delivered triggers that name a patient",
            granularity="trigger",
            segment="delivered triggers",
            source="triggers, treatment_events",
            owner="Commercial strategy",
            gaming_risk="sending triggers for patients who are about to get a prescription anyway",
            controls="compare with the control group (WS2-TR-003)",
        ),
    ),
)

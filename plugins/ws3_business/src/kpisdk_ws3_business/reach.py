"""Whom the platform reaches: eligible patients with a trigger, priority HCPs covered."""

from typing import Any

from kpisdk import (
    CENSUS,
    Column,
    Derived,
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
    count_distinct,
    sample,
)
from kpisdk_ws3_business.datasets import HCP_PROFILES, PATIENT_JOURNEYS, TRIGGERS
from kpisdk_ws3_business.french import FRENCH

WORKSTREAM = "ws3_business"

_TRIGGERED = TRIGGERS.only("patient_id", "brand", "trigger_timestamp")


def _with_touch(scope: Scope) -> Any:
    """Journeys, and whether their patient had a trigger in the window.

    The window belongs to the triggers, journeys have none; so triggers are cut and made distinct by
    patient (and, in a slice, brand) first, and one join marks the journeys.
    """
    from sqlalchemy import and_, select

    journeys = scope.rows()
    triggers = scope.table(_TRIGGERED)
    touched = (
        select(triggers.c.patient_id, *scope.bound(triggers))
        .where(
            triggers.c.patient_id.is_not(None),
            scope.in_window(triggers.c.trigger_timestamp),
            scope.in_slice(triggers),
        )
        .distinct()
        .subquery("touched_patients")
    )
    joined = journeys.outerjoin(
        touched,
        and_(touched.c.patient_id == journeys.c.patient_id, scope.same_group(journeys, touched)),
    )
    return select(*journeys.c, touched.c.patient_id.is_not(None).label("touched")).select_from(
        joined
    )


JOURNEYS = Derived(
    "touched_journeys",
    base=PATIENT_JOURNEYS,
    build=_with_touch,
    adds=(Column("touched", LogicalType.BOOL),),
    reads=(_TRIGGERED,),
    window_use=WindowUse.OWN,
    binds=("brand",),
    passes=("hcp_id", "brand"),
)
"""Patient journeys, each with whether a trigger named its patient in the window."""

_patient = JOURNEYS["patient_id"]
_eligible = JOURNEYS["is_eligible"].is_true()

_coverage = HCP_PROFILES["coverage_status"]
_priority = HCP_PROFILES["priority_tier"].is_in(1, 2)

KPIS = (
    Kpi(
        id="WS3-BI-003",
        translations={"fr": FRENCH["WS3-BI-003"]},
        name="Patient Touch Rate",
        workstream=WORKSTREAM,
        definition="Share of eligible patients for whom at least one trigger was sent.",
        calculation_type="derived",
        formula="patients_with_trigger / eligible_patients",
        calculation=Ratio(
            count_distinct(JOURNEYS, _patient, _eligible & JOURNEYS["touched"].is_true()),
            count_distinct(JOURNEYS, _patient, _eligible),
        ),
        unit=Unit.RATIO,
        sampling=sample("patient_id"),
        frequency=Frequency.WEEKLY,
        target=0.40,
        warning=0.30,
        critical=0.20,
        window=Trailing(30),
        time_of=TRIGGERS,
        governance=Governance(
            objective="Reach the patients who can benefit",
            numerator="distinct eligible patients with a trigger in the window",
            denominator="distinct patients with is_eligible true on a journey",
            granularity="patient",
            segment="eligible patients",
            source="triggers, patient_journeys",
            owner="Commercial strategy",
            gaming_risk="sending one trigger for every patient, useful or not",
            controls="read beside WS2-TR-001 (precision) and WS3-BI-009 (conversion)",
        ),
    ),
    Kpi(
        id="WS3-BI-004",
        translations={"fr": FRENCH["WS3-BI-004"]},
        name="HCP Coverage",
        workstream=WORKSTREAM,
        definition="Share of priority HCPs (tiers 1 and 2) who are covered.",
        calculation_type="direct",
        formula="count(covered) / total_priority_hcps",
        calculation=Ratio(
            count(HCP_PROFILES, _priority & _coverage.is_true()),
            count(HCP_PROFILES, _priority & _coverage.not_null()),
        ),
        unit=Unit.RATIO,
        sampling=CENSUS,
        frequency=Frequency.WEEKLY,
        target=0.75,
        warning=0.60,
        critical=0.45,
        governance=Governance(
            objective="Be present where it matters most",
            numerator="tier 1 and 2 HCPs with coverage_status true",
            denominator="tier 1 and 2 HCPs with a known coverage_status",
            granularity="HCP",
            segment="priority HCPs",
            source="hcp_profiles",
            owner="Commercial strategy",
            gaming_risk="moving HCPs who are not covered to a lower tier",
            controls="watch the number of HCPs in each tier",
        ),
    ),
)

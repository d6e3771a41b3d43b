"""Kisqali: how fast it is adopted after a diagnosis, and how many oncologists are reached."""

from typing import Any

from kpisdk import (
    AsOf,
    Column,
    Derived,
    Direction,
    Frequency,
    Governance,
    Kpi,
    LogicalType,
    Median,
    Ratio,
    Scope,
    Trailing,
    Unit,
    WindowUse,
    count,
    count_distinct,
    minimum,
    sample,
)
from kpisdk_brand.counted_gap import CountedMedian
from kpisdk_brand.datasets import (
    HCP_PROFILES,
    PATIENT_JOURNEYS,
    TREATMENT_EVENTS,
    TRIGGERS,
    WORKSTREAM,
    refused,
)

BRAND = "Kisqali"

_DIAGNOSED = PATIENT_JOURNEYS.only("patient_id", "hcp_id", "diagnosis_date")
_PRESCRIBED = TREATMENT_EVENTS.only("patient_id", "event_date", "event_type", "brand")


def _gaps(scope: Scope) -> Any:
    """One row a patient: days from the earliest diagnosis to the first Kisqali prescription.

    Both sides are gathered by patient before they meet, so that the join is one row to one. Of a
    patient without a prescription, the days from the diagnosis to as_of are known.
    """
    from sqlalchemy import case, func, select

    journeys = scope.rows()
    events = scope.table(_PRESCRIBED)
    groups = scope.partition(journeys)
    diagnosed = (
        select(
            journeys.c.patient_id,
            *groups,
            func.min(journeys.c.diagnosis_date).label("diagnosis_date"),
        )
        .where(journeys.c.patient_id.is_not(None), journeys.c.diagnosis_date.is_not(None))
        .group_by(journeys.c.patient_id, *groups)
        .subquery("diagnosed_patients")
    )
    started = (
        select(events.c.patient_id, func.min(events.c.event_date).label("started_on"))
        .where(
            events.c.patient_id.is_not(None),
            events.c.event_date.is_not(None),
            events.c.event_type == "prescription",
            events.c.brand == BRAND,
        )
        .group_by(events.c.patient_id)
        .subquery("first_prescriptions")
    )
    gap = scope.days_between(diagnosed.c.diagnosis_date, started.c.started_on)
    waiting = scope.expression(AsOf().days_since(_DIAGNOSED["diagnosis_date"]), diagnosed)
    return select(
        *(diagnosed.c[group.name] for group in groups),
        diagnosed.c.patient_id,
        gap.label("gap_days"),
        case((started.c.started_on.is_(None), waiting)).label("waiting_days"),
    ).select_from(diagnosed.outerjoin(started, started.c.patient_id == diagnosed.c.patient_id))


def _waiting(scope: Scope) -> Any:
    """Days after the diagnosis, and the share of patients that is not treated by then."""
    return scope.still_waiting(_gaps(scope).subquery("patients"), "gap_days", "waiting_days")


PATIENTS = Derived(
    "adoption_gaps",
    base=_DIAGNOSED,
    build=_gaps,
    adds=(
        Column("patient_id", LogicalType.TEXT),
        Column("gap_days", LogicalType.FLOAT),
        Column("waiting_days", LogicalType.FLOAT),
    ),
    reads=(_PRESCRIBED,),
    passes=("hcp_id",),
    grouped=True,
)
"""Diagnosed patients, each with the days to its first Kisqali prescription, if it has one."""

UNTREATED = Derived(
    "untreated_share",
    base=_DIAGNOSED,
    build=_waiting,
    adds=(Column("waited", LogicalType.FLOAT), Column("still_waiting", LogicalType.FLOAT)),
    reads=(_PRESCRIBED,),
    passes=("hcp_id",),
    grouped=True,
)
"""Days after the diagnosis, each with the share of patients that is not treated by then."""

_TREATED_BEFORE = (
    "{n} patients have a Kisqali prescription before their earliest diagnosis date and are left "
    "out."
)
_NOT_YET_TREATED = (
    "{n} patients are diagnosed and have no Kisqali prescription: the median is of those who have "
    "one, and the details hold the Kaplan-Meier median of all."
)
_HALF = 0.5 + 1e-9
"""Half of the patients, and what a product of shares is off by."""

_gap = PATIENTS["gap_days"]

_ENGAGING = TRIGGERS.only("hcp_id", "brand", "trigger_timestamp")


def _with_engagement(scope: Scope) -> Any:
    """HCPs, and whether a Kisqali trigger named them in the window.

    The window belongs to the triggers, profiles have none; so triggers are cut and made distinct by
    HCP first.
    """
    from sqlalchemy import select

    profiles = scope.rows()
    triggers = scope.table(_ENGAGING)
    engaged = (
        select(triggers.c.hcp_id)
        .where(
            triggers.c.hcp_id.is_not(None),
            triggers.c.brand == BRAND,
            scope.in_window(triggers.c.trigger_timestamp),
        )
        .distinct()
        .subquery("engaged_hcps")
    )
    joined = profiles.outerjoin(engaged, engaged.c.hcp_id == profiles.c.hcp_id)
    return select(*profiles.c, engaged.c.hcp_id.is_not(None).label("engaged")).select_from(joined)


PROFILES = Derived(
    "engaged_profiles",
    base=HCP_PROFILES,
    build=_with_engagement,
    adds=(Column("engaged", LogicalType.BOOL),),
    reads=(_ENGAGING,),
    window_use=WindowUse.OWN,
)
"""HCPs, each with whether it was engaged with Kisqali in the window."""

_oncologist = PROFILES["specialty"].contains_text("oncolog")

KPIS = (
    Kpi(
        id="BR-004",
        name="Kisqali - Dx Adoption",
        workstream=WORKSTREAM,
        definition="Median days from the earliest diagnosis to the first Kisqali prescription.",
        calculation_type="derived",
        formula="median(first_kisqali_date - diagnosis_date)",
        calculation=CountedMedian(
            Median(PATIENTS, _gap, _gap >= 0.0),
            counted={
                "negative_gaps": (
                    count(PATIENTS, _gap < 0.0),
                    _TREATED_BEFORE,
                ),
                "not_yet_treated": (
                    count(PATIENTS, _gap.is_null()),
                    _NOT_YET_TREATED,
                ),
            },
            beside={
                "kaplan_meier_median_days": minimum(
                    UNTREATED, UNTREATED["waited"], UNTREATED["still_waiting"] <= _HALF
                )
            },
        ),
        unit=Unit.DAYS,
        sampling=sample("patient_id"),
        direction=Direction.LOWER,
        frequency=Frequency.WEEKLY,
        target=30,
        warning=45,
        critical=60,
        brand=BRAND,
        refuses=refused(BRAND),
        slug="kisqali_dx_adoption",
        governance=Governance(
            objective="Start treatment soon after the diagnosis",
            numerator="days from the earliest diagnosis to the first Kisqali prescription",
            granularity="patient",
            segment="patients with a diagnosis date and a later Kisqali prescription",
            source="patient_journeys, treatment_events",
            owner="Kisqali brand team",
            gaming_risk="recording the diagnosis when treatment starts",
            controls="watch the number of negative and zero gaps",
        ),
    ),
    Kpi(
        id="BR-005",
        name="Kisqali - Oncologist Reach",
        workstream=WORKSTREAM,
        definition="Share of oncologists for whom a Kisqali trigger was sent.",
        calculation_type="derived",
        formula="engaged_oncologists / total_oncologists",
        calculation=Ratio(
            count_distinct(
                PROFILES, PROFILES["hcp_id"], _oncologist & PROFILES["engaged"].is_true()
            ),
            count_distinct(PROFILES, PROFILES["hcp_id"], _oncologist),
        ),
        unit=Unit.RATIO,
        sampling=sample("hcp_id"),
        frequency=Frequency.WEEKLY,
        target=0.70,
        warning=0.55,
        critical=0.40,
        window=Trailing(90),
        time_of=TRIGGERS,
        brand=BRAND,
        refuses=refused(BRAND),
        slug="kisqali_oncologist_reach",
        governance=Governance(
            objective="Reach the oncologists who can prescribe Kisqali",
            numerator="of those, HCPs with a Kisqali trigger in the window",
            denominator="HCPs with an oncology specialty",
            granularity="HCP",
            segment="oncologists",
            source="hcp_profiles, triggers",
            owner="Kisqali brand team",
            gaming_risk="sending one trigger for every oncologist, useful or not",
            controls="read beside WS2-TR-004 (acceptance)",
        ),
    ),
)

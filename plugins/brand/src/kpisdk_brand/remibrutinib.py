"""Remibrutinib: patients whom antihistamines leave uncontrolled, and prescribers' intent."""

from typing import Any

from kpisdk import (
    Breakdown,
    Column,
    Derived,
    Direction,
    Frequency,
    Governance,
    Kpi,
    LogicalType,
    Mean,
    Ratio,
    Scope,
    Trailing,
    Unit,
    ViewColumn,
    count_distinct,
    sample,
)
from kpisdk_brand.datasets import (
    HCP_INTENT_SURVEYS,
    PATIENT_JOURNEYS,
    TREATMENT_EVENTS,
    WORKSTREAM,
    refused,
)
from kpisdk_brand.french import FRENCH

BRAND = "Remibrutinib"

_DIAGNOSED = PATIENT_JOURNEYS.only("patient_id", "hcp_id", "diagnosis")
_TREATED = TREATMENT_EVENTS.only("patient_id", "drug_class", "treatment_response")

_is_antihistamine = TREATMENT_EVENTS["drug_class"].same_text(
    "antihistamine", "h1_blocker", "h1-blocker"
)
_is_uncontrolled = TREATMENT_EVENTS["treatment_response"].same_text(
    "inadequate", "uncontrolled", "refractory"
)


def _with_antihistamines(scope: Scope) -> Any:
    """Journeys, whether their patient took an antihistamine, and whether one failed to help.

    Events are gathered by patient first, so that one join marks the journeys.
    """
    from sqlalchemy import case, func, select

    journeys = scope.rows()
    events = scope.table(_TREATED)
    bad = case((scope.expression(_is_uncontrolled, events), 1), else_=0)
    patients = (
        select(events.c.patient_id, func.max(bad).label("bad"))
        .where(events.c.patient_id.is_not(None), scope.expression(_is_antihistamine, events))
        .group_by(events.c.patient_id)
        .subquery("antihistamine_patients")
    )
    joined = journeys.outerjoin(patients, patients.c.patient_id == journeys.c.patient_id)
    return select(
        *journeys.c,
        patients.c.patient_id.is_not(None).label("treated"),
        (func.coalesce(patients.c.bad, 0) == 1).label("uncontrolled"),
    ).select_from(joined)


JOURNEYS = Derived(
    "antihistamine_journeys",
    base=_DIAGNOSED,
    build=_with_antihistamines,
    adds=(Column("treated", LogicalType.BOOL), Column("uncontrolled", LogicalType.BOOL)),
    reads=(_TREATED,),
    passes=("hcp_id",),
)
"""Patient journeys, each with what antihistamines did for its patient."""

_patient = JOURNEYS["patient_id"]
_treated = (
    JOURNEYS["diagnosis"].contains_text("csu", "chronic spontaneous urticaria")
    & JOURNEYS["treated"].is_true()
)

_EARLIER = HCP_INTENT_SURVEYS.only(
    "survey_id", "hcp_id", "brand", "survey_date", "intent_to_prescribe_score"
)


def _with_change(scope: Scope) -> Any:
    """Surveys, and the change of each since the one that it names as the previous one.

    Only an earlier survey of the same HCP and brand is a previous one, and only where its id names
    one row; the change that the survey itself states stands in where the difference is unknown for
    any reason.
    """
    from sqlalchemy import Double, and_, cast, func, select

    surveys = scope.rows()
    named = scope.table(_EARLIER)
    score = func.max(named.c.intent_to_prescribe_score).label("score")
    held_on = func.max(named.c.survey_date).label("held_on")
    keys = (named.c.survey_id, named.c.hcp_id, named.c.brand)
    # An id that occurs twice would multiply the surveys that refer to it.
    earlier = (
        select(*keys, score, held_on).group_by(*keys).having(func.count() == 1).subquery("earlier")
    )
    joined = surveys.outerjoin(
        earlier,
        and_(
            earlier.c.survey_id == surveys.c.previous_survey_id,
            earlier.c.hcp_id == surveys.c.hcp_id,
            earlier.c.brand == surveys.c.brand,
            earlier.c.held_on < surveys.c.survey_date,
        ),
    )
    # As doubles: an unsigned score less a higher one would overflow.
    later: Any = cast(surveys.c.intent_to_prescribe_score, Double())
    change = func.coalesce(
        later - cast(earlier.c.score, Double()),
        cast(surveys.c.intent_to_prescribe_change, Double()),
    )
    return select(*surveys.c, change.label("change")).select_from(joined)


SURVEYS = Derived(
    "intent_changes",
    base=HCP_INTENT_SURVEYS,
    build=_with_change,
    adds=(Column("change", LogicalType.FLOAT),),
    reads=(_EARLIER,),
)
"""Intent surveys, each with its change in points since the previous one."""

_quality = SURVEYS["response_quality_flag"]
_is_usable = _quality.is_null() | _quality.is_true()
_ANY_BRAND = Mean(SURVEYS, SURVEYS["change"], _is_usable)
"""The same mean for whatever brand a row of the helper view is about."""

KPIS = (
    Kpi(
        id="BR-001",
        translations={"fr": FRENCH["BR-001"]},
        name="Remi - AH Uncontrolled %",
        workstream=WORKSTREAM,
        definition="Share of CSU patients on antihistamines whose symptoms are not controlled.",
        calculation_type="derived",
        formula="uncontrolled_patients / ah_patients",
        calculation=Ratio(
            count_distinct(JOURNEYS, _patient, _treated & JOURNEYS["uncontrolled"].is_true()),
            count_distinct(JOURNEYS, _patient, _treated),
        ),
        unit=Unit.RATIO,
        sampling=sample("patient_id"),
        direction=Direction.LOWER,
        frequency=Frequency.WEEKLY,
        target=0.40,
        warning=0.50,
        critical=0.60,
        brand=BRAND,
        refuses=refused(BRAND),
        slug="remi_ah_uncontrolled",
        governance=Governance(
            objective="Know how many patients antihistamines do not help",
            numerator="of those, patients with an inadequate, uncontrolled or refractory response",
            denominator="patients with a CSU diagnosis and an antihistamine event",
            granularity="patient",
            segment="CSU patients on antihistamines",
            source="patient_journeys, treatment_events",
            owner="Remibrutinib brand team",
            gaming_risk="not recording responses",
            controls="watch the share of antihistamine events with a response",
        ),
    ),
    Kpi(
        id="BR-002",
        translations={"fr": FRENCH["BR-002"]},
        name="Remi - Intent-to-Prescribe Delta",
        workstream=WORKSTREAM,
        definition="Mean change of HCPs' intent to prescribe since their previous survey.",
        calculation_type="direct",
        formula="post_intent - pre_intent",
        calculation=Mean(
            SURVEYS,
            SURVEYS["change"],
            SURVEYS["brand"].equals(BRAND) & _is_usable,
        ),
        unit=Unit.POINTS,
        sampling=sample("hcp_id"),
        frequency=Frequency.MONTHLY,
        target=0.5,
        warning=0.3,
        critical=0.0,
        window=Trailing(90),
        brand=BRAND,
        refuses=refused(BRAND),
        view=ViewColumn(
            "v_kpi_intent_to_prescribe",
            "avg_intent_change",
            breakdowns=(
                Breakdown(("brand",), metric=_ANY_BRAND),
                Breakdown(("brand",), month="survey_month", metric=_ANY_BRAND, whole=True),
            ),
        ),
        slug="remi_intent_to_prescribe_delta",
        governance=Governance(
            objective="Make HCPs more willing to prescribe Remibrutinib",
            numerator="score minus the score of the previous, earlier survey of the HCP and brand",
            granularity="survey",
            segment="Remibrutinib surveys of usable quality",
            source="hcp_intent_surveys",
            owner="Remibrutinib brand team",
            gaming_risk="surveying only HCPs who are already convinced",
            controls="watch who is surveyed, and how often surveys are marked as unusable",
        ),
    ),
)

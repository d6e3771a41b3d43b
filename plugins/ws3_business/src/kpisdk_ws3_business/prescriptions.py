"""Prescription volumes: total, new, new to the brand, and a brand's share."""

from typing import Any

from kpisdk import (
    CENSUS,
    Column,
    Derived,
    Frequency,
    Governance,
    Kpi,
    LogicalType,
    Note,
    Ratio,
    RequiredSlice,
    Scope,
    Simple,
    Trailing,
    Unit,
    count,
    count_distinct,
    sample,
)
from kpisdk_ws3_business.datasets import PRESCRIPTION, TREATMENT_EVENTS
from kpisdk_ws3_business.french import FRENCH

WORKSTREAM = "ws3_business"
MONTH = Trailing(30)

_BRANDED = TREATMENT_EVENTS.only("patient_id", "hcp_id", "event_date", "event_type", "brand")
_HISTORY = TREATMENT_EVENTS.only("patient_id", "event_date", "event_type", "brand")


def _with_first_of_brand(scope: Scope) -> Any:
    """Treatment events, and whether each is the patient's first prescription of its brand.

    "First" looks at the whole history, whatever the slice: a patient who moves to another HCP is
    not new to the brand again. Of slices, only the brand narrows the history, for speed.
    """
    from sqlalchemy import and_, func, select

    events = scope.rows()
    history = scope.table(_HISTORY)
    firsts = (
        select(
            history.c.patient_id,
            history.c.brand,
            func.min(history.c.event_date).label("first_date"),
        )
        .where(
            history.c.event_type == PRESCRIPTION,
            history.c.patient_id.is_not(None),
            history.c.brand.is_not(None),
            scope.in_slice(history),
        )
        .group_by(history.c.patient_id, history.c.brand)
        .subquery("first_prescriptions")
    )
    joined = events.outerjoin(
        firsts,
        and_(
            firsts.c.patient_id == events.c.patient_id,
            firsts.c.brand == events.c.brand,
            firsts.c.first_date == events.c.event_date,
        ),
    )
    is_first = and_(events.c.event_type == PRESCRIPTION, firsts.c.first_date.is_not(None))
    return select(*events.c, is_first.label("is_first")).select_from(joined)


EVENTS = Derived(
    "events_first_of_brand",
    base=_BRANDED,
    build=_with_first_of_brand,
    adds=(Column("is_first", LogicalType.BOOL),),
    reads=(_HISTORY,),
    binds=("brand",),
    passes=("hcp_id",),
)
"""Treatment events, each with whether it starts its patient on its brand."""

_is_prescription = TREATMENT_EVENTS["event_type"].equals(PRESCRIPTION)
_is_new = _is_prescription & TREATMENT_EVENTS["sequence_number"].equals(1)

PRESCRIPTIONS = count(TREATMENT_EVENTS, _is_prescription)
"""Prescription events: the total of one KPI, and what another one is a share of."""

KPIS = (
    Kpi(
        id="WS3-BI-005",
        translations={"fr": FRENCH["WS3-BI-005"]},
        name="Total Prescriptions (TRx)",
        workstream=WORKSTREAM,
        definition="Number of prescriptions in the window.",
        calculation_type="derived",
        formula="count(event_type = 'prescription')",
        calculation=Simple(PRESCRIPTIONS),
        unit=Unit.COUNT,
        sampling=CENSUS,
        window=MONTH,
        slug="total_prescriptions",
        governance=Governance(
            objective="Follow the volume of prescriptions",
            numerator="prescription events, with or without a known patient",
            granularity="prescription",
            segment="all prescriptions",
            source="treatment_events",
            owner="Commercial analytics",
            gaming_risk="recording one prescription several times",
            controls="watch duplicate events of one patient and day",
        ),
    ),
    Kpi(
        id="WS3-BI-006",
        translations={"fr": FRENCH["WS3-BI-006"]},
        name="New Prescriptions (NRx)",
        workstream=WORKSTREAM,
        definition="Number of prescriptions in the window that are their patient's first.",
        calculation_type="derived",
        formula="count(first_prescription)",
        calculation=Simple(count(TREATMENT_EVENTS, _is_new)),
        unit=Unit.COUNT,
        sampling=CENSUS,
        window=MONTH,
        slug="new_prescriptions",
        governance=Governance(
            objective="Follow how many treatments start",
            numerator="prescription events with sequence_number 1",
            granularity="prescription",
            segment="first prescriptions",
            source="treatment_events",
            owner="Commercial analytics",
            gaming_risk="numbering every prescription 1",
            controls="read beside WS3-BI-005 (all prescriptions)",
        ),
    ),
    Kpi(
        id="WS3-BI-007",
        translations={"fr": FRENCH["WS3-BI-007"]},
        name="New-to-Brand Prescriptions (NBRx)",
        workstream=WORKSTREAM,
        definition="Patients whose first prescription ever of the brand falls in the window.",
        calculation_type="derived",
        formula="count(first_brand_prescription)",
        calculation=Simple(
            count_distinct(EVENTS, EVENTS["patient_id"], EVENTS["is_first"].is_true())
        ),
        unit=Unit.COUNT,
        sampling=CENSUS,
        window=MONTH,
        requires=RequiredSlice(
            "brand",
            otherwise=0.0,
            note=Note(
                "brand_not_given",
                "Without a brand nothing is new to one, so the value is 0 by definition; "
                "filter or group by brand.",
            ),
        ),
        slug="new_to_brand_prescriptions",
        governance=Governance(
            objective="Follow how many patients start on a brand",
            numerator="distinct patients with their first prescription of the brand in the window",
            granularity="patient",
            segment="one brand",
            source="treatment_events",
            owner="Commercial analytics",
            gaming_risk="loading a short history, which makes old patients look new",
            controls="check how far back the history goes",
        ),
    ),
    Kpi(
        id="WS3-BI-008",
        translations={"fr": FRENCH["WS3-BI-008"]},
        name="TRx Share",
        workstream=WORKSTREAM,
        definition="The brand's prescriptions as a share of all prescriptions.",
        calculation_type="derived",
        formula="brand_trx / category_trx",
        calculation=Ratio(
            PRESCRIPTIONS, count(TREATMENT_EVENTS, _is_prescription, across=("brand",))
        ),
        unit=Unit.RATIO,
        sampling=sample("patient_id"),
        frequency=Frequency.WEEKLY,
        target=0.30,
        warning=0.20,
        critical=0.10,
        window=MONTH,
        requires=RequiredSlice("brand"),
        governance=Governance(
            objective="Win prescriptions from other brands",
            numerator="prescriptions of the brand",
            denominator="prescriptions of every brand, and of none",
            granularity="prescription",
            segment="one brand",
            source="treatment_events",
            owner="Commercial analytics",
            gaming_risk="leaving competitors' prescriptions out of the data",
            controls="watch the total beside the share",
        ),
    ),
)

"""Fabhalta: eligible patients tested for paroxysmal nocturnal hemoglobinuria (PNH)."""

from typing import Any

from kpisdk import (
    Column,
    Derived,
    Frequency,
    Governance,
    Kpi,
    LogicalType,
    Ratio,
    Scope,
    Unit,
    count_distinct,
    sample,
)
from kpisdk_brand.datasets import PATIENT_JOURNEYS, TREATMENT_EVENTS, WORKSTREAM, refused
from kpisdk_brand.french import FRENCH

BRAND = "Fabhalta"

_DIAGNOSED = PATIENT_JOURNEYS.only("patient_id", "hcp_id", "diagnosis", "is_eligible")
_TESTS = TREATMENT_EVENTS.only("patient_id", "test_type")

_is_pnh_test = TREATMENT_EVENTS["test_type"].same_text("flow_cytometry", "pnh_panel", "gpi_anchor")


def _with_tests(scope: Scope) -> Any:
    """Journeys, and whether their patient was ever tested for PNH."""
    from sqlalchemy import select

    journeys = scope.rows()
    events = scope.table(_TESTS)
    tested = (
        select(events.c.patient_id)
        .where(events.c.patient_id.is_not(None), scope.expression(_is_pnh_test, events))
        .distinct()
        .subquery("tested_patients")
    )
    joined = journeys.outerjoin(tested, tested.c.patient_id == journeys.c.patient_id)
    return select(*journeys.c, tested.c.patient_id.is_not(None).label("tested")).select_from(joined)


JOURNEYS = Derived(
    "tested_journeys",
    base=_DIAGNOSED,
    build=_with_tests,
    adds=(Column("tested", LogicalType.BOOL),),
    reads=(_TESTS,),
    passes=("hcp_id",),
)
"""Patient journeys, each with whether its patient was tested for PNH."""

_patient = JOURNEYS["patient_id"]
_diagnosis = JOURNEYS["diagnosis"]
_eligible = _diagnosis.contains_text("pnh", "paroxysmal nocturnal hemoglobinuria") | (
    _diagnosis.contains_text("anemia") & JOURNEYS["is_eligible"].is_true()
)

KPIS = (
    Kpi(
        id="BR-003",
        translations={"fr": FRENCH["BR-003"]},
        name="Fabhalta - % PNH Tested",
        workstream=WORKSTREAM,
        definition="Share of patients with PNH, or eligible with anemia, who were tested for PNH.",
        calculation_type="derived",
        formula="pnh_tested / eligible_patients",
        calculation=Ratio(
            count_distinct(JOURNEYS, _patient, _eligible & JOURNEYS["tested"].is_true()),
            count_distinct(JOURNEYS, _patient, _eligible),
        ),
        unit=Unit.RATIO,
        sampling=sample("patient_id"),
        frequency=Frequency.WEEKLY,
        target=0.60,
        warning=0.45,
        critical=0.30,
        brand=BRAND,
        refuses=refused(BRAND),
        slug="fabhalta_pnh_tested",
        governance=Governance(
            objective="Find the patients who have PNH",
            numerator="of those, patients with a flow cytometry, PNH panel or GPI anchor test",
            denominator="patients with a PNH diagnosis, or an anemia one and is_eligible",
            granularity="patient",
            segment="patients who should be tested",
            source="patient_journeys, treatment_events",
            owner="Fabhalta brand team",
            gaming_risk="marking only tested anemia patients as eligible",
            controls="watch the number of eligible patients",
        ),
    ),
)

"""How much of the reference universe the data cover: patients and HCPs."""

from typing import Any

import attrs

from kpisdk import (
    CENSUS,
    Column,
    Derived,
    Estimate,
    Formula,
    Governance,
    Kpi,
    LogicalType,
    Note,
    Reason,
    Scope,
    Unit,
    Values,
    count,
    count_distinct,
    total,
)
from kpisdk_ws1_quality.datasets import HCP_PROFILES, JOURNEYS, UNIVERSE, in_force
from kpisdk_ws1_quality.described import negative_counts, share_of_counts
from kpisdk_ws1_quality.french import FRENCH

WORKSTREAM = "ws1_quality"

_PATIENTS = JOURNEYS.only("patient_id", "brand")
_MEMBERS = UNIVERSE.only(
    "universe_type", "patient_id", "total_count", "effective_date", "expiration_date"
)


def _with_presence(scope: Scope) -> Any:
    """Universe rows, and whether the patient that a row names is in ``patient_journeys``.

    In a brand's slice, whether the patient has a journey of that brand.
    """
    from sqlalchemy import and_, select

    members = scope.rows()
    journeys = scope.table(_PATIENTS)
    known = (
        select(journeys.c.patient_id, *scope.bound(journeys))
        .where(journeys.c.patient_id.is_not(None), scope.in_slice(journeys))
        .distinct()
        .subquery("known_patients")
    )
    joined = members.outerjoin(
        known,
        and_(known.c.patient_id == members.c.patient_id, scope.same_group(members, known)),
    )
    is_present = known.c.patient_id.is_not(None)
    return select(*members.c, is_present.label("is_present")).select_from(joined)


MEMBERS = Derived(
    "universe_members",
    base=_MEMBERS,
    build=_with_presence,
    adds=(Column("is_present", LogicalType.BOOL),),
    reads=(_PATIENTS,),
    binds=("brand",),
    closed=True,
    passes=("brand",),  # of the journeys: it serves slices alone
)
"""Universe rows, each with whether its patient is in the journeys."""

_patient_rows = in_force("patient")
_named = _patient_rows & MEMBERS["patient_id"].not_null()
_unnamed = _patient_rows & _MEMBERS["patient_id"].is_null()


def _patient_coverage(values: Values) -> Estimate:
    """Name by name where the universe names patients, else number by number."""
    if not values["named"]:
        made = _by_number(values["present"], values["unnamed_members"])
        return made.with_notes(*negative_counts(values["negative"], "total_count"))
    made = share_of_counts(values["covered"], values["named"])
    unnamed = values["unnamed_members"] or 0
    notes = []
    if unnamed:
        what = f"{unnamed:g} members of the universe are not named and were left out."
        notes.append(Note("unnamed_members", what))
    if made.value == 0:
        what = "None of the named patients is in patient_journeys; check that ids are alike."
        notes.append(Note("no_match", what))
    return _on(made, "named").with_notes(*notes)


def _by_number(present: float | None, members: float | None) -> Estimate:
    if members is None or members <= 0:
        return _no_universe("patient", members)
    return _on(share_of_counts(present, members), "counted")


def _hcp_coverage(values: Values) -> Estimate:
    members, lost = values["members"], negative_counts(values["negative"], "total_count")
    if members is None or members <= 0:
        return _no_universe("hcp", members).with_notes(*lost)
    return share_of_counts(values["covered"], members).with_notes(*lost)


def _no_universe(kind: str, members: float | None) -> Estimate:
    if members is not None:
        message = (
            f"The total_count of the universe_type {kind!r} in force adds up to {members:g}, of "
            "which there is no share."
        )
        return Estimate.absent(Reason.ZERO_DENOMINATOR, message)
    return Estimate.absent(
        Reason.ZERO_DENOMINATOR,
        f"No reference_universe row with universe_type {kind!r} and a total_count is in force "
        "(effective_date <= as_of < expiration_date) in the slice.",
    )


def _on(made: Estimate, basis: str) -> Estimate:
    return attrs.evolve(made, details={**made.details, "basis": basis})


KPIS = (
    Kpi(
        id="WS1-DQ-001",
        translations={"fr": FRENCH["WS1-DQ-001"]},
        name="Source Coverage - Patients",
        workstream=WORKSTREAM,
        definition="Share of the patients of the reference universe that the source holds.",
        calculation_type="derived",
        formula="covered_patients / reference_patients",
        calculation=Formula(
            {
                "named": count_distinct(MEMBERS, MEMBERS["patient_id"], _named),
                "covered": count_distinct(
                    MEMBERS, MEMBERS["patient_id"], _named & MEMBERS["is_present"].is_true()
                ),
                "unnamed_members": total(
                    _MEMBERS,
                    _MEMBERS["total_count"],
                    _unnamed,
                ),
                "negative": count(
                    _MEMBERS,
                    _patient_rows
                    & _MEMBERS["patient_id"].is_null()
                    & (_MEMBERS["total_count"] < 0),
                ),
                "present": count_distinct(_PATIENTS, _PATIENTS["patient_id"]),
            },
            _patient_coverage,
            counted=("present",),
        ),
        base=_PATIENTS,
        unit=Unit.RATIO,
        target=0.85,
        warning=0.70,
        critical=0.50,
        sampling=CENSUS,
        governance=Governance(
            objective="See the patients that the models are meant to serve",
            numerator="distinct patients of the universe who have a journey",
            denominator="distinct named patients of the universe in force, else its total count",
            granularity="patient",
            segment="patients of the reference universe in force",
            source="patient_journeys, reference_universe",
            owner="Data engineering",
            gaming_risk="shrinking the universe instead of widening the source",
            controls="watch the size of the universe; a share above 1 carries a warning",
        ),
    ),
    Kpi(
        id="WS1-DQ-002",
        translations={"fr": FRENCH["WS1-DQ-002"]},
        name="Source Coverage - HCPs",
        workstream=WORKSTREAM,
        definition="Share of the HCPs of the reference universe who are covered and of priority.",
        calculation_type="derived",
        formula="covered_hcps / reference_hcps",
        calculation=Formula(
            {
                "covered": count_distinct(
                    HCP_PROFILES,
                    HCP_PROFILES["hcp_id"],
                    HCP_PROFILES["coverage_status"].is_true()
                    & (HCP_PROFILES["priority_tier"] <= 2),
                ),
                "members": total(UNIVERSE, UNIVERSE["total_count"], in_force("hcp")),
                "negative": count(UNIVERSE, in_force("hcp") & (UNIVERSE["total_count"] < 0)),
            },
            _hcp_coverage,
            counted=("covered",),
        ),
        unit=Unit.RATIO,
        target=0.80,
        warning=0.65,
        critical=0.45,
        refuses={"brand": "HCP profiles carry no brand"},
        sampling=CENSUS,
        governance=Governance(
            objective="Reach the HCPs who matter most",
            numerator="distinct covered HCPs of priority tier 1 or 2",
            denominator="total count of the HCP universe in force",
            granularity="HCP",
            segment="HCPs of priority tier 1 and 2",
            source="hcp_profiles, reference_universe",
            owner="Data engineering",
            gaming_risk="raising the tier of HCPs who are covered anyway",
            controls="watch the number of HCPs by tier",
        ),
    ),
)

"""Whether the data lie where the patients are: shares of regions, source against universe."""

from typing import Any

from kpisdk import (
    CENSUS,
    Column,
    Derived,
    Direction,
    Estimate,
    Formula,
    Frequency,
    Governance,
    Kpi,
    LogicalType,
    Note,
    Reason,
    Scope,
    Unit,
    Values,
    count,
    few_rows,
    maximum,
    total,
)
from kpisdk_ws1_quality.datasets import JOURNEYS, UNIVERSE, in_force
from kpisdk_ws1_quality.described import negative_counts
from kpisdk_ws1_quality.french import FRENCH

_PAIRS = JOURNEYS.only("patient_id", "geographic_region")
_MEMBERS = UNIVERSE.only(
    "universe_type", "brand", "region", "total_count", "effective_date", "expiration_date"
)


def _by_region(scope: Scope) -> Any:
    """Regions of both sides, each with its share of either; in a slice, one set of them a group.

    A union of the two sides, grouped, is a full join that every engine has.
    """
    from sqlalchemy import Double, cast, func, literal, select, union_all

    journeys, members = scope.rows(), scope.table(_MEMBERS)
    slices = scope.partition(journeys)
    names = [column.name for column in slices]
    region = journeys.c.geographic_region.label("region")
    pairs = (
        select(*slices, region, journeys.c.patient_id)
        .where(region.is_not(None), journeys.c.patient_id.is_not(None))
        .distinct()
        .subquery("pairs")
    )
    keys = [pairs.c[name] for name in (*names, "region")]
    zero: Any = cast(literal(0), Double())
    source = select(*keys, cast(func.count(), Double()).label("pairs"), zero.label("members"))
    bound = [column.label(name) for column, name in zip(scope.bound(members), names, strict=True)]
    counted = (
        select(*bound, members.c.region, members.c.total_count)
        .where(
            scope.in_slice(members),
            scope.expression(in_force("patient"), members),
            members.c.region.is_not(None),
            members.c.total_count.is_not(None),
        )
        .subquery("counted")
    )
    groups = [counted.c[name] for name in (*names, "region")]
    size: Any = cast(func.sum(counted.c.total_count), Double())
    universe = select(*groups, zero.label("pairs"), size.label("members"))
    sides = union_all(source.group_by(*keys), universe.group_by(*groups)).subquery("sides")
    regions = (
        select(
            *(sides.c[name] for name in names),
            func.sum(sides.c.pairs).label("pairs"),
            func.sum(sides.c.members).label("members"),
        )
        .group_by(*(sides.c[name] for name in (*names, "region")))
        .subquery("regions")
    )
    within = [regions.c[name] for name in names]

    def share(column: Any) -> Any:
        return column / func.nullif(func.sum(column).over(partition_by=within), zero)

    gap = func.abs(share(regions.c.pairs) - share(regions.c.members))
    return select(*within, regions.c.pairs, regions.c.members, gap.label("gap"))


REGIONS = Derived(
    "regions",
    base=_PAIRS,
    build=_by_region,
    adds=(
        Column("pairs", LogicalType.FLOAT),
        Column("members", LogicalType.FLOAT),
        Column("gap", LogicalType.FLOAT),
    ),
    reads=(_MEMBERS,),
    grouped=True,
    binds=("brand",),
    passes=("brand",),  # of the universe: it serves slices alone
    closed=True,
)
"""Regions, with their patients in the source, their members in the universe, and the gap."""


def _consistency(values: Values) -> Estimate:
    pairs, members = values["pairs"], values["members"]
    details = {
        name: int(values[name] or 0)
        for name in ("regions", "source_rows_without_region", "universe_rows_without_region")
    }
    facts = {"n": int(pairs or 0), "details": details}
    lost = negative_counts(values["negative"], "total_count")
    if not pairs:
        message = "No patient_journeys row of the slice has a patient_id and a geographic_region."
        return Estimate.absent(Reason.ZERO_DENOMINATOR, message, **facts)
    if not members or members < 0:
        message = (
            "No reference_universe row of universe_type 'patient' with a region and a total_count "
            "above 0 is in force (effective_date <= as_of < expiration_date) in the slice."
        )
        return Estimate.absent(Reason.ZERO_DENOMINATOR, message, warnings=lost, **facts)
    notes = [*lost]
    if not values["shared"]:
        what = "No region occurs on both sides; check that both tables name regions alike."
        notes.append(Note("no_match", what))
    notes += few_rows(pairs, "patients")
    return Estimate.of(values["gap"], warnings=tuple(notes), **facts)


_in_force = in_force("patient")

KPIS = (
    Kpi(
        id="WS1-DQ-006",
        translations={"fr": FRENCH["WS1-DQ-006"]},
        name="Geographic Consistency",
        workstream="ws1_quality",
        definition="Largest gap between a region's share of source and of universe patients.",
        calculation_type="derived",
        formula="max_region(|share_source - share_universe|)",
        calculation=Formula(
            {
                "gap": maximum(REGIONS, REGIONS["gap"]),
                "pairs": total(REGIONS, REGIONS["pairs"]),
                "members": total(REGIONS, REGIONS["members"]),
                "negative": count(_MEMBERS, _in_force & (_MEMBERS["total_count"] < 0)),
                "regions": count(REGIONS),
                "shared": count(REGIONS, (REGIONS["pairs"] > 0.0) & (REGIONS["members"] > 0.0)),
                "source_rows_without_region": count(_PAIRS, _PAIRS["geographic_region"].is_null()),
                "universe_rows_without_region": count(
                    _MEMBERS, _in_force & _MEMBERS["region"].is_null()
                ),
            },
            _consistency,
        ),
        unit=Unit.RATIO,
        direction=Direction.LOWER,
        frequency=Frequency.WEEKLY,
        target=0.05,
        warning=0.10,
        critical=0.20,
        sampling=CENSUS,
        governance=Governance(
            objective="Learn from every region as much as it has patients",
            numerator="largest absolute difference of a region's two shares",
            granularity="region",
            segment="patients with a region, source and universe",
            source="patient_journeys, reference_universe",
            owner="Data engineering",
            gaming_risk="leaving the region of surplus patients empty",
            controls="watch the rows without a region in the details",
        ),
    ),
)

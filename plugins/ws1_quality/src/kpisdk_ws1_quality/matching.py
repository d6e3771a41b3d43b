"""How well sources fit together: match rates between them, and the lift of stacking them."""

from functools import reduce
from operator import or_

import attrs

from kpisdk import (
    STORED,
    Breakdown,
    Estimate,
    Formula,
    Governance,
    Kpi,
    NewestDay,
    Note,
    Reason,
    Unit,
    ValueRange,
    Values,
    ViewColumn,
    ViewFigure,
    count,
    few_rows,
    total,
)
from kpisdk_ws1_quality.datasets import TRACKING
from kpisdk_ws1_quality.described import negative_counts, outside
from kpisdk_ws1_quality.french import FRENCH

WORKSTREAM = "ws1_quality"
SOURCES = ("claims", "ehr", "specialty")
"""What the records of a source are matched against; each has a rate column of its own."""

_rates = {source: TRACKING[f"match_rate_vs_{source}"] for source in SOURCES}
_received = TRACKING["records_received"]
_lift = TRACKING["stacking_lift_percentage"] / 100.0
_eligible = TRACKING["stacking_eligible_records"]


def _match_rate(values: Values) -> Estimate:
    """All (row, rate) pairs that are known, each weighted by the row's records.

    A mean of rates over unequal sources has no Wilson interval: its records are not independent.
    """
    matched = [values[f"matched_{source}"] for source in SOURCES]
    weighed = [values[f"records_{source}"] for source in SOURCES]
    details = {
        f"match_rate_vs_{source}": top / bottom
        for source, top, bottom in zip(SOURCES, matched, weighed, strict=True)
        if top is not None and bottom
    }
    made = _weighted(_sum(matched), _sum(weighed), values["n"], "a match rate and records_received")
    told = outside(attrs.evolve(made, details=details), values, "match rate", "outside 0 to 1")
    return told.with_notes(*negative_counts(values["negative"], "records_received"))


def _stacking_lift(values: Values) -> Estimate:
    needed = "stacking_lift_percentage and stacking_eligible_records"
    made = _weighted(values["lifted"], values["eligible"], values["n"], needed, is_share=False)
    return made.with_notes(*negative_counts(values["negative"], "stacking_eligible_records"))


def _sum(numbers: list[float | None]) -> float | None:
    known = [each for each in numbers if each is not None]
    return sum(known) if known else None


def _weighted(
    top: float | None,
    bottom: float | None,
    rows: float | None,
    needed: str,
    *,
    is_share: bool = True,
) -> Estimate:
    """``top / bottom``, its weights' sum being ``bottom`` and the rows behind it ``rows``."""
    n = int(rows or 0)
    facts = {"numerator": top, "denominator": bottom, "n": n}
    if top is None or bottom is None:
        message = f"No row of the newest tracking_date and slice has {needed}."
        return Estimate.absent(Reason.NO_ROWS, message, **facts)
    if bottom <= 0:
        message = f"The weights of the rows that have {needed} add up to {bottom:g}."
        return Estimate.absent(Reason.ZERO_DENOMINATOR, message, **facts)
    notes = [*few_rows(n)]
    if is_share and top > bottom:
        what = f"More records matched ({top:g}) than there are ({bottom:g}): rates above 1."
        notes.append(Note("share_above_one", what))
    return Estimate.of(top / bottom, warnings=tuple(notes), **facts)


_any_rate = _rates["claims"].not_null() | _rates["ehr"].not_null() | _rates["specialty"].not_null()
_odd_rate = reduce(or_, ((rate < 0.0) | (rate > 1.0) for rate in _rates.values()))

KPIS = (
    Kpi(
        id="WS1-DQ-003",
        translations={"fr": FRENCH["WS1-DQ-003"]},
        name="Cross-source Match Rate",
        workstream=WORKSTREAM,
        definition="Share of records that can be linked to claims, EHR and specialty sources.",
        calculation_type="direct",
        formula="records_matched / total_records",
        calculation=Formula(
            {
                **{
                    f"matched_{source}": total(TRACKING, rate * _received)
                    for source, rate in _rates.items()
                },
                **{
                    f"records_{source}": total(TRACKING, _received, rate.not_null())
                    for source, rate in _rates.items()
                },
                "n": count(TRACKING, _any_rate & _received.not_null()),
                "outside": count(TRACKING, _odd_rate & _received.not_null()),
                "negative": count(TRACKING, _any_rate & (_received < 0)),
            },
            _match_rate,
        ),
        unit=Unit.RATIO,
        target=0.75,
        warning=0.60,
        critical=0.40,
        window=NewestDay(),
        view=ViewColumn(
            "v_kpi_cross_source_match",
            "match_rate",
            measures=tuple(f"matched_{source}" for source in SOURCES),
            over=tuple(f"records_{source}" for source in SOURCES),
            beside=tuple(
                ViewFigure(
                    f"match_rate_vs_{source}", (f"matched_{source}",), (f"records_{source}",)
                )
                for source in SOURCES
            ),
            breakdowns=(Breakdown(("source_name",)),),
        ),
        sampling=STORED,
        governance=Governance(
            objective="Follow one patient through all sources",
            numerator="records received times match rate, over all sources and rates",
            denominator="records received, once for each known rate",
            granularity="source and day",
            segment="the newest tracking date",
            source="data_source_tracking",
            owner="Data engineering",
            gaming_risk="matching more loosely",
            controls="review a sample of matches by hand",
        ),
    ),
    Kpi(
        id="WS1-DQ-004",
        translations={"fr": FRENCH["WS1-DQ-004"]},
        name="Stacking Lift",
        workstream=WORKSTREAM,
        definition="Gain in value from combining sources, over the records that could be combined.",
        calculation_type="direct",
        formula="(stacked_value - baseline) / baseline",
        calculation=Formula(
            {
                "lifted": total(TRACKING, _lift * _eligible),
                "eligible": total(TRACKING, _eligible, _lift.not_null()),
                "n": count(TRACKING, _lift.not_null() & _eligible.not_null()),
                "negative": count(TRACKING, _lift.not_null() & (_eligible < 0)),
            },
            _stacking_lift,
        ),
        unit=Unit.RATIO,
        target=0.15,
        warning=0.10,
        critical=0.05,
        window=NewestDay(),
        view=ViewColumn(
            "v_kpi_stacking_lift",
            "lift_score",
            measures=("lifted",),
            over=("eligible",),
            breakdowns=(Breakdown(("source_name",)),),
        ),
        value_range=ValueRange(-1),
        sampling=STORED,
        governance=Governance(
            objective="Combine sources where it pays",
            numerator="lift of stacking, weighted by eligible records",
            denominator="eligible records",
            granularity="source and day",
            segment="the newest tracking date",
            source="data_source_tracking",
            owner="Data engineering",
            gaming_risk="declaring only easy records eligible",
            controls="watch the number of eligible records",
        ),
    ),
)

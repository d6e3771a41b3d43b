"""Whether a model finds the positives of all groups alike: the fairness gap."""

from functools import cache, partial
from math import fsum
from typing import Any

from kpisdk import (
    Calculator,
    Column,
    Dataset,
    Derived,
    Direction,
    Estimate,
    FrameInput,
    Frequency,
    Governance,
    Inputs,
    Interval,
    IntervalReason,
    Kpi,
    LogicalType,
    Note,
    Parameter,
    Reason,
    Scope,
    Unit,
    ValueRange,
    WindowUse,
    few_rows,
)
from kpisdk_ws1_quality.models_french import FRENCH
from kpisdk_ws1_quality.models_outcomes import CUTOFF, known, not_judged, one_class
from kpisdk_ws1_quality.models_sources import BY_PATIENT, MONTH, SOURCE, WORKSTREAM, three_ways
from kpisdk_ws1_quality.models_versions import FAIRNESS_DOCUMENTS
from kpisdk_ws1_quality.moments import moment_columns, moment_names, moments_of
from kpisdk_ws1_quality.prediction_datasets import ATTRIBUTES, PREDICTIONS, journeys_with
from kpisdk_ws1_quality.stored_recalls import StoredRecalls
from kpisdk_ws1_quality.units import unit_notes, with_bounds

DEFAULT = "insurance_type"

MOST = 10
"""So many groups are named in a warning, and of the rest how many there are."""


def _stored(inputs: Inputs) -> Estimate:
    """The mean over rows of the largest minus the smallest stored recall of the attribute."""
    attribute = inputs.parameters["attribute"]
    gaps: list[float] = []
    rows, read = 0, StoredRecalls()
    for text, times in inputs.frames["documents"].itertuples(index=False, name=None):
        recalls = read.of(text, attribute, int(times))
        gap = _gap(list(recalls.values()))
        if gap is not None:
            gaps.append(gap * int(times))
            rows += int(times)
    if not rows:
        unreadable = read.unreadable
        message = (
            f"No row of the newest model version stores recall_by_group of two or more groups of "
            f"{attribute!r}{', as numbers' if unreadable else ''}."
        )
        reason = Reason.WRONG_TYPE if unreadable else Reason.NO_ROWS
        return Estimate.absent(reason, message, n=0, warnings=read.notes())
    details = {"attribute": attribute}
    notes = (*few_rows(rows), *read.notes())
    # Documents come in any order; an exact sum gives the same mean for each.
    return Estimate.of(fsum(gaps) / rows, n=rows, warnings=notes, details=details)


def _gap(recalls: list[float]) -> float | None:
    return max(recalls) - min(recalls) if len(recalls) > 1 else None


_COUNTED = ("positives", "negatives", "hits", "odd_outcomes", "unpredicted")
_MEASURES = ("hits", "positives")
_BY_UNIT = ("unknown", *moment_names(_MEASURES))


def _by_group(scope: Scope, journeys: Dataset, attribute: str) -> Any:
    """Outcomes and hits per group of the attribute, which each patient's newest journey names.

    The products of two counts over units are what the recalls' errors are made of.
    """
    from sqlalchemy import Double, case, cast, func, select

    visits = scope.table(journeys)
    newest_first = func.row_number().over(
        partition_by=visits.c.patient_id,
        order_by=(visits.c.created_at.desc(), scope.byte_order(visits.c.patient_journey_id).desc()),
    )
    dated = (
        select(
            visits.c.patient_id, visits.c[attribute].label("member"), newest_first.label("place")
        )
        .where(scope.before(visits.c.created_at, scope.as_of), visits.c.patient_id.is_not(None))
        .subquery("dated")
    )
    newest = select(dated.c.patient_id, dated.c.member).where(dated.c.place == 1).subquery("newest")
    rows = scope.rows()
    judged = scope.expression(known, rows)
    happened = judged & (rows.c.actual_outcome == 1)
    hit = happened & (rows.c.prediction_value >= CUTOFF)
    is_outcome = rows.c.actual_outcome.in_([0.0, 1.0])
    unpredicted = is_outcome & rows.c.prediction_value.is_(None)

    def rows_where(condition: Any) -> Any:
        return cast(func.sum(case((condition, 1), else_=0)), Double())

    keys = [*scope.partition(rows), newest.c.member]
    unit = scope.unit(rows).label("unit")
    units = (
        select(
            *keys,
            unit,
            rows_where(happened).label("positives"),
            rows_where(judged & ~happened).label("negatives"),
            rows_where(hit).label("hits"),
            rows_where(~is_outcome).label("odd_outcomes"),
            rows_where(unpredicted).label("unpredicted"),
        )
        .select_from(rows.outerjoin(newest, newest.c.patient_id == rows.c.patient_id))
        .where(rows.c.actual_outcome.is_not(None))
        .group_by(*keys, unit)
        .subquery("units")
    )
    c = units.c
    keys = [*scope.partition(units), c.member]
    # A row is a hit or none: it is its own square, and each hit is a positive.
    rows_of = {name: c[name] for name in _MEASURES}
    squares = {(name, name): c[name] for name in _MEASURES} | {_MEASURES: c.hits}
    return select(
        *keys,
        *(func.sum(c[name]).label(name) for name in _COUNTED),
        func.sum(case((c.unit.is_(None), c.positives), else_=0.0)).label("unknown"),
        *moment_columns(c, _MEASURES, c.positives, rows_of, squares),
    ).group_by(*keys)


@cache
def groups_of(attribute: str) -> Derived:
    """Judged predictions per group of a journey's column, counted in the database.

    Raises:
        AttributeNameError: ``attribute`` cannot be the name of a column that tells groups apart.
    """
    journeys = journeys_with(attribute)
    return Derived(
        "outcomes_by_group",
        base=PREDICTIONS.only(
            "prediction_timestamp", "patient_id", "hcp_id", "prediction_value", "actual_outcome"
        ),
        build=partial(_by_group, journeys=journeys, attribute=attribute),
        adds=(
            Column("member", ATTRIBUTES.get(attribute, LogicalType.TEXT)),
            *(Column(name, LogicalType.FLOAT) for name in (*_COUNTED, *_BY_UNIT)),
        ),
        reads=(journeys,),
        window_use=WindowUse.ROWS,
        grouped=True,
        passes=("hcp_id",),
    )


def _asks(parameters: Any, settings: object) -> tuple[FrameInput, ...]:  # noqa: ARG001 - part of Asks
    relation = groups_of(parameters["attribute"])
    return (FrameInput("groups", relation, ("member", *_COUNTED, *_BY_UNIT)),)


def _computed(inputs: Inputs) -> Estimate:
    """Largest minus smallest recall over the groups that have a positive."""
    attribute, frame = inputs.parameters["attribute"], inputs.frames["groups"]
    lost = not_judged(float(frame["odd_outcomes"].sum()), float(frame["unpredicted"].sum()))
    refused = one_class(float(frame["positives"].sum()), float(frame["negatives"].sum()))
    if refused is not None:
        return refused.with_notes(*lost)
    named = frame[frame["member"].notna()]
    groups = named[named["positives"] > 0]
    recalls = {
        str(member): int(hits) / int(positives)
        for member, hits, positives in zip(
            groups["member"], groups["hits"], groups["positives"], strict=True
        )
    }
    left_out = frame[frame["member"].isna()]
    details = {
        "attribute": attribute,
        "recall_by_group": dict(sorted(recalls.items())),
        "left_out": int((left_out["positives"] + left_out["negatives"]).sum()),
    }
    n = int(groups["positives"].sum())
    gap = _gap(list(recalls.values()))
    if gap is None:
        message = f"Fewer than two groups of {attribute!r} have a positive outcome to be found."
        return Estimate.absent(Reason.NO_ROWS, message, n=n, warnings=lost, details=details)
    idle = named[(named["positives"] == 0) & (named["negatives"] > 0)]
    notes = (
        *few_rows(float(groups["positives"].min()), "positives of the smallest group"),
        *_left_out(details["left_out"], sorted(map(str, idle["member"])), attribute),
        *lost,
        *unit_notes(inputs.sampling, float(groups["unknown"].sum())),
    )
    made = Estimate.of(gap, n=n, warnings=notes, details=details)
    return with_bounds(made, _bounds(groups))


def _bounds(groups: Any) -> Interval | IntervalReason:
    """The interval of the gap, by units: one group's recall says nothing of another's."""
    from kpisdk.statistics import effective_share, gap_interval

    shares = []
    for group in groups.to_dict("records"):
        share = effective_share(moments_of(group, _MEASURES), *_MEASURES)
        if isinstance(share, IntervalReason):
            return share  # a group of one unit: how far its recall may be off is unknown
        shares.append(share)
    return gap_interval(shares)


def _left_out(rows: int, idle: list[str], attribute: str) -> tuple[Note, ...]:
    """The warning of predictions of no known group, and of groups without a positive."""
    told = [f"{rows} prediction(s) of patients without a known {attribute}"] if rows else []
    if idle:
        shown, rest = ", ".join(idle[:MOST]), len(idle) - MOST
        more = f" and {rest} more" if rest > 0 else ""
        told.append(f"groups without a positive outcome: {shown}{more}")
    return (Note("group_left_out", f"Left out of the gap: {'; '.join(told)}."),) if told else ()


STORED_GAP = Calculator(
    _stored, (FrameInput("documents", FAIRNESS_DOCUMENTS, ("document", "times")),)
)
COMPUTED_GAP = Calculator(_computed, _asks, groups_of(DEFAULT), units="groups")

KPIS = (
    Kpi(
        id="WS1-MP-008",
        translations={"fr": FRENCH["WS1-MP-008"]},
        name="Fairness Gap (Delta Recall)",
        workstream=WORKSTREAM,
        definition=(
            "Largest minus smallest recall over the groups of a patient attribute, predictions of "
            "0.5 and more saying yes."
        ),
        calculation_type="direct",
        formula="max_group(recall) - min_group(recall)",
        calculation=three_ways("WS1-MP-008", STORED_GAP, COMPUTED_GAP),
        unit=Unit.SCORE,
        direction=Direction.LOWER,
        frequency=Frequency.WEEKLY,
        target=0.05,
        warning=0.10,
        critical=0.20,
        window=MONTH,
        parameters=(
            SOURCE,
            Parameter(
                "attribute",
                LogicalType.TEXT,
                "the column of patient_journeys that tells the groups apart",
                DEFAULT,
            ),
        ),
        sampling=BY_PATIENT,
        slug="fairness_gap",
        value_range=ValueRange(0, 1),
        governance=Governance(
            objective="Find the patients of every group alike",
            numerator="largest minus smallest recall over groups",
            granularity="prediction",
            segment="predictions with a known outcome for patients with a known group",
            source="ml_predictions, patient_journeys",
            owner="Data science",
            gaming_risk="leaving the attribute of some patients empty",
            controls="rows without a group are counted in the details",
        ),
    ),
)

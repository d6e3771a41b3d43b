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
    Kpi,
    LogicalType,
    Parameter,
    Reason,
    Scope,
    Unit,
    WindowUse,
)
from kpisdk_ws1_quality.json_documents import is_nothing, json_junk, number, parsed
from kpisdk_ws1_quality.models_outcomes import CUTOFF, few, known, one_class
from kpisdk_ws1_quality.models_sources import MONTH, SOURCE, WORKSTREAM, three_ways
from kpisdk_ws1_quality.models_versions import FAIRNESS_DOCUMENTS
from kpisdk_ws1_quality.prediction_datasets import ATTRIBUTES, PREDICTIONS, journeys_with

DEFAULT = "insurance_type"


def _stored(inputs: Inputs) -> Estimate:
    """The mean over rows of the largest minus the smallest stored recall of the attribute."""
    attribute = inputs.parameters["attribute"]
    gaps: list[float] = []
    rows = junk = 0
    for text, times in inputs.frames["documents"].itertuples(index=False, name=None):
        document = parsed(text)
        if document is None:
            junk += 0 if is_nothing(text) else int(times)
            continue
        gap = _gap(_recalls(document, attribute))
        if gap is not None:
            gaps.append(gap * int(times))
            rows += int(times)
    notes = json_junk(junk, "fairness_metrics")
    if not rows:
        message = (
            f"No row of the newest model version stores recall_by_group of two or more groups of "
            f"{attribute!r}."
        )
        return Estimate.absent(Reason.NO_ROWS, message, n=0, warnings=notes)
    details = {"attribute": attribute}
    # Documents come in any order; an exact sum gives the same mean for each.
    return Estimate.of(fsum(gaps) / rows, n=rows, warnings=(*few(rows), *notes), details=details)


def _recalls(document: dict[str, Any], attribute: str) -> list[float]:
    by_attribute = document.get("recall_by_group")
    groups = by_attribute.get(attribute) if isinstance(by_attribute, dict) else None
    recalls = [number(each) for each in groups.values()] if isinstance(groups, dict) else []
    return [each for each in recalls if each is not None]


def _gap(recalls: list[float]) -> float | None:
    return max(recalls) - min(recalls) if len(recalls) > 1 else None


def _by_group(scope: Scope, journeys: Dataset, attribute: str) -> Any:
    """Outcomes and hits per group of the attribute: each patient's newest journey tells it."""
    from sqlalchemy import case, func, select

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
    happened = rows.c.actual_outcome == 1
    hit = happened & (rows.c.prediction_value >= CUTOFF)
    keys = [*scope.partition(rows), newest.c.member]
    return (
        select(
            *keys,
            func.sum(case((happened, 1), else_=0)).label("positives"),
            func.sum(case((rows.c.actual_outcome == 0, 1), else_=0)).label("negatives"),
            func.sum(case((hit, 1), else_=0)).label("hits"),
        )
        .select_from(rows.outerjoin(newest, newest.c.patient_id == rows.c.patient_id))
        .where(scope.expression(known, rows))
        .group_by(*keys)
    )


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
            Column("positives", LogicalType.INT),
            Column("negatives", LogicalType.INT),
            Column("hits", LogicalType.INT),
        ),
        reads=(journeys,),
        window_use=WindowUse.ROWS,
        grouped=True,
        passes=("hcp_id",),
    )


def _asks(parameters: Any, settings: object) -> tuple[FrameInput, ...]:  # noqa: ARG001 - part of Asks
    relation = groups_of(parameters["attribute"])
    columns = ("member", "positives", "negatives", "hits")
    return (FrameInput("groups", relation, columns),)


def _computed(inputs: Inputs) -> Estimate:
    """Largest minus smallest recall over the groups that have a positive."""
    attribute, frame = inputs.parameters["attribute"], inputs.frames["groups"]
    refused = one_class(float(frame["positives"].sum()), float(frame["negatives"].sum()))
    if refused is not None:
        return refused
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
        return Estimate.absent(Reason.NO_ROWS, message, n=n, details=details)
    notes = few(float(groups["positives"].min()), "positives of the smallest group")
    return Estimate.of(gap, n=n, warnings=notes, details=details)


STORED_GAP = Calculator(
    _stored, (FrameInput("documents", FAIRNESS_DOCUMENTS, ("document", "times")),)
)
COMPUTED_GAP = Calculator(_computed, _asks, groups_of(DEFAULT))

KPIS = (
    Kpi(
        id="WS1-MP-008",
        name="Fairness Gap (Delta Recall)",
        workstream=WORKSTREAM,
        definition=(
            "Largest minus smallest recall over the groups of a patient attribute, predictions of "
            "0.5 and more saying yes."
        ),
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
        slug="fairness_gap",
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

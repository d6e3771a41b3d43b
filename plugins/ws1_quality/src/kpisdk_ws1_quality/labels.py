"""How far the people who label data agree."""

from typing import Any

import attrs

from kpisdk import (
    Column,
    Derived,
    Estimate,
    Frequency,
    Governance,
    Kpi,
    LogicalType,
    Mean,
    Note,
    Scope,
    Unit,
    ValueRange,
    Values,
    ViewColumn,
    sample,
    total,
)
from kpisdk_ws1_quality.datasets import ANNOTATIONS
from kpisdk_ws1_quality.described import Described
from kpisdk_ws1_quality.french import FRENCH


def _agreement(scope: Scope) -> Any:
    """Groups of annotations, each with the share of its pairs that say the same.

    Of n annotations, c of them with one value, c (c - 1) ordered pairs out of n (n - 1) agree on
    it. So values are counted once instead of joining each annotation with all others. A group of
    fewer than two annotators has no agreement; the least and the largest id tell one from more.
    Labels repeat, so that each text is read as JSON once, however many rows hold it.
    """
    from sqlalchemy import Double, Text, case, cast, func, select

    rows = scope.rows()
    slices = scope.partition(rows)
    names = [column.name for column in slices]
    text = cast(rows.c.annotation_value, Text())
    usable = rows.c.iaa_group_id.is_not(None) & rows.c.annotator_id.is_not(None)
    texts = select(text.label("text")).where(usable, text.is_not(None)).distinct().subquery("texts")
    value = scope.canonical_json(texts.c.text)
    read = select(texts.c.text, value.label("value")).subquery("read")
    documents = (
        select(*slices, rows.c.iaa_group_id, rows.c.annotator_id, read.c.value)
        .select_from(rows.join(read, read.c.text == text))
        .where(usable)
        .subquery("documents")
    )
    groups = [documents.c[name] for name in (*names, "iaa_group_id")]
    by_value = (
        select(
            *groups,
            documents.c.value,
            func.count().label("times"),
            func.min(documents.c.annotator_id).label("least"),
            func.max(documents.c.annotator_id).label("largest"),
        )
        .group_by(*groups, documents.c.value)
        .subquery("by_value")
    )
    known = by_value.c.value.is_not(None)
    times = by_value.c.times
    n = func.sum(times).filter(known)
    agreeing = func.sum(times * (times - 1)).filter(known)
    several = func.min(by_value.c.least).filter(known) < func.max(by_value.c.largest).filter(known)
    share = cast(agreeing, Double()) / cast(n * (n - 1), Double())
    return select(
        *(by_value.c[name] for name in names),
        by_value.c.iaa_group_id,
        case((several, share)).label("agreement"),
        func.coalesce(func.sum(times).filter(by_value.c.value.is_(None)), 0).label("unreadable"),
    ).group_by(*(by_value.c[name] for name in (*names, "iaa_group_id")))


GROUPS = Derived(
    "annotation_groups",
    base=ANNOTATIONS,
    build=_agreement,
    adds=(
        Column("iaa_group_id", LogicalType.TEXT),
        Column("agreement", LogicalType.FLOAT),
        Column("unreadable", LogicalType.INT),
    ),
    grouped=True,
)
"""Groups of annotations of one thing, with their agreement (NULL below two annotators)."""


def _describe(made: Estimate, values: Values) -> Estimate:
    unreadable = int(values["unreadable"] or 0)
    if made.value is None:
        message = "No iaa_group_id has two annotator_id with a readable annotation_value."
        made = attrs.evolve(made, message=message)
    if not unreadable:
        return made
    what = f"{unreadable} annotation_value hold no JSON; they count as absent."
    made = attrs.evolve(made, details={**made.details, "unreadable": unreadable})
    return made.with_notes(Note("unreadable_json", what))


KPIS = (
    Kpi(
        id="WS1-DQ-008",
        translations={"fr": FRENCH["WS1-DQ-008"]},
        name="Label Quality (IAA)",
        workstream="ws1_quality",
        definition="Mean agreement of annotators within the groups that label the same thing.",
        calculation_type="direct",
        formula="avg(agreement_score) for iaa_groups",
        calculation=Described(
            Mean(GROUPS, GROUPS["agreement"]),
            {"unreadable": total(GROUPS, GROUPS["unreadable"])},
            _describe,
        ),
        unit=Unit.SCORE,
        frequency=Frequency.WEEKLY,
        target=0.85,
        warning=0.70,
        critical=0.60,
        view=ViewColumn("v_kpi_label_quality", "iaa_score", measures=("mean",)),
        slug="label_quality_iaa",
        value_range=ValueRange(0, 1),
        sampling=sample("iaa_group_id"),
        governance=Governance(
            objective="Train models on labels that people agree on",
            numerator="pairs of annotations of one group that say the same",
            denominator="pairs of annotations of that group",
            granularity="group of annotations",
            segment="groups with two annotators or more",
            source="ml_annotations",
            owner="Data science",
            gaming_risk="letting annotators see each other's labels, or giving them easy items",
            controls="annotate blind; draw the items at random",
        ),
    ),
)

"""The predictions of the newest model version: where a model's stored figures are read."""

from typing import Any

from kpisdk import Column, Derived, LogicalType, Scope, WindowUse
from kpisdk_ws1_quality.prediction_datasets import PREDICTIONS


def _of_newest_version(scope: Scope) -> Any:
    """Rows whose model_version is that of the newest prediction, within slice, window and bucket.

    Two versions with the same newest instant: the one that sorts last by its bytes. Rows without
    a version are of none.
    """
    from sqlalchemy import select

    rows = select(*scope.rows().c).cte("dated_predictions")
    groups = scope.partition(rows)
    return _of_each_newest(scope, rows, groups) if groups else _of_one_newest(scope, rows)


def _of_one_newest(scope: Scope, rows: Any) -> Any:
    """Without groups one version is asked for first: the rows are read once and never sorted."""
    from sqlalchemy import func, select

    other = rows.alias("of_newest_instant")
    newest = select(func.max(rows.c.prediction_timestamp)).where(rows.c.model_version.is_not(None))
    version = select(func.max(scope.byte_order(other.c.model_version))).where(
        other.c.prediction_timestamp == newest.scalar_subquery()
    )
    kept = rows.alias("of_newest_version")
    named = scope.byte_order(kept.c.model_version)
    return select(*kept.c).where(named == version.scalar_subquery())


def _of_each_newest(scope: Scope, rows: Any, groups: list[Any]) -> Any:
    """Within groups: two windows without an order, which need no sort either."""
    from sqlalchemy import case, func, select

    at, version = rows.c.prediction_timestamp, rows.c.model_version
    newest = func.max(case((version.is_not(None), at))).over(partition_by=groups)
    dated = select(*rows.c, newest.label("newest_at")).subquery("dated")
    named = scope.byte_order(dated.c.model_version)
    latest = case((dated.c.prediction_timestamp == dated.c.newest_at, named))
    chosen = func.max(latest).over(partition_by=scope.partition(dated))
    known = select(*dated.c, chosen.label("newest_version")).subquery("known")
    kept = [each for each in known.c if each.name not in ("newest_at", "newest_version")]
    return select(*kept).where(scope.byte_order(known.c.model_version) == known.c.newest_version)


_STORED = (
    "model_auc",
    "model_pr_auc",
    "model_precision",
    "model_recall",
    "brier_score",
    "calibration_score",
)

NEWEST = Derived(
    "newest_version",
    base=PREDICTIONS.only("prediction_timestamp", "model_version", "hcp_id", *_STORED),
    build=_of_newest_version,
    window_use=WindowUse.ROWS,
    passes=("hcp_id", *_STORED),
)
"""Predictions of the newest version, with the figures that are stored beside them."""

_ranks = PREDICTIONS["rank_metrics"]
_recall = _ranks.json_number("recall_at_{k}", parameters=("k",))


def _rankings(scope: Scope) -> Any:
    """Predictions of the newest version, with the recall that their ranking document holds.

    A model writes the same document beside every prediction: each text is read as JSON once.
    ``unread`` is whether the document names that recall, and holds neither a number nor null there.
    """
    from sqlalchemy import Text, and_, cast, func, select

    rows = _of_newest_version(scope).cte("newest_predictions")
    text = cast(rows.c.rank_metrics, Text())
    texts = select(text.label("rank_metrics")).where(text.is_not(None)).distinct().subquery("texts")
    recall, kind = (scope.expression(each, texts) for each in (_recall, _ranks.json_kind()))
    key = f'"recall_at_{scope.parameter("k")}"'
    dense: Any = texts.c.rank_metrics
    for blank in " \t\r\n":
        dense = func.replace(dense, blank, "")
    unread = and_(
        kind == "object",
        recall.is_(None),
        dense.contains(f"{key}:", autoescape=True),
        ~dense.contains(f"{key}:null", autoescape=True),
    )
    read = select(
        texts.c.rank_metrics, recall.label("recall"), kind.label("kind"), unread.label("unread")
    ).subquery("read")
    return select(*rows.c, read.c.recall, read.c.kind, read.c.unread).select_from(
        rows.outerjoin(read, read.c.rank_metrics == text)
    )


RANKINGS = Derived(
    "newest_rankings",
    base=PREDICTIONS.only("prediction_timestamp", "model_version", "hcp_id", "rank_metrics"),
    build=_rankings,
    adds=(
        Column("recall", LogicalType.FLOAT),
        Column("kind", LogicalType.TEXT),
        Column("unread", LogicalType.BOOL),
    ),
    window_use=WindowUse.ROWS,
    parameters=("k",),
    passes=("hcp_id",),
)
"""Predictions of the newest version, each with its stored recall at ``k``."""


def _documents(scope: Scope) -> Any:
    """The fairness documents of the newest version: each distinct text once, and how often.

    A model writes the same document beside every prediction, so that few are left to be parsed.
    """
    from sqlalchemy import String, cast, func, select

    rows = _of_newest_version(scope).subquery("newest")
    keys = scope.partition(rows)
    document = cast(rows.c.fairness_metrics, String).label("document")
    counted = select(*keys, document, func.count().label("times"))
    return counted.where(document.is_not(None)).group_by(*keys, document)


FAIRNESS_DOCUMENTS = Derived(
    "fairness_documents",
    base=PREDICTIONS.only("prediction_timestamp", "model_version", "hcp_id", "fairness_metrics"),
    build=_documents,
    adds=(Column("document", LogicalType.TEXT), Column("times", LogicalType.INT)),
    window_use=WindowUse.ROWS,
    grouped=True,
    passes=("hcp_id",),
)

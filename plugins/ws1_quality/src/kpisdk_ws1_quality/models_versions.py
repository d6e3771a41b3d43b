"""The predictions of the newest model version: where a model's stored figures are read."""

from typing import Any

from kpisdk import Column, Derived, LogicalType, Scope, WindowUse
from kpisdk_ws1_quality.prediction_datasets import PREDICTIONS


def _of_newest_version(scope: Scope) -> Any:
    """Rows whose model_version is that of the newest prediction, within slice, window and bucket.

    Two versions with the same newest instant: the one that sorts last by its bytes. Rows without
    a version are of none. Two windows without an order need no sort.
    """
    from sqlalchemy import case, func, select

    rows = scope.rows()
    groups = scope.partition(rows) or None
    at, version = rows.c.prediction_timestamp, rows.c.model_version
    newest = func.max(case((version.is_not(None), at))).over(partition_by=groups)
    dated = select(*rows.c, newest.label("newest_at")).subquery("dated")
    groups = scope.partition(dated) or None
    named = scope.byte_order(dated.c.model_version)
    latest = case((dated.c.prediction_timestamp == dated.c.newest_at, named))
    chosen = func.max(latest).over(partition_by=groups)
    known = select(*dated.c, chosen.label("newest_version")).subquery("known")
    kept = [each for each in known.c if each.name not in ("newest_at", "newest_version")]
    return select(*kept).where(scope.byte_order(known.c.model_version) == known.c.newest_version)


_STORED = (
    "model_auc",
    "model_pr_auc",
    "model_precision",
    "model_recall",
    "rank_metrics",
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

"""Whom a row is about: the columns that name it, and those that rows are grouped by."""

from __future__ import annotations

UNITS = (
    "patient_id",
    "hcp_id",
    "user_id",
    "subject_id",
    "person_id",
    "customer_id",
    "student_id",
    "unit_id",
    "id",
)
"""Columns that name whom a row is about; one with repeated values gets a warning."""


def cluster_columns(cluster: str | None) -> tuple[str, ...]:
    """The column to read for the clusters, if any."""
    return () if cluster is None else (cluster,)

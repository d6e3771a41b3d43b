"""The first version of the schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kpisdk_history.store.instants import Instant

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "kpisdk_alert_states",
        sa.Column("alert", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("kpi_id", sa.String(length=80), nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("last_run_id", _NUMBER, nullable=False),
        sa.Column("firing", sa.Integer(), nullable=False),
        sa.Column("quiet", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("opened_id", _NUMBER, nullable=True),
        sa.Column("acked_until", Instant(), nullable=True),
        sa.Column("memory", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alert", "subject"),
    )
    op.create_table(
        "kpisdk_alerts",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("run_id", _NUMBER, nullable=True),
        sa.Column("alert", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("kpi_id", sa.String(length=80), nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "kpisdk_alerts_subject", "kpisdk_alerts", ["alert", "subject", "id"], unique=False
    )
    op.create_table(
        "kpisdk_outbox",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("run_id", _NUMBER, nullable=True),
        sa.Column("alert", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=True),
        sa.Column("delivered_at", Instant(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "kpisdk_outbox_due", "kpisdk_outbox", ["delivered_at", "next_attempt_at"], unique=False
    )
    op.create_table(
        "kpisdk_runs",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("as_of", Instant(), nullable=True),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.String(length=40), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=True),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("settle_after", sa.Double(), nullable=False),
        sa.Column("core", sa.String(length=40), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", "question", "attempt", name="kpisdk_runs_once"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kpisdk_summaries",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("pruned_at", Instant(), nullable=False),
        sa.Column("kpi_id", sa.String(length=80), nullable=False),
        sa.Column("series", sa.String(length=32), nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("first_recorded", Instant(), nullable=False),
        sa.Column("last_recorded", Instant(), nullable=False),
        sa.Column("results", sa.Integer(), nullable=False),
        sa.Column("valued", sa.Integer(), nullable=False),
        sa.Column("restated", sa.Integer(), nullable=False),
        sa.Column("least", sa.Double(), nullable=True),
        sa.Column("greatest", sa.Double(), nullable=True),
        sa.Column("mean", sa.Double(), nullable=True),
        sa.Column("statuses", sa.Text(), nullable=False),
        sa.Column("definitions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("kpisdk_summaries_kpi", "kpisdk_summaries", ["kpi_id", "series"], unique=False)
    op.create_table(
        "kpisdk_results",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("run_id", _NUMBER, nullable=False),
        sa.Column("kpi_id", sa.String(length=80), nullable=False),
        sa.Column("cut", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=32), nullable=False),
        sa.Column("figure", sa.String(length=32), nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("grain", sa.String(length=10), nullable=True),
        sa.Column("period", sa.String(length=40), nullable=True),
        sa.Column("window_start", Instant(), nullable=True),
        sa.Column("window_end", Instant(), nullable=True),
        sa.Column("window_label", sa.Text(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("decided", sa.Boolean(), nullable=True),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("as_of", Instant(), nullable=True),
        sa.Column("data_through", Instant(), nullable=True),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("definition_version", sa.String(length=80), nullable=False),
        sa.Column("plugin", sa.String(length=120), nullable=True),
        sa.Column("core", sa.String(length=40), nullable=True),
        sa.Column("engine", sa.String(length=80), nullable=True),
        sa.Column("driver", sa.String(length=80), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["kpisdk_runs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("kpisdk_results_figure", "kpisdk_results", ["figure", "id"], unique=False)
    op.create_index(
        "kpisdk_results_kpi", "kpisdk_results", ["kpi_id", "cut", "window_end"], unique=False
    )
    op.create_index("kpisdk_results_run", "kpisdk_results", ["run_id"], unique=False)
    op.create_table(
        "kpisdk_restatements",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("run_id", _NUMBER, nullable=False),
        sa.Column("result_id", _NUMBER, nullable=False),
        sa.Column("earlier_id", _NUMBER, nullable=False),
        sa.Column("kpi_id", sa.String(length=80), nullable=False),
        sa.Column("figure", sa.String(length=32), nullable=False),
        sa.Column("old", sa.Double(), nullable=True),
        sa.Column("new", sa.Double(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_id"],
            ["kpisdk_results.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["kpisdk_runs.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("kpisdk_restatements_figure", "kpisdk_restatements", ["figure"], unique=False)
    op.create_index(
        "kpisdk_restatements_kpi", "kpisdk_restatements", ["kpi_id", "run_id"], unique=False
    )
    op.create_index("kpisdk_restatements_run", "kpisdk_restatements", ["run_id"], unique=False)

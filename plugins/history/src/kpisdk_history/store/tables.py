"""The tables of the store: runs, results, restatements, summaries, alerts and the outbox.

``migrations`` makes them in a database; a test holds the two together.
"""

from __future__ import annotations

import sqlalchemy as sa

from kpisdk_history.store.instants import Instant

METADATA = sa.MetaData()

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""A row's own number: SQLite counts up only what it calls INTEGER."""


def _number() -> sa.Column[int]:
    return sa.Column("id", NUMBER, primary_key=True, autoincrement=True)


def _of_run() -> sa.Column[int]:
    return sa.Column("run_id", NUMBER, sa.ForeignKey("kpisdk_runs.id"), nullable=False)


RUNS = sa.Table(
    "kpisdk_runs",
    METADATA,
    _number(),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("question", sa.String(64), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("as_of", Instant),
    sa.Column("source_name", sa.Text, nullable=False),
    sa.Column("source_kind", sa.String(40), nullable=False),
    sa.Column("synthetic", sa.Boolean),
    sa.Column("available", sa.Boolean, nullable=False),
    sa.Column("settle_after", sa.Double, nullable=False),
    sa.Column("core", sa.String(40), nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.UniqueConstraint("key", "question", "attempt", name="kpisdk_runs_once"),
    sqlite_autoincrement=True,
)
"""One call of ``record``: what was asked of which source, and whether that was there."""

RESULTS = sa.Table(
    "kpisdk_results",
    METADATA,
    _number(),
    _of_run(),
    sa.Column("kpi_id", sa.String(80), nullable=False),
    sa.Column("cut", sa.String(32), nullable=False),
    sa.Column("series", sa.String(32), nullable=False),
    sa.Column("figure", sa.String(32), nullable=False),
    sa.Column("slice", sa.Text, nullable=False),
    sa.Column("filters", sa.Text, nullable=False),
    sa.Column("parameters", sa.Text, nullable=False),
    sa.Column("dimensions", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("grain", sa.String(10)),
    sa.Column("period", sa.String(40)),
    sa.Column("window_start", Instant),
    sa.Column("window_end", Instant),
    sa.Column("window_label", sa.Text),
    sa.Column("value", sa.Double),
    sa.Column("unit", sa.String(20), nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("reason", sa.String(40)),
    sa.Column("decided", sa.Boolean),
    sa.Column("stale", sa.Boolean, nullable=False),
    sa.Column("low", sa.Double),
    sa.Column("high", sa.Double),
    sa.Column("n", sa.BigInteger),
    sa.Column("as_of", Instant),
    sa.Column("data_through", Instant),
    sa.Column("known", sa.Boolean, nullable=False),
    sa.Column("settled", sa.Boolean, nullable=False),
    sa.Column("gone", sa.Boolean, nullable=False),
    sa.Column("definition_version", sa.String(80), nullable=False),
    sa.Column("plugin", sa.String(120)),
    sa.Column("core", sa.String(40)),
    sa.Column("engine", sa.String(80)),
    sa.Column("driver", sa.String(80)),
    sa.Column("source", sa.String(64)),
    sa.Column("json", sa.Text, nullable=False),
    sa.Column("expected_low", sa.Double),
    sa.Column("expected_high", sa.Double),
    sa.Index("kpisdk_results_run", "run_id"),
    sa.Index("kpisdk_results_figure", "figure", "id"),
    sa.Index("kpisdk_results_kpi", "kpi_id", "cut", "window_end"),
    sqlite_autoincrement=True,
)
"""One result of a run: the columns that people query, and the whole of it as JSON.

``cut`` is what a KPI is cut by (``dimensions``, ``filters``, ``parameters``, ``grain`` or the
``rule`` of its windows), ``series`` one slice of that, ``figure`` one window of that: a figure
recorded twice is the same number, told twice. ``known`` says whether the data were looked at,
``settled`` whether the period was over (and ``settle_after`` more) at ``as_of``, ``gone`` that the
figure was not among the results any more. ``expected_low`` and ``expected_high`` are the ends of
the range that was expected of the value when its closed period was first recorded.
"""

RESTATEMENTS = sa.Table(
    "kpisdk_restatements",
    METADATA,
    _number(),
    _of_run(),
    sa.Column("result_id", NUMBER, sa.ForeignKey("kpisdk_results.id"), nullable=False),
    sa.Column("earlier_id", NUMBER, nullable=False),
    sa.Column("kpi_id", sa.String(80), nullable=False),
    sa.Column("figure", sa.String(32), nullable=False),
    sa.Column("old", sa.Double),
    sa.Column("new", sa.Double),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Index("kpisdk_restatements_figure", "figure"),
    sa.Index("kpisdk_restatements_kpi", "kpi_id", "run_id"),
    sa.Index("kpisdk_restatements_run", "run_id"),
    sqlite_autoincrement=True,
)
"""One figure of a closed period that came out differently: old, new, and why (a JSON list).

``earlier_id`` is no foreign key: what it names may have been pruned.
"""

SUMMARIES = sa.Table(
    "kpisdk_summaries",
    METADATA,
    _number(),
    sa.Column("pruned_at", Instant, nullable=False),
    sa.Column("kpi_id", sa.String(80), nullable=False),
    sa.Column("series", sa.String(32), nullable=False),
    sa.Column("slice", sa.Text, nullable=False),
    sa.Column("first_recorded", Instant, nullable=False),
    sa.Column("last_recorded", Instant, nullable=False),
    sa.Column("results", sa.Integer, nullable=False),
    sa.Column("valued", sa.Integer, nullable=False),
    sa.Column("restated", sa.Integer, nullable=False),
    sa.Column("least", sa.Double),
    sa.Column("greatest", sa.Double),
    sa.Column("mean", sa.Double),
    sa.Column("statuses", sa.Text, nullable=False),
    sa.Column("definitions", sa.Text, nullable=False),
    sa.Index("kpisdk_summaries_kpi", "kpi_id", "series"),
    sqlite_autoincrement=True,
)
"""What ``prune`` keeps of the results that it takes out, a row a series."""

ALERT_STATES = sa.Table(
    "kpisdk_alert_states",
    METADATA,
    sa.Column("alert", sa.String(80), primary_key=True),
    sa.Column("subject", sa.String(32), primary_key=True),
    sa.Column("kpi_id", sa.String(80), nullable=False),
    sa.Column("slice", sa.Text, nullable=False),
    sa.Column("last_run_id", NUMBER, nullable=False),
    sa.Column("firing", sa.Integer, nullable=False),
    sa.Column("quiet", sa.Integer, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Column("opened_id", NUMBER),
    sa.Column("acked_until", Instant),
    sa.Column("memory", sa.Text, nullable=False),
)
"""How many runs in a row a subject (KPI and slice) fired or was quiet, for one alert.

The one table whose rows change: it is derived from runs and results, and could be made again.
"""

ALERTS = sa.Table(
    "kpisdk_alerts",
    METADATA,
    _number(),
    sa.Column("run_id", NUMBER),
    sa.Column("alert", sa.String(80), nullable=False),
    sa.Column("subject", sa.String(32), nullable=False),
    sa.Column("kpi_id", sa.String(80), nullable=False),
    sa.Column("slice", sa.Text, nullable=False),
    sa.Column("event", sa.String(20), nullable=False),
    sa.Column("kinds", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("until", Instant),
    sa.Column("details", sa.Text, nullable=False),
    sa.Index("kpisdk_alerts_subject", "alert", "subject", "id"),
    sqlite_autoincrement=True,
)
"""What happened to alerts: opened, changed, cleared, acknowledged. Append-only."""

OUTBOX = sa.Table(
    "kpisdk_outbox",
    METADATA,
    _number(),
    sa.Column("key", sa.String(200), nullable=False, unique=True),
    sa.Column("run_id", NUMBER),
    sa.Column("alert", sa.String(80), nullable=False),
    sa.Column("channel", sa.String(80), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", Instant),
    sa.Column("delivered_at", Instant),
    sa.Column("failure", sa.Text),
    sa.Index("kpisdk_outbox_due", "delivered_at", "next_attempt_at"),
    sqlite_autoincrement=True,
)
"""Messages to be delivered, each once: written with the run, ticked off when they are out.

``key`` names a message (run, alert, channel), so that it cannot be written twice. ``channel`` is a
name or a hash of where it goes, never an address with a secret in it.
"""

"""The platform's own tables, whose size does not depend on the number of patients.

``user_sessions``, ``business_metrics``, ``agent_activities``, ``data_source_tracking`` and
``etl_pipeline_metrics``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from kpisdk_demo import columns as col
from kpisdk_demo.contract import BRANDS, REGIONS
from kpisdk_demo.plan import Plan
from kpisdk_demo.unit_effects import normals

_HEAVY_USERS: Final = 700
_LIGHT_USERS: Final = 1700
_SESSION_DAYS: Final = 90
_USERS_PER_BATCH: Final = 600
_ROLES: Final = ("field_rep", "analyst", "brand_manager", "medical_liaison")
_AGENTS: Final = ("orchestrator", "causal_impact", "gap_analyzer", "drift_monitor", "explainer")
_SOURCES: Final = ("claims_hub", "ehr_network", "specialty_pharmacy", "lab_network", "rep_crm")
_SOURCE_TYPES: Final = ("claims", "ehr", "specialty", "lab", "crm")
_PIPELINES: Final = ("journeys", "events", "triggers", "profiles", "surveys", "predictions")
_RUN_STATES: Final = ("success", "partial", "failed")
_METRICS: Final = ("net_revenue", "campaign_return")
_TRACKED_DAYS: Final = 180


def user_sessions(plan: Plan) -> Iterator[dict[str, Any]]:
    """Sessions of 2,400 users over 90 days; about 700 of them work with the platform daily."""
    users = _HEAVY_USERS + _LIGHT_USERS
    for place, start in enumerate(range(0, users, _USERS_PER_BATCH)):
        rng = plan.rng("sessions", place)
        user = np.arange(start, min(start + _USERS_PER_BATCH, users))
        per_month = np.where(user < _HEAVY_USERS, 8.0, 1.1)
        sessions = rng.poisson(per_month * _SESSION_DAYS / 30)
        role = rng.integers(0, len(_ROLES), user.size)
        region = rng.integers(0, len(REGIONS), user.size)
        row = np.repeat(np.arange(user.size), sessions)
        order = np.arange(row.size) - np.repeat(np.cumsum(sessions) - sessions, sessions)
        yield {
            "session_id": col.keys("V", user[row], order),
            "user_id": col.keys("U", user[row]),
            "user_role": col.names(role[row], _ROLES),
            "user_region": col.names(region[row], REGIONS),
            "session_start": col.values(
                plan.instants(0.002 + rng.random(row.size) * _SESSION_DAYS)
            ),
        }


def business_metrics(plan: Plan) -> dict[str, Any]:
    """Weekly figures per brand and region for a year; only campaigns have a return."""
    rng = plan.rng("business")
    shape = (52, len(_METRICS), len(BRANDS), len(REGIONS))
    week, metric, brand, region = (axis.ravel() for axis in np.indices(shape))
    count = week.size
    level = np.where(metric == 0, 250_000.0, 40_000.0) * (1 + 0.3 * brand)
    roi = np.round(2.55 + 0.15 * brand + 0.35 * rng.standard_normal(count), 3)
    return {
        "metric_id": col.keys("M", np.arange(count)),
        "metric_date": col.days(plan.dates(7 * week)),
        "metric_name": col.names(metric, _METRICS),
        "brand": col.names(brand, BRANDS),
        "region": col.names(region, REGIONS),
        "value": col.values(np.round(level * np.exp(0.2 * rng.standard_normal(count)), 2)),
        "roi": col.values(roi, metric == 1),
    }


def agent_activities(plan: Plan) -> dict[str, Any]:
    """Two runs a day of each agent."""
    rng = plan.rng("agents")
    day, turn, agent = (axis.ravel() for axis in np.indices((_TRACKED_DAYS, 2, len(_AGENTS))))
    count = day.size
    return {
        "activity_id": col.keys("R", np.arange(count)),
        "agent_name": col.names(agent, _AGENTS),
        "activity_timestamp": col.values(
            plan.instants(day + 0.05 + turn * 0.4 + 0.3 * rng.random(count))
        ),
        "roi_estimate": col.values(
            np.round(2.2 + 0.5 * rng.standard_normal(count), 3), rng.random(count) > 0.1
        ),
    }


def data_source_tracking(plan: Plan) -> dict[str, Any]:
    """A daily row per source: what it sent and how well that matched the other sources."""
    rng = plan.rng("tracking")
    day, source = (axis.ravel() for axis in np.indices((_TRACKED_DAYS, len(_SOURCES))))
    count = day.size
    volume = np.array([4.0, 2.5, 1.0, 1.5, 0.8])[source] * 2_500 * plan.scale
    received = rng.poisson(volume) + 20
    eligible = (received * (0.4 + 0.2 * rng.random(count))).astype(np.int64)
    matches = np.clip([[0.82], [0.79], [0.76]] + 0.02 * rng.standard_normal((3, count)), 0, 1)
    # A source is not matched with itself.
    known = [source != code for code in range(3)]
    return {
        "tracking_id": col.keys("K", np.arange(count)),
        "tracking_date": col.days(plan.dates(day)),
        "source_name": col.names(source, _SOURCES),
        "source_type": col.names(source, _SOURCE_TYPES),
        "records_received": col.values(received),
        "match_rate_vs_claims": col.values(np.round(matches[0], 4), known[0]),
        "match_rate_vs_ehr": col.values(np.round(matches[1], 4), known[1]),
        "match_rate_vs_specialty": col.values(np.round(matches[2], 4), known[2]),
        "stacking_eligible_records": col.values(eligible),
        "stacking_applied_records": col.values((eligible * 0.9).astype(np.int64)),
        "stacking_lift_percentage": col.values(
            np.round(12.2 + 1.2 * rng.standard_normal(count), 2)
        ),
    }


def etl_pipeline_metrics(plan: Plan) -> dict[str, Any]:
    """A daily run of each pipeline; some fail, some do not know their data's age."""
    rng = plan.rng("pipelines")
    day, pipeline = (axis.ravel() for axis in np.indices((_TRACKED_DAYS, len(_PIPELINES))))
    count = day.size
    state = rng.choice(3, count, p=(0.88, 0.08, 0.04))
    # Pipelines of one day wait for one another.
    hours = np.clip(30 * np.exp(0.35 * normals(rng, day)), 4, 160)
    completed = plan.instants(day + 0.1 + 0.15 * rng.random(count))
    started = completed - (hours * 3600).astype(np.int64).astype("timedelta64[s]")
    exact = (completed - started) / np.timedelta64(1, "h")
    return {
        "pipeline_run_id": col.keys("L", np.arange(count)),
        "pipeline_name": col.names(pipeline, _PIPELINES),
        "status": col.names(state, _RUN_STATES),
        "source_data_timestamp": col.values(started, rng.random(count) > 0.12),
        "run_completed_at": col.values(completed),
        "time_to_release_hours": col.values(exact, state != 2),
    }

"""The nine data quality KPIs in plain Python, written from the semantics page and nothing else."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

Row = Mapping[str, Any]
Tables = Mapping[str, list[Row]]
Keep = Callable[[str, Row], bool]


def rows_of(frames: Mapping[str, pd.DataFrame]) -> dict[str, list[dict[str, Any]]]:
    """Frames as rows of Python values; every kind of missing is ``None``."""
    found = {}
    for name, frame in frames.items():
        records = frame.astype(object).to_dict("records")
        found[name] = [
            {key: None if pd.isna(value) else value for key, value in row.items()}
            for row in records
        ]
    return found


def values(
    tables: Tables,
    as_of: dt.datetime,
    *,
    keep: Keep = lambda _table, _row: True,
    start: dt.datetime | None = None,
    end: dt.datetime | None = None,
) -> dict[str, float | None]:
    """KPI id -> value at ``as_of``, of the rows that ``keep`` and in ``[start, end)``."""
    now = as_of.replace(tzinfo=None)
    kept = {name: [row for row in rows if keep(name, row)] for name, rows in tables.items()}
    begin = now - dt.timedelta(days=30) if start is None else start
    stop = now if end is None else min(end, now)

    def recent(table: str, column: str) -> list[Row]:
        return [row for row in kept[table] if row[column] and begin <= row[column] < stop]

    journeys = kept["patient_journeys"]
    universe = [row for row in kept["reference_universe"] if _in_force(row, now)]
    tracked = [
        row["tracking_date"]
        for row in tables["data_source_tracking"]
        if row["tracking_date"]
        and _midnight(row["tracking_date"]) <= now
        and (start is None or _midnight(row["tracking_date"]) >= start)
        and (end is None or _midnight(row["tracking_date"]) < end)
    ]
    newest = max(tracked, default=None)
    today = [r for r in kept["data_source_tracking"] if newest and r["tracking_date"] == newest]
    return {
        "WS1-DQ-001": patients(journeys, universe),
        "WS1-DQ-002": hcps(kept["hcp_profiles"], universe),
        "WS1-DQ-003": match_rate(today),
        "WS1-DQ-004": lift(today),
        "WS1-DQ-005": completeness(recent("patient_journeys", "created_at")),
        "WS1-DQ-006": consistency(journeys, universe),
        "WS1-DQ-007": _median(lags(recent("patient_journeys", "ingestion_timestamp"))),
        "WS1-DQ-008": agreement(kept["ml_annotations"]),
        "WS1-DQ-009": _median(releases(recent("etl_pipeline_metrics", "run_completed_at"))),
    }


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)


def _in_force(row: Row, now: dt.datetime) -> bool:
    if row["effective_date"] is None or _midnight(row["effective_date"]) > now:
        return False
    return row["expiration_date"] is None or now < _midnight(row["expiration_date"])


def _over(top: float, bottom: float) -> float | None:
    return top / bottom if bottom else None


def patients(journeys: list[Row], universe: list[Row]) -> float | None:
    """Name by name, or number by number where no name is known."""
    mine = [row for row in universe if row["universe_type"] == "patient"]
    seen = {row["patient_id"] for row in journeys} - {None}
    named = {row["patient_id"] for row in mine} - {None}
    if named:
        return len(named & seen) / len(named)
    return _over(len(seen), sum(row["total_count"] or 0 for row in mine))


def hcps(profiles: list[Row], universe: list[Row]) -> float | None:
    """Covered HCPs of tier 1 and 2 over the universe's total."""
    covered = {
        row["hcp_id"]
        for row in profiles
        if row["coverage_status"] is True and (row["priority_tier"] or 9) <= 2
    }
    total = sum(r["total_count"] or 0 for r in universe if r["universe_type"] == "hcp")
    return _over(len(covered), total)


def match_rate(rows: list[Row]) -> float | None:
    """Every known (row, rate) pair, weighted by the row's records."""
    pairs = [
        (row[f"match_rate_vs_{other}"], row["records_received"])
        for row in rows
        for other in ("claims", "ehr", "specialty")
        if row[f"match_rate_vs_{other}"] is not None and row["records_received"] is not None
    ]
    return _over(sum(rate * weight for rate, weight in pairs), sum(w for _, w in pairs))


def lift(rows: list[Row]) -> float | None:
    """The weighted mean of the lift, as a ratio."""
    pairs = [
        (row["stacking_lift_percentage"] / 100, row["stacking_eligible_records"])
        for row in rows
        if row["stacking_lift_percentage"] is not None
        and row["stacking_eligible_records"] is not None
    ]
    return _over(sum(rate * weight for rate, weight in pairs), sum(w for _, w in pairs))


def completeness(rows: list[Row]) -> float | None:
    """Rows that have all three fields."""
    full = [r for r in rows if None not in (r["patient_id"], r["brand"], r["event_date"])]
    return _over(len(full), len(rows))


def consistency(journeys: list[Row], universe: list[Row]) -> float | None:
    """The largest gap between a region's two shares."""
    pairs = {
        (row["patient_id"], row["geographic_region"])
        for row in journeys
        if row["patient_id"] is not None and row["geographic_region"] is not None
    }
    sizes: dict[str, int] = defaultdict(int)
    for row in universe:
        if row["universe_type"] == "patient" and row["region"] is not None:
            sizes[row["region"]] += row["total_count"] or 0
    if not pairs or not sum(sizes.values()):
        return None
    regions = {region for _, region in pairs} | set(sizes)
    return max(
        abs(
            sum(where == region for _, where in pairs) / len(pairs)
            - sizes.get(region, 0) / sum(sizes.values())
        )
        for region in regions
    )


def lags(rows: list[Row]) -> list[float]:
    """Days from source to warehouse."""
    found = []
    for row in rows:
        if row["source_timestamp"] is not None:
            seconds = (row["ingestion_timestamp"] - row["source_timestamp"]).total_seconds()
            found.append(seconds / 86_400)
        elif row["data_lag_hours"] is not None:
            found.append(row["data_lag_hours"] / 24)
    return found


def releases(rows: list[Row]) -> list[float]:
    """Hours from source data to the end of successful runs."""
    found = []
    for row in rows:
        if row["status"] != "success":
            continue
        if row["source_data_timestamp"] is not None:
            seconds = (row["run_completed_at"] - row["source_data_timestamp"]).total_seconds()
            found.append(seconds / 3_600)
        elif row["time_to_release_hours"] is not None:
            found.append(row["time_to_release_hours"])
    return found


def _median(numbers: list[float]) -> float | None:
    return statistics.median(numbers) if numbers else None


def percentile(numbers: list[float], level: float) -> float:
    """Interpolated linearly."""
    return float(np.percentile(numbers, level))


def agreement(rows: list[Row]) -> float | None:
    """The mean over groups of the share of pairs that are equal as JSON."""
    groups: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for row in rows:
        if None in (row["iaa_group_id"], row["annotator_id"], row["annotation_value"]):
            continue
        try:
            document = json.loads(row["annotation_value"])
        except ValueError:
            continue
        groups[row["iaa_group_id"]].append((row["annotator_id"], document))
    shares = []
    for members in groups.values():
        if len({who for who, _ in members}) < 2:
            continue
        pairs = list(itertools.combinations([what for _, what in members], 2))
        shares.append(sum(_same(left, right) for left, right in pairs) / len(pairs))
    return statistics.fmean(shares) if shares else None


def _same(left: Any, right: Any) -> bool:
    # Python holds True and 1 to be equal; as JSON they are not.
    return left == right and isinstance(left, bool) == isinstance(right, bool)

"""The ten business KPIs in plain Python, written from the semantics page and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

ALL = object()
"""No filter; ``None`` is the slice of the rows that have no value."""
DAY = dt.timedelta(days=1)
Row = Mapping[str, Any]


def missing(value: Any) -> bool:
    """Whether a cell holds nothing, in any of pandas' ways to say so."""
    return value is None or value is pd.NaT or value != value  # noqa: PLR0124 - NaN and NaT


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as plain rows; every missing cell is ``None``."""
    return [
        {name: None if missing(value) else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]


def midnight(day: dt.date) -> dt.datetime:
    """The first instant of a day."""
    return dt.datetime(day.year, day.month, day.day)


class Oracle:
    """The tables of one test, read once; each method is one KPI over ``[start, end)``."""

    def __init__(self, data: Mapping[str, pd.DataFrame], as_of: dt.datetime) -> None:
        self.tables = {name: rows_of(frame) for name, frame in data.items()}
        self.as_of = as_of.replace(tzinfo=None)
        self.specialty = {row["hcp_id"]: row["specialty"] for row in self.tables["hcp_profiles"]}

    def cut(self, table: str, brand: Any = ALL, specialty: Any = ALL) -> list[Row]:
        """The rows of a slice; the specialty is that of the HCP that a row names."""
        return [
            row
            for row in self.tables[table]
            if (brand is ALL or row["brand"] == brand)
            and (specialty is ALL or self.specialty.get(row["hcp_id"]) == specialty)
        ]

    def inside(self, value: dt.date | None, start: dt.datetime, end: dt.datetime) -> bool:
        if value is None:
            return False
        moment = value if isinstance(value, dt.datetime) else midnight(value)
        return start <= moment < min(end, self.as_of)

    def active_users(self, start: dt.datetime, end: dt.datetime, role: Any = ALL) -> float:
        rows = [
            row for row in self.tables["user_sessions"] if role is ALL or row["user_role"] == role
        ]
        inside = [row for row in rows if self.inside(row["session_start"], start, end)]
        return len({row["user_id"] for row in inside} - {None})

    def touch_rate(self, start: Any, end: Any, brand: Any = ALL, specialty: Any = ALL) -> Any:
        journeys = self.cut("patient_journeys", brand, specialty)
        eligible = {row["patient_id"] for row in journeys if row["is_eligible"] is True} - {None}
        touched = {
            row["patient_id"]
            for row in self.cut("triggers", brand)
            if self.inside(row["trigger_timestamp"], start, end)
        }
        return share(eligible & touched, eligible)

    def coverage(self, specialty: Any = ALL) -> Any:
        known = [
            row["coverage_status"]
            for row in self.tables["hcp_profiles"]
            if row["priority_tier"] in (1, 2)
            and row["coverage_status"] is not None
            and (specialty is ALL or row["specialty"] == specialty)
        ]
        return share([status for status in known if status], known)

    def prescriptions(
        self, start: Any, end: Any, brand: Any = ALL, specialty: Any = ALL
    ) -> list[Row]:
        return [
            row
            for row in self.cut("treatment_events", brand, specialty)
            if row["event_type"] == "prescription" and self.inside(row["event_date"], start, end)
        ]

    def new_prescriptions(self, *window_and_slice: Any) -> float:
        return sum(row["sequence_number"] == 1 for row in self.prescriptions(*window_and_slice))

    def new_to_brand(self, start: Any, end: Any, brand: Any, specialty: Any = ALL) -> float:
        if brand is None:
            return 0
        history: dict[str, list[dt.date]] = {}
        for row in self.cut("treatment_events", brand):
            if row["event_type"] == "prescription" and row["patient_id"] and row["event_date"]:
                history.setdefault(row["patient_id"], []).append(row["event_date"])
        return len(
            {
                row["patient_id"]
                for row in self.prescriptions(start, end, brand, specialty)
                if row["patient_id"] and row["event_date"] == min(history[row["patient_id"]])
            }
        )

    def trx_share(self, start: Any, end: Any, brand: Any, specialty: Any = ALL) -> Any:
        return share(
            self.prescriptions(start, end, brand, specialty),
            self.prescriptions(start, end, ALL, specialty),
        )

    def delivered(self, start: Any, end: Any, brand: Any = ALL, specialty: Any = ALL) -> list[Row]:
        return [
            row
            for row in self.cut("triggers", brand, specialty)
            if row["acceptance_status"] is not None
            and row["patient_id"] is not None
            and self.inside(row["trigger_timestamp"], start, end)
        ]

    def conversion(self, start: Any, end: Any, brand: Any = ALL, specialty: Any = ALL) -> Any:
        delivered = self.delivered(start, end, brand, specialty)
        ever = self.prescriptions(dt.datetime(1, 1, 1), self.as_of, brand)

        def converted(trigger: Row) -> bool:
            day = trigger["trigger_timestamp"].date()
            return any(
                row["patient_id"] == trigger["patient_id"]
                and day <= row["event_date"] <= day + 30 * DAY
                for row in ever
            )

        return share([row for row in delivered if converted(row)], delivered)

    def young(self, start: Any, end: Any, brand: Any = ALL) -> int:
        return sum(
            midnight(row["trigger_timestamp"]) + 31 * DAY > self.as_of
            for row in self.delivered(start, end, brand)
        )

    def roi(self, start: Any, end: Any, brand: Any = ALL) -> tuple[float | None, str | None]:
        """The value and the table that answers; agents' estimates know no brand."""
        metrics = [
            row["roi"]
            for row in self.tables["business_metrics"]
            if (brand is ALL or row["brand"] == brand)
            and self.inside(row["metric_date"], start, end)
        ]
        if known := [value for value in metrics if value is not None]:
            return sum(known) / len(known), "business_metrics"
        if brand is not ALL:
            return None, None
        estimates = [
            row["roi_estimate"]
            for row in self.tables["agent_activities"]
            if self.inside(row["activity_timestamp"], start, end)
        ]
        known = [value for value in estimates if value is not None]
        return (sum(known) / len(known), "agent_activities") if known else (None, None)

    def values(
        self, brand: Any = ALL, specialty: Any = ALL, window: Any = None
    ) -> dict[str, float | None]:
        """KPI id -> value of a slice, over a window or each KPI's default."""
        week = window or (self.as_of - 7 * DAY, self.as_of)
        month = window or (self.as_of - 30 * DAY, self.as_of)
        cut = (*month, brand, specialty)
        old = window or (self.as_of - 61 * DAY, self.as_of - 31 * DAY)
        found: dict[str, float | None] = {
            "WS3-BI-003": self.touch_rate(*cut),
            "WS3-BI-005": len(self.prescriptions(*cut)),
            "WS3-BI-006": self.new_prescriptions(*cut),
            "WS3-BI-009": self.conversion(*old, brand, specialty),
        }
        if brand is ALL and specialty is ALL:
            found["WS3-BI-001"] = self.active_users(*month)
            found["WS3-BI-002"] = self.active_users(*week)
        if brand is ALL:
            found["WS3-BI-004"] = self.coverage(specialty)
        else:
            found["WS3-BI-007"] = self.new_to_brand(*cut)
            found["WS3-BI-008"] = self.trx_share(*cut)
        if specialty is ALL:
            found["WS3-BI-010"] = self.roi(*month, brand)[0]
        return found


def share(hits: Iterable[Any], base: Iterable[Any]) -> float | None:
    """Hits over base; no value where the base is empty."""
    hits, base = list(hits), list(base)
    return len(hits) / len(base) if base else None

"""The five brand KPIs in plain Python, written from the semantics page and nothing else."""

from __future__ import annotations

import datetime as dt
import fractions
import statistics
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

DAY = dt.timedelta(days=1)
Row = Mapping[str, Any]
Keep = Callable[[Row], bool]
ANTIHISTAMINES = {"antihistamine", "h1_blocker", "h1-blocker"}
UNCONTROLLED = {"inadequate", "uncontrolled", "refractory"}
PNH_TESTS = {"flow_cytometry", "pnh_panel", "gpi_anchor"}


def missing(value: Any) -> bool:
    """Whether a cell holds nothing, in any of pandas' ways to say so."""
    return value is None or value is pd.NaT or value != value  # noqa: PLR0124 - NaN and NaT


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as plain rows; every missing cell is ``None``."""
    return [
        {name: None if missing(value) else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]


def lower(text: str | None) -> str:
    """Text without its capitals; nothing contains nothing."""
    return "" if text is None else text.lower()


def share(hits: Iterable[Any], base: Iterable[Any]) -> float | None:
    """Hits over base; no value where the base is empty."""
    hits, base = list(hits), list(base)
    return len(hits) / len(base) if base else None


def every(row: Row) -> bool:
    """The slice that holds every row."""
    return True


class Oracle:
    """The tables of one test, read once; ``keep`` is a slice of a KPI's own base rows."""

    def __init__(self, data: Mapping[str, pd.DataFrame], as_of: dt.datetime) -> None:
        self.tables = {name: rows_of(frame) for name, frame in data.items()}
        self.as_of = as_of.replace(tzinfo=None)
        self.specialty = {row["hcp_id"]: row["specialty"] for row in self.tables["hcp_profiles"]}

    def inside(self, value: dt.date | None, window: Any) -> bool:
        if value is None:
            return False
        start, end = window or (self.as_of - 90 * DAY, self.as_of)
        is_day = not isinstance(value, dt.datetime)
        moment = dt.datetime(value.year, value.month, value.day) if is_day else value
        return start <= moment < min(end, self.as_of)

    def uncontrolled(self, keep: Keep = every) -> float | None:
        """BR-001."""
        csu = {
            row["patient_id"]
            for row in self.tables["patient_journeys"]
            if keep(row)
            and any(
                part in lower(row["diagnosis"]) for part in ("csu", "chronic spontaneous urticaria")
            )
        }
        events = [
            row
            for row in self.tables["treatment_events"]
            if lower(row["drug_class"]) in ANTIHISTAMINES
        ]
        treated = (csu & {row["patient_id"] for row in events}) - {None}
        bad = {
            row["patient_id"] for row in events if lower(row["treatment_response"]) in UNCONTROLLED
        }
        return share(treated & bad, treated)

    def changes(self, keep: Keep = every, window: Any = None) -> list[float]:
        """The changes that BR-002 averages."""
        by_id = {row["survey_id"]: row for row in self.tables["hcp_intent_surveys"]}
        found = []
        for row in self.tables["hcp_intent_surveys"]:
            counts = row["brand"] == "Remibrutinib" and row["response_quality_flag"] is not False
            if not (counts and keep(row) and self.inside(row["survey_date"], window)):
                continue
            earlier = by_id.get(row["previous_survey_id"])
            change = row["intent_to_prescribe_change"]
            if (
                earlier is not None
                and row["hcp_id"] is not None
                and (earlier["hcp_id"], earlier["brand"]) == (row["hcp_id"], row["brand"])
                and earlier["survey_date"] is not None
                and earlier["survey_date"] < row["survey_date"]
                and None
                not in (earlier["intent_to_prescribe_score"], row["intent_to_prescribe_score"])
            ):
                change = row["intent_to_prescribe_score"] - earlier["intent_to_prescribe_score"]
            if change is not None:
                found.append(change)
        return found

    def intent(self, keep: Keep = every, window: Any = None) -> float | None:
        """BR-002."""
        found = self.changes(keep, window)
        return sum(found) / len(found) if found else None

    def tested(self, keep: Keep = every) -> float | None:
        """BR-003."""

        def is_eligible(row: Row) -> bool:
            text = lower(row["diagnosis"])
            pnh = "pnh" in text or "paroxysmal nocturnal hemoglobinuria" in text
            return pnh or ("anemia" in text and row["is_eligible"] is True)

        eligible = {
            row["patient_id"]
            for row in self.tables["patient_journeys"]
            if keep(row) and is_eligible(row)
        } - {None}
        tested = {
            row["patient_id"]
            for row in self.tables["treatment_events"]
            if lower(row["test_type"]) in PNH_TESTS
        }
        return share(eligible & tested, eligible)

    def gaps(self, keep: Keep = every) -> list[int]:
        """Days of each patient of BR-004, negative ones included."""
        diagnosed: dict[str, list[dt.date]] = {}
        for row in self.tables["patient_journeys"]:
            if keep(row) and row["patient_id"] and row["diagnosis_date"]:
                diagnosed.setdefault(row["patient_id"], []).append(row["diagnosis_date"])
        started: dict[str, list[dt.date]] = {}
        for row in self.tables["treatment_events"]:
            counts = row["event_type"] == "prescription" and row["brand"] == "Kisqali"
            if counts and row["patient_id"] and row["event_date"]:
                started.setdefault(row["patient_id"], []).append(row["event_date"])
        return [
            (min(started[who]) - min(days)).days
            for who, days in diagnosed.items()
            if who in started
        ]

    def survival(self, keep: Keep = every) -> float | None:
        """The Kaplan-Meier median of BR-004, by the product over the days on which some start."""
        diagnosed: dict[str, dt.date] = {}
        for row in self.tables["patient_journeys"]:
            if keep(row) and row["patient_id"] and row["diagnosis_date"]:
                day = diagnosed.get(row["patient_id"], row["diagnosis_date"])
                diagnosed[row["patient_id"]] = min(day, row["diagnosis_date"])
        started: dict[str, dt.date] = {}
        for row in self.tables["treatment_events"]:
            counts = row["event_type"] == "prescription" and row["brand"] == "Kisqali"
            if counts and row["patient_id"] and row["event_date"]:
                day = started.get(row["patient_id"], row["event_date"])
                started[row["patient_id"]] = min(day, row["event_date"])
        seen = []
        for who, day in diagnosed.items():
            midnight = dt.datetime(day.year, day.month, day.day)
            waited = (self.as_of - midnight) / DAY
            days = (started[who] - day).days if who in started else waited
            seen.append((days, who in started))
        seen = [each for each in seen if each[0] >= 0]
        share = fractions.Fraction(1)
        for day in sorted({days for days, is_start in seen if is_start}):
            at_risk = sum(days >= day for days, _ in seen)
            starts = sum(days == day and is_start for days, is_start in seen)
            share *= fractions.Fraction(at_risk - starts, at_risk)
            if share <= fractions.Fraction(1, 2):
                return float(day)
        return None

    def adoption(self, keep: Keep = every) -> float | None:
        """BR-004."""
        kept = [gap for gap in self.gaps(keep) if gap >= 0]
        return float(statistics.median(kept)) if kept else None

    def reach(self, keep: Keep = every, window: Any = None) -> float | None:
        """BR-005."""
        oncologists = {
            row["hcp_id"]
            for row in self.tables["hcp_profiles"]
            if keep(row) and "oncolog" in lower(row["specialty"])
        } - {None}
        engaged = {
            row["hcp_id"]
            for row in self.tables["triggers"]
            if row["brand"] == "Kisqali" and self.inside(row["trigger_timestamp"], window)
        }
        return share(oncologists & engaged, oncologists)

    def values(self, keep: Keep = every) -> dict[str, float | None]:
        """KPI id -> value, each over its default window."""
        return {
            "BR-001": self.uncontrolled(keep),
            "BR-002": self.intent(keep),
            "BR-003": self.tested(keep),
            "BR-004": self.adoption(keep),
            "BR-005": self.reach(keep),
        }

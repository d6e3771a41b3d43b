"""Events logs for the tests of KORYXA: drawn at random, by hand, and as lines of a file."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pandas as pd

from kpisdk import Settings, Workspace
from kpisdk_edu_dkt.koryxa.datasets import SCHOOL_EVENTS
from kpisdk_edu_dkt.koryxa.evidence import Evidence

CLOCK = datetime(2026, 6, 1, tzinfo=UTC)
START = datetime(2026, 1, 5)
HEAD = "user_id,cohort_id,country,module_id,event_type,timestamp,support_ticket_count,validated_m1"
ROW = "u1,A,Togo,m1,start,2026-01-01T00:00:00Z,2,1"


def random_log(seed: int, users: int = 40) -> pd.DataFrame:
    """Events with holes: no time, no cohort, no counter, no user, other modules, moved users."""
    draw = random.Random(seed)
    rows = []
    for number in range(users):
        cohort = draw.choice(["2026-W01", "2026-W02", "O'Hara; --", None])
        place = {
            "country": draw.choice(["Togo", "Bénin", None]),
            "device": draw.choice(["mobile", "desktop", None]),
            "acquisition_channel": draw.choice(["whatsapp", 'face"book', None]),
        }
        began = START + timedelta(seconds=draw.randrange(14 * 86400))
        ran = draw.choice(
            [None, began + timedelta(hours=48), began + timedelta(hours=48, seconds=1)]
        )
        for event in range(draw.randrange(1, 7)):
            at = began + timedelta(minutes=draw.randrange(1, 5000) if event else 0)
            row = {
                "user_id": None if draw.random() < 0.03 else f"u{number:02}",
                "cohort_id": draw.choice([cohort, cohort, "2026-W03"]) if event else cohort,
                **place,
                "module_id": draw.choice(["m1"] * 6 + ["m2", "M1", None]),
                "theme_id": draw.choice(["theme-1", "theme-2", "theme-22", None]),
                "step_id": "page-1",
                "event_type": draw.choice(["start", "complete", None]),
                "timestamp": None if draw.random() < 0.07 else at,
                "notebook_executed": None,
                "notebook_first_exec_time": ran if draw.random() < 0.6 else None,
                "support_ticket_count": draw.choice([None, 0, 1, 2, 5]),
                "project_submitted": draw.choice([None, 0, 0, 1]),
                "project_submit_time": None,
                "validated_m1": draw.choice([None, 0, 0, 1, 2]),
            }
            rows += [row] * draw.choice([1, 1, 1, 2])
    frame = pd.DataFrame(rows)
    for column in SCHOOL_EVENTS.columns:
        if column.type == "text":
            frame[column.name] = (
                frame[column.name].astype(object).where(frame[column.name].notna(), None)
            )
        elif column.type == "timestamp":
            frame[column.name] = pd.to_datetime(frame[column.name]).astype("datetime64[us]")
        else:
            frame[column.name] = frame[column.name].astype("float64")
    return frame


def a_log(*rows) -> pd.DataFrame:
    """A log of the eight required columns: (user, cohort, time, tickets, validated)."""
    return pd.DataFrame(
        {
            "user_id": [row[0] for row in rows],
            "cohort_id": [row[1] for row in rows],
            "country": "Togo",
            "module_id": "m1",
            "event_type": "start",
            "timestamp": pd.to_datetime([row[2] for row in rows]),
            "support_ticket_count": pd.Series([row[3] for row in rows], dtype="float64"),
            "validated_m1": pd.Series([row[4] for row in rows], dtype="float64"),
        }
    )


def a_workspace(source, **more) -> Workspace:
    """A workspace of fixed time, without the machine's settings."""
    return Workspace(source, settings=Settings(), cache="off", clock=lambda: CLOCK, **more)


def codes(evidence: Evidence) -> set[str]:
    """The codes of all remarks but those about what the short logs here do not have."""
    return {note.code for note in evidence.notes} - {"no_value", "never_occurs"}


def said(evidence: Evidence) -> str:
    return "\n".join(note.message for note in evidence.notes)

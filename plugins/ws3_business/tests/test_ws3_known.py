"""A data set small enough to count on paper, and the rules that single rows decide."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from ws3_data import DATASETS, tables

from kpisdk import Reason, Status, Workspace
from kpisdk.testing import ENGINES

AS_OF = dt.datetime(2025, 6, 30, 12, 0, tzinfo=dt.UTC)


def june(day: int, hour: int = 9) -> dt.datetime:
    """A moment of June 2025."""
    return dt.datetime(2025, 6, day, hour)


def known() -> dict[str, pd.DataFrame]:
    """Every KPI has a value here that can be counted by hand; see the assertions below."""
    events = pd.DataFrame(
        [
            # A starts Kisqali in May, and renews: not new to the brand in June.
            ("A", dt.date(2025, 5, 10), "prescription", "Kisqali", 1),
            ("A", dt.date(2025, 6, 10), "prescription", "Kisqali", 2),
            # B starts Kisqali in June, after a competitor's drug in May.
            ("B", dt.date(2025, 5, 2), "prescription", "Other", 1),
            ("B", dt.date(2025, 6, 12), "prescription", "Kisqali", 2),
            # C starts in June twice on one day: one patient.
            ("C", dt.date(2025, 6, 20), "prescription", "Kisqali", 1),
            ("C", dt.date(2025, 6, 20), "prescription", "Kisqali", 2),
            # No patient, no brand: a prescription all the same.
            (None, dt.date(2025, 6, 21), "prescription", None, None),
            # Neither of these is a prescription.
            ("D", dt.date(2025, 6, 22), "Prescription", "Kisqali", 1),
            ("D", dt.date(2025, 6, 22), "lab_test", "Kisqali", 1),
            # The window's first day is after midnight of 31 May; the future never counts.
            ("E", dt.date(2025, 5, 31), "prescription", "Kisqali", 1),
            ("E", dt.date(2025, 7, 1), "prescription", "Kisqali", 1),
        ],
        columns=["patient_id", "event_date", "event_type", "brand", "sequence_number"],
    )
    events["hcp_id"] = None
    triggers = pd.DataFrame(
        [
            ("A", june(10, 23), "accepted"),  # the prescription of its own day counts
            ("A", june(11), "rejected"),  # the next one never came
            ("B", june(1), "accepted"),  # 11 days
            ("C", june(1), "pending"),  # 19 days; two prescriptions are one conversion
            ("C", june(5), None),  # never delivered
            (None, june(5), "accepted"),  # names no patient
            ("E", june(20), "accepted"),  # its prescription comes after as_of
        ],
        columns=["patient_id", "trigger_timestamp", "acceptance_status"],
    )
    triggers["hcp_id"], triggers["brand"] = None, "Kisqali"
    journeys = pd.DataFrame(
        [
            ("A", True),
            ("A", False),
            ("B", True),
            ("C", False),
            ("F", True),
            ("G", True),
            (None, True),
            ("E", None),
        ],
        columns=["patient_id", "is_eligible"],
    )
    journeys["hcp_id"], journeys["brand"] = None, "Kisqali"
    return {
        "treatment_events": events,
        "triggers": triggers,
        "patient_journeys": journeys,
        "hcp_profiles": pd.DataFrame(
            [
                ("H1", 1, True),
                ("H2", 2, True),
                ("H3", 2, False),
                ("H4", 1, None),
                ("H5", 3, True),
                ("H6", None, True),
            ],
            columns=["hcp_id", "priority_tier", "coverage_status"],
        ).astype(object),
        "user_sessions": pd.DataFrame(
            [
                ("u1", june(29)),
                ("u1", june(3)),
                ("u2", june(1)),
                ("u3", dt.datetime(2025, 5, 31, 12)),
                ("u4", dt.datetime(2025, 5, 31, 11)),
                (None, june(29)),
                ("u5", june(30, 12)),
            ],
            columns=["user_id", "session_start"],
        ),
        "business_metrics": pd.DataFrame(
            [
                (dt.date(2025, 6, 1), 2.0),
                (dt.date(2025, 6, 30), 3.0),
                (dt.date(2025, 6, 2), None),
                (dt.date(2025, 5, 31), 90.0),
            ],
            columns=["metric_date", "roi"],
        ),
        "agent_activities": pd.DataFrame(
            [(june(2), 1.0), (june(3), 2.0), (june(4), None)],
            columns=["activity_timestamp", "roi_estimate"],
        ),
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_known_answers_worked_out_by_hand(source_on, engine):
    """All ten KPIs on a dozen rows, with Kisqali as the brand where one is needed."""
    workspace = Workspace(source_on(engine, known(), DATASETS), cache="off")

    whole = workspace.compute(workstream="ws3_business", as_of=AS_OF)
    brand = workspace.compute(workstream="ws3_business", as_of=AS_OF, where={"brand": "Kisqali"})

    # u1, u2, and u3 at the window's very start; u5 comes at as_of, which is outside.
    assert whole["WS3-BI-001"].value == 3
    assert whole["WS3-BI-001"].status is Status.CRITICAL
    assert whole["WS3-BI-002"].value == 1
    # Eligible A, B, F, G; triggers name A and B of them.
    assert whole["WS3-BI-003"].value == pytest.approx(2 / 4)
    # Tiers 1 and 2 with a known coverage: H1, H2, H3.
    assert whole["WS3-BI-004"].value == pytest.approx(2 / 3)
    # June: A, B, C twice, and the one that names nobody.
    assert whole["WS3-BI-005"].value == 5
    assert whole["WS3-BI-006"].value == 1
    assert brand["WS3-BI-007"].value == 2
    assert brand["WS3-BI-008"].value == pytest.approx(4 / 5)
    # Delivered to a patient: A twice, B, C, E; converted: A's first, B, C.
    new = workspace.compute("WS3-BI-009", as_of=AS_OF, window="last 30 days")[0]
    assert (new.numerator, new.denominator) == (3, 5)
    assert whole["WS3-BI-009"].reason is Reason.NO_ROWS  # none of them had its thirty days
    assert whole["WS3-BI-010"].value == pytest.approx(2.5)
    assert whole["WS3-BI-010"].answered_by == "business_metrics"


@pytest.mark.parametrize("engine", ENGINES)
def test_conversion_counts_the_own_day_and_thirty_days_more(source_on, engine):
    """A prescription counts from the trigger's calendar day to the thirtieth day after it."""
    data = known()
    days = {"before": -1, "same": 0, "last": 30, "late": 31}
    data["triggers"] = pd.DataFrame(
        [(who, dt.datetime(2025, 3, 10, 23, 59), "accepted", None, None) for who in days],
        columns=["patient_id", "trigger_timestamp", "acceptance_status", "hcp_id", "brand"],
    )
    start = dt.date(2025, 3, 10)
    data["treatment_events"] = pd.DataFrame(
        [
            (who, start + dt.timedelta(days=after), "prescription", None, None, None)
            for who, after in days.items()
        ],
        columns=["patient_id", "event_date", "event_type", "hcp_id", "brand", "sequence_number"],
    )
    data["hcp_profiles"] = pd.DataFrame(
        {"hcp_id": ["H1"], "priority_tier": 1, "coverage_status": True}
    )
    workspace = Workspace(source_on(engine, data, DATASETS), cache="off")

    later = workspace.compute("WS3-BI-009", window="2025-03", as_of="2025-06-30")[0]
    by_patient = workspace.compute(
        "WS3-BI-009", window="2025-03", as_of="2025-06-30", by="patient_id"
    )
    at_once = workspace.compute("WS3-BI-009", window="2025-03", as_of="2025-04-09")[0]

    assert (later.numerator, later.denominator) == (2, 4)
    assert {row.slice["patient_id"]: row.value for row in by_patient} == {
        "before": 0,
        "same": 1,
        "last": 1,
        "late": 0,
    }
    assert "follow_up_incomplete" not in {note.code for note in later.warnings}
    # On 9 April the thirtieth day has not come: the last one does not count, and all are too new.
    assert at_once.numerator == 1
    assert at_once.details["follow_up_incomplete"] == 4


@pytest.mark.parametrize(
    ("at", "young"),
    [("2025-05-29T23:59", 0), ("2025-05-30T00:00", 0), ("2025-05-30T23:59", 0), ("2025-05-31", 5)],
)
def test_a_follow_up_is_over_with_its_last_calendar_day(at, young):
    """At noon of 30 June: the thirtieth day after 30 May was the 29th, whatever the hour."""
    data = known()
    data["triggers"]["trigger_timestamp"] = dt.datetime.fromisoformat(at)

    result = Workspace(data, cache="off").compute("WS3-BI-009", as_of=AS_OF, window="all")[0]

    assert result.denominator == 5
    assert result.details["follow_up_incomplete"] == young
    assert ("follow_up_incomplete" in {note.code for note in result.warnings}) == bool(young)


def test_without_a_brand_new_to_brand_is_zero_with_a_note_and_the_share_is_absent():
    """The one zero that the reference itself fixes, and a missing parameter that names it."""
    report = Workspace(known(), cache="off").compute("WS3-BI-007", "WS3-BI-008", as_of=AS_OF)

    assert report["WS3-BI-007"].value == 0
    assert [note.code for note in report["WS3-BI-007"].warnings] == ["brand_not_given"]
    assert report["WS3-BI-008"].value is None
    assert report["WS3-BI-008"].reason is Reason.MISSING_PARAMETER
    assert "brand" in report["WS3-BI-008"].message


def test_shares_by_brand_add_up_to_the_whole():
    """Every brand's share of all prescriptions, those of no brand included: the sum is one."""
    report = Workspace(tables(seed=3), cache="off").compute("WS3-BI-008", as_of=AS_OF, by="brand")

    assert len(report) == 5
    assert sum(result.value for result in report) == pytest.approx(1)


def test_an_hcp_change_does_not_make_a_patient_new_to_the_brand():
    """First means first ever: a slice by HCP does not hide the prescription of another HCP."""
    data = known()
    data["treatment_events"]["hcp_id"] = ["H1", "H2"] + ["H3"] * 9

    report = Workspace(data, cache="off").compute(
        "WS3-BI-007", as_of=AS_OF, where={"brand": "Kisqali"}, by="hcp_id"
    )

    assert {result.slice["hcp_id"]: result.value for result in report} == {"H2": 0, "H3": 2}


def test_return_on_investment_falls_back_and_says_so():
    """No recorded roi in the window, or no such table: the agents' estimates answer."""
    without = known()
    without["business_metrics"]["roi"] = [None, float("nan"), None, 90.0]
    missing = known()
    del missing["business_metrics"]

    for data in (without, missing):
        result = Workspace(data, cache="off").compute("WS3-BI-010", as_of=AS_OF)[0]
        assert result.value == pytest.approx(1.5)
        assert result.answered_by == "agent_activities"
        assert result.status is Status.WARNING


def test_neither_source_of_return_on_investment_gives_no_value():
    """Both sources are named in the reason."""
    data = known()
    data["business_metrics"] = data["business_metrics"].drop(columns="roi")
    data["agent_activities"]["roi_estimate"] = None

    result = Workspace(data, cache="off").compute("WS3-BI-010", as_of=AS_OF)[0]

    assert result.value is None
    assert "column 'roi' of table 'business_metrics' does not exist" in result.message
    assert "'roi_estimate' of 'agent_activities' holds no value" in result.message


def test_active_users_look_from_the_clock_and_volumes_from_the_newest_row():
    """A stalled feed of sessions shrinks MAU; one of events gives the last full window, stale."""
    workspace = Workspace(
        known(), cache="off", clock=lambda: dt.datetime(2025, 7, 25, tzinfo=dt.UTC)
    )

    report = workspace.compute("WS3-BI-001", "WS3-BI-002", "WS3-BI-005")

    assert report["WS3-BI-001"].value == 2  # u1 on 29 June, u5 on 30 June
    assert report["WS3-BI-002"].value == 0
    assert report["WS3-BI-005"].window.end == dt.datetime(2025, 7, 1, 0, 0, 0, 1, tzinfo=dt.UTC)
    assert report["WS3-BI-005"].value == 6  # the five of June, and that of 1 July
    assert report["WS3-BI-005"].stale
    assert not report["WS3-BI-005"].thresholds


def test_active_users_share_one_statement_that_groups_by_user():
    """Monthly and weekly users come from one scan, counted in two levels."""
    explained = Workspace(known(), cache="off").explain("WS3-BI-001", "WS3-BI-002", as_of=AS_OF)

    (statement,) = explained.statements
    assert "GROUP BY" in statement.sql.upper()
    assert "DISTINCT" not in statement.sql.upper()


@pytest.mark.parametrize("kpi_id", ["WS3-BI-001", "WS3-BI-002", "WS3-BI-004"])
def test_a_brand_slice_is_refused_where_the_tables_carry_none(kpi_id):
    """Sessions and profiles have no brand: refused, with the slices that there are."""
    result = Workspace(tables(seed=2), cache="off").compute(
        kpi_id, as_of=AS_OF, where={"brand": "Kisqali"}
    )[0]

    assert result.value is None
    assert result.reason is Reason.UNSUPPORTED_SLICE
    assert "It can be sliced by:" in result.message

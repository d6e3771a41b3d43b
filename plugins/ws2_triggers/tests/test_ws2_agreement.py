"""The eight KPIs agree with an independent implementation, on every engine."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from ws2_data import AS_OF, BRANDS, tables
from ws2_oracle import values

from kpisdk import Workspace
from kpisdk.testing import ENGINES, same_interval
from kpisdk_ws2_triggers.datasets import HCP_PROFILES, TREATMENT_EVENTS, TRIGGERS

DATASETS = (TRIGGERS, TREATMENT_EVENTS, HCP_PROFILES)


@pytest.mark.parametrize("engine", ENGINES)
def test_all_eight_agree_with_the_oracle(source_on, engine):
    """Random data with NULLs, duplicates, rows on the window's edges and in the future."""
    data = tables(seed=1)
    workspace = Workspace(source_on(engine, data, DATASETS), cache="off")

    for brand in (None, *(brand for brand in BRANDS if brand is not None)):
        expected = values(data["triggers"], data["treatment_events"], AS_OF, brand)
        where = {} if brand is None else {"brand": brand}
        report = workspace.compute(workstream="ws2_triggers", as_of=AS_OF, where=where)
        found = {result.kpi_id: result.value for result in report}
        assert set(found) == set(expected)
        for kpi_id, value in expected.items():
            assert found[kpi_id] == pytest.approx(value, abs=1e-9), (
                kpi_id,
                brand,
                found[kpi_id],
                value,
            )


@pytest.mark.parametrize("engine", ENGINES)
def test_grouping_by_brand_equals_filtering_on_each_brand(source_on, engine):
    """A slice binds both tables of recall; rows without a brand are a slice of their own."""
    data = tables(seed=2)
    workspace = Workspace(source_on(engine, data, DATASETS), cache="off")

    report = workspace.compute(workstream="ws2_triggers", as_of=AS_OF, by=["brand"])

    for brand in BRANDS:
        if brand is None:
            continue
        expected = values(data["triggers"], data["treatment_events"], AS_OF, brand)
        found = {r.kpi_id: r.value for r in report if r.slice["brand"] == brand}
        for kpi_id, value in expected.items():
            assert found[kpi_id] == pytest.approx(value, abs=1e-9), (kpi_id, brand)
    assert any(result.slice["brand"] is None for result in report)


@pytest.mark.parametrize("engine", ENGINES)
def test_without_fusion_the_numbers_are_the_same(source_on, engine):
    """``--no-fuse`` runs other statements and gives equal results, grouped and bucketed too."""
    data = tables(seed=3)
    workspace = Workspace(source_on(engine, data, DATASETS), cache="off")

    for asked in ({}, {"by": ["brand"]}, {"by": ["specialty"], "grain": "week"}):
        fused = workspace.compute(workstream="ws2", as_of=AS_OF, **asked)
        alone = workspace.compute(workstream="ws2", as_of=AS_OF, fuse=False, **asked)
        assert len(fused) == len(alone)
        for left, right in zip(fused, alone, strict=True):
            assert (left.kpi_id, left.slice, left.period) == (
                right.kpi_id,
                right.slice,
                right.period,
            )
            assert left.value == pytest.approx(right.value, abs=1e-9)
            assert same_interval(left.interval, right.interval)
            assert (left.n, left.status, left.reason) == (right.n, right.status, right.reason)


def test_every_engine_gives_the_same_report(source_on):
    """Values, numerators, denominators, freshness, methods of intervals: equal, field by field."""
    data = tables(seed=4)
    reports = {}
    for engine in ENGINES:
        workspace = Workspace(source_on(engine, data, DATASETS), cache="off")
        report = workspace.compute(
            workstream="ws2",
            window="last 3 weeks",
            by=["specialty"],
            compare="previous",
            as_of=AS_OF,
        )
        rows = [result.to_dict() for result in report]
        for row in rows:
            # Engines put units into buckets by hashes of their own: limits may differ a little.
            del row["computed_at"], row["duration_ms"], row["manifest"]
            for name in ("decided", "status_p"):
                row.pop(name)
            for each in (row, row["comparison"] or {}):
                if each.get("interval"):
                    each["interval"] = each["interval"]["method"], each["interval"]["unit"]
                each.pop("decided", None)
            if row["value"] is not None:
                row["value"] = round(row["value"], 9)
        reports[engine] = rows

    for engine in ENGINES[1:]:
        assert reports[engine] == reports[ENGINES[0]], engine


def test_known_answers_worked_out_by_hand(source_on):
    """Ten triggers and four outcomes, counted on paper."""
    at = dt.datetime(2025, 6, 20, 9, 0)
    columns = (
        "patient_id", "acceptance_status", "action_taken", "control_group_flag",
        "false_positive_flag", "outcome_tracked", "outcome_value", "lead_time_days",
        "previous_trigger_id", "change_failed",
    )  # fmt: skip
    rows = [
        ("A", "accepted", "call", False, False, True, 1.0, 2, None, None),
        ("A", "accepted", "call", False, False, True, 0.0, 4, "T0", True),
        ("B", "rejected", "", False, True, True, None, 9, "T1", False),
        ("B", "overridden", None, False, None, False, 5.0, None, "T2", None),
        ("C", None, "visit", True, False, None, 3.0, 30, None, True),
        ("C", "pending", "", True, False, True, 2.0, None, "T3", False),
        ("D", "accepted", None, True, True, True, -1.0, 4, None, None),
        ("D", "accepted", "call", None, False, None, None, None, None, None),
        ("E", None, "call", False, None, True, 4.0, 10, None, None),
        ("F", "rejected", None, True, False, False, None, None, "T4", False),
    ]
    triggers = pd.DataFrame(rows, columns=columns)
    triggers.insert(0, "trigger_id", [f"T{i}" for i in range(10)])
    triggers["hcp_id"], triggers["brand"], triggers["trigger_timestamp"] = None, "Kisqali", at
    events = pd.DataFrame(
        {
            "patient_id": ["A", "B", "Z", None],
            "hcp_id": None,
            "event_date": [dt.date(2025, 6, 20), dt.date(2025, 6, 19), dt.date(2025, 6, 25),
                           dt.date(2025, 6, 25)],
            "event_type": ["prescription", "conversion", "prescription", "prescription"],
            "brand": "Kisqali",
        }
    )  # fmt: skip
    data = {"triggers": triggers, "treatment_events": events}
    workspace = Workspace(source_on("frames", data, DATASETS), cache="off")

    report = workspace.compute(workstream="ws2", as_of="2025-06-30T12:00Z", window="last 30 days")
    found = {r.kpi_id: r for r in report}

    # Tracked with a value: rows 1, 2, 6, 7, 9; above zero: 1, 6, 9.
    assert found["WS2-TR-001"].value == pytest.approx(3 / 5)
    # Outcomes that name a patient: A on the trigger day counts, B a day before not, Z never.
    assert found["WS2-TR-002"].value == pytest.approx(1 / 3)
    # Treated: rows 1-4 and 9, acted 1, 2, 9; control: rows 5, 6, 7, 10, acted 5.
    assert found["WS2-TR-003"].value == pytest.approx((3 / 5 - 1 / 4) / (1 / 4))
    # Delivered: all but rows 5 and 9; accepted: 1, 2, 7, 8.
    assert found["WS2-TR-004"].value == pytest.approx(4 / 8)
    # Flagged either way: all but rows 4 and 9; true: 3 and 7.
    assert found["WS2-TR-005"].value == pytest.approx(2 / 8)
    assert found["WS2-TR-006"].value == pytest.approx(1 / 8)
    # Lead times 2, 4, 4, 9, 10, 30: the middle two are 4 and 9.
    assert found["WS2-TR-007"].value == pytest.approx(6.5)
    # Changed and judged: rows 2, 3, 6, 10; failed: 2.
    assert found["WS2-TR-008"].value == pytest.approx(1 / 4)
    assert found["WS2-TR-008"].status.value == "critical"
    assert (found["WS2-TR-004"].numerator, found["WS2-TR-004"].denominator) == (4, 8)


def test_an_outcome_has_thirty_days_to_come(source_on):
    """Triggers of the last 31 days are left to the next ones; the setting 0 takes them in."""
    days = {"2025-05-29T23:00": 1.0, "2025-05-30T13:00": 0.0, "2025-05-31T01:00": 0.0}
    triggers = pd.DataFrame(
        {
            "trigger_id": list(days),
            "trigger_timestamp": [dt.datetime.fromisoformat(each) for each in days],
            "outcome_tracked": True,
            "outcome_value": list(days.values()),
            "lead_time_days": [3, 5, 7],
        }
    )
    workspace = Workspace({"triggers": triggers}, cache="off")
    asked = {"as_of": "2025-06-30T12:00Z"}

    old = workspace.compute("WS2-TR-001", "WS2-TR-007", **asked)
    both = workspace.compute("WS2-TR-001", window="2025-05-29..2025-05-31", **asked)[0]

    # [30 April 12:00, 30 May 12:00): the trigger of the 29th alone.
    assert [(each.value, each.n) for each in old] == [(1.0, 1), (3.0, 1)]
    assert {each.window.label for each in old} == {"last 30 days, 31 days old"}
    assert [each.details["follow_up_incomplete"] for each in old] == [0, 0]
    # 30 May + 30 days is 29 June, which is over; 31 May + 30 days is 30 June, which is not.
    assert both.value == pytest.approx(1 / 3)
    assert (both.details["follow_up_incomplete"], both.decided) == (1, False)
    assert "follow_up_incomplete" in {note.code for note in both.warnings}


def test_a_setting_of_zero_takes_triggers_up_to_as_of(tmp_path, monkeypatch):
    """The window ends at as_of again, and says how many triggers have not had their time."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kpisdk.toml").write_text("[plugins.ws2_triggers]\nfollow_up = 0\n")
    data = tables(seed=5)

    (result,) = Workspace(data, cache="off").compute("WS2-TR-001", as_of=AS_OF)

    assert (result.window.end, result.window.label) == (AS_OF, "last 30 days")
    assert result.details["follow_up_incomplete"] > 0


def _one_event(at):
    events = {"patient_id": ["A"], "hcp_id": [None], "event_date": [dt.date(2025, 6, 20)],
              "event_type": ["prescription"], "brand": ["Kisqali"]}  # fmt: skip
    trigger = {"trigger_id": ["T"], "patient_id": ["A"], "hcp_id": [None], "brand": ["Kisqali"],
               "trigger_timestamp": [at]}  # fmt: skip
    return {"triggers": pd.DataFrame(trigger), "treatment_events": pd.DataFrame(events)}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("as_of", "share"),
    [
        ("2025-06-20T09:00Z", 0.0),  # the trigger is still to come
        ("2025-06-20T10:00Z", 0.0),  # at the very instant it is not there yet
        ("2025-06-20T10:00:00.000001Z", 1.0),
        ("2025-06-21", 1.0),
        (None, 1.0),  # the frontier of a column of days: the newest day is whole
    ],
)
def test_a_trigger_after_as_of_does_not_count(source_on, engine, as_of, share):
    """The event's day is whole, and as_of cuts within it: what happened later was not known."""
    data = _one_event(dt.datetime(2025, 6, 20, 10, 0))
    workspace = Workspace(source_on(engine, data, DATASETS), cache="off")

    (result,) = workspace.compute("WS2-TR-002", as_of=as_of)
    assert result.value == share


def test_columns_that_serve_slices_alone_may_be_missing(source_on):
    """Recall over everything needs neither who treated nor which brand; a slice by one does."""
    data = _one_event(dt.datetime(2025, 6, 20, 10, 0))
    data["treatment_events"] = data["treatment_events"].drop(columns=["hcp_id", "brand"])
    workspace = Workspace(source_on("frames", data, DATASETS), cache="off")

    (whole,) = workspace.compute("WS2-TR-002", as_of="2025-06-21")
    (sliced,) = workspace.compute("WS2-TR-002", as_of="2025-06-21", where={"brand": "Kisqali"})

    assert whole.value == 1.0
    assert (sliced.value, sliced.reason is not None) == (None, True)


def test_a_warning_says_that_few_rows_stand_behind_a_value(source_on):
    """Fewer than thirty rows: the number is shown, and so is the warning."""
    data = tables(seed=5, rows=50)
    workspace = Workspace(source_on("frames", data, DATASETS), cache="off")

    result = workspace.compute("WS2-TR-004", as_of=AS_OF)[0]

    assert result.n is not None
    assert result.n < 30
    assert "few_rows" in {note.code for note in result.warnings}

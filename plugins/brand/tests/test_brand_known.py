"""A data set small enough to count on paper, and the rules that single rows decide."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from brand_data import DATASETS

from kpisdk import Status, Workspace
from kpisdk.testing import ENGINES

AS_OF = dt.datetime(2025, 6, 30, 12, 0, tzinfo=dt.UTC)


def day(month: int, number: int) -> dt.date:
    """A day of 2025."""
    return dt.date(2025, month, number)


def known() -> dict[str, pd.DataFrame]:
    """Every KPI has a value here that can be counted by hand; see the assertions below."""
    journeys = pd.DataFrame(
        [
            ("A", "CSU", day(5, 1), None),
            ("A", "eczema", day(4, 1), None),  # the earliest diagnosis, whatever it is
            ("B", "Chronic spontaneous urticaria", day(5, 1), None),
            ("C", "suspected csu", day(5, 1), None),
            ("D", "CSU", None, None),  # never had an antihistamine
            ("E", "PNH", day(6, 10), None),
            ("F", "Anemia", day(6, 1), True),
            ("G", "Anemia", day(6, 1), False),  # eligible on another row only
            ("G", "asthma", day(6, 1), True),
            ("H", "iron anemia", day(6, 1), True),
        ],
        columns=["patient_id", "diagnosis", "diagnosis_date", "is_eligible"],
    )
    journeys["hcp_id"] = None
    events = pd.DataFrame(
        [
            ("A", day(5, 2), "prescription", "Kisqali", "Antihistamine", None, "Refractory"),
            ("A", day(5, 9), "prescription", "Kisqali", "antihistamine", None, "good"),
            ("B", day(5, 2), "prescription", "Other", "H1-BLOCKER", None, None),
            ("B", day(5, 31), "prescription", "Kisqali", "biologic", None, "inadequate"),
            ("C", day(4, 1), "prescription", "Kisqali", "h1_blocker", None, "uncontrolled"),
            ("E", day(6, 20), "prescription", "Kisqali", None, "Flow_Cytometry", None),
            ("F", day(6, 3), "lab_test", "Kisqali", None, "biopsy", None),
            ("G", day(6, 3), "lab_test", None, None, "pnh_panel", None),
            ("H", day(6, 3), "lab_test", None, None, "gpi_anchor", None),
            (
                "Z",
                day(6, 3),
                "prescription",
                "Kisqali",
                "antihistamine",
                "gpi_anchor",
                "refractory",
            ),
        ],
        columns=[
            "patient_id",
            "event_date",
            "event_type",
            "brand",
            "drug_class",
            "test_type",
            "treatment_response",
        ],
    )
    surveys = pd.DataFrame(
        [
            # id, HCP, day, brand, score, stated change, previous, quality
            ("S0", "H1", day(1, 1), "Remibrutinib", 3, None, None, True),  # before the window
            ("S1", "H1", day(6, 1), "Remibrutinib", 5, -3, "S0", True),  # 5 - 3 = 2
            ("S2", "H2", day(6, 1), "Remibrutinib", 7, 1, "S0", None),  # another HCP's: 1
            ("S3", "H1", day(6, 2), "Remibrutinib", 4, 0, "S9", True),  # another brand's: 0
            ("S4", "H1", day(6, 3), "Remibrutinib", 7, 3, "S0", False),  # not usable
            ("S5", "H1", day(6, 4), "Remibrutinib", None, None, "S0", True),  # neither
            ("S6", "H1", day(6, 5), "Remibrutinib", 2, None, "S1", True),  # 2 - 5 = -3
            ("S9", "H1", day(6, 1), "Kisqali", 1, 6, None, True),
        ],
        columns=[
            "survey_id",
            "hcp_id",
            "survey_date",
            "brand",
            "intent_to_prescribe_score",
            "intent_to_prescribe_change",
            "previous_survey_id",
            "response_quality_flag",
        ],
    ).astype(object)
    profiles = pd.DataFrame(
        [
            ("H1", "Oncology"),
            ("H2", "Hemato-oncology"),
            ("H3", "ONCOLOGIST"),
            ("H4", "Oncology"),
            ("H5", "Dermatology"),
            ("H6", None),
        ],
        columns=["hcp_id", "specialty"],
    )
    triggers = pd.DataFrame(
        [
            ("H1", "Kisqali", dt.datetime(2025, 6, 1)),
            ("H1", "Kisqali", dt.datetime(2025, 6, 2)),
            ("H2", "kisqali", dt.datetime(2025, 6, 1)),  # another text, so another brand
            ("H3", "Kisqali", dt.datetime(2025, 4, 1, 12)),  # the very start of the window
            ("H4", "Kisqali", dt.datetime(2025, 4, 1, 11)),  # an hour too early
            ("H5", "Kisqali", dt.datetime(2025, 6, 1)),
        ],
        columns=["hcp_id", "brand", "trigger_timestamp"],
    )
    return {
        "patient_journeys": journeys,
        "treatment_events": events,
        "hcp_intent_surveys": surveys,
        "hcp_profiles": profiles,
        "triggers": triggers,
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_known_answers_worked_out_by_hand(source_on, engine):
    """All five KPIs on a dozen rows."""
    workspace = Workspace(source_on(engine, known(), DATASETS), cache="off")

    report = workspace.compute(workstream="brand", as_of=AS_OF)

    # CSU and an antihistamine: A, B, C; uncontrolled on one: A, C (B's is a biologic's response).
    assert (report["BR-001"].numerator, report["BR-001"].denominator) == (2, 3)
    assert report["BR-001"].status is Status.CRITICAL
    # S1, S2, S3, S6: 2, 1, 0 and -3.
    assert report["BR-002"].value == pytest.approx(0)
    assert report["BR-002"].n == 4
    # Eligible: E, F, H; tested: E and H (G is tested and not eligible).
    assert report["BR-003"].value == pytest.approx(2 / 3)
    # A: 1 April to 2 May is 31 days; B: 30; E: 10; C is negative.
    assert report["BR-004"].value == pytest.approx(30)
    assert report["BR-004"].status is Status.GOOD
    assert report["BR-004"].n == 3
    # Oncologists: H1 to H4; engaged: H1 and H3.
    assert report["BR-005"].value == pytest.approx(2 / 4)


def test_negative_gaps_are_left_out_and_counted():
    """A prescription before the diagnosis is no adoption time; how many there are is said."""
    result = Workspace(known(), cache="off").compute("BR-004")[0]

    assert result.details["negative_gaps"] == 1
    (note,) = (note for note in result.warnings if note.code == "negative_gaps")
    assert note.message.startswith("1 patients")


def test_only_negative_gaps_give_no_value_and_say_so():
    """No patient is left: absent, and the warning tells why."""
    data = known()
    data["patient_journeys"]["diagnosis_date"] = day(6, 25)

    result = Workspace(data, cache="off").compute("BR-004")[0]

    assert result.value is None
    assert "negative_gaps" in {note.code for note in result.warnings}


def test_a_survey_id_that_occurs_twice_names_no_previous_survey():
    """Which of the two is meant is unknown, so the stated change stands in, and counts once."""
    data = known()
    surveys = data["hcp_intent_surveys"]
    data["hcp_intent_surveys"] = pd.concat([surveys, surveys[surveys["survey_id"] == "S0"]])

    result = Workspace(data, cache="off").compute("BR-002", as_of=AS_OF)[0]

    assert result.n == 4
    assert result.value == pytest.approx((-3 + 1 + 0 - 3) / 4)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("previous", "held_on", "change"),
    [
        ("S0", dt.date(2025, 5, 31), 5 - 3),
        ("S0", dt.date(2025, 6, 1), -1),  # of the same day: nobody knows which came first
        ("S0", dt.date(2025, 7, 1), -1),  # a later one
        ("S0", None, -1),  # at no known time
        ("S1", dt.date(2025, 5, 31), -1),  # the survey itself
    ],
)
def test_the_previous_survey_is_an_earlier_one(source_on, engine, previous, held_on, change):
    """Where it is none, the change that the survey states stands in."""
    surveys = known()["hcp_intent_surveys"].iloc[:2].copy()
    surveys["survey_date"] = [held_on, dt.date(2025, 6, 1)]
    surveys["intent_to_prescribe_change"] = [None, -1]
    surveys["previous_survey_id"] = [None, previous]
    surveys["response_quality_flag"] = [False, True]
    source = source_on(engine, {"hcp_intent_surveys": surveys}, DATASETS)

    (result,) = Workspace(source, cache="off").compute("BR-002", as_of=AS_OF)

    assert (result.value, result.n) == (change, 1)


def test_a_window_changes_nothing_where_a_kpi_has_no_time():
    """A KPI without a time dimension keeps its value under a window, and says so."""
    workspace = Workspace(known(), cache="off")

    for kpi_id in ("BR-001", "BR-003", "BR-004"):
        result = workspace.compute(kpi_id, window="2020")[0]
        assert result.value == workspace.compute(kpi_id)[0].value
        assert result.details["window"] == "not applicable"

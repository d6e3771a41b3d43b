"""The tables hang together: every link leads to the right row, and follows it in time."""

import json

import pandas as pd
import pytest

from kpisdk_demo.contract import TABLES

PEOPLE = [
    (table, column)
    for table, layout in TABLES.items()
    for column in ("patient_id", "hcp_id")
    if column in layout and table not in {"patient_journeys", "hcp_profiles", "reference_universe"}
]


def day(values) -> pd.Series:
    """Calendar days as instants."""
    return pd.to_datetime(pd.Series(values))


def linked(rows, link, key, columns):
    """Rows that have a link, each beside the row of the same table that it names."""
    having = rows[rows[link].notna()]
    return having.merge(
        rows[[key, *columns]], left_on=link, right_on=key, how="left", suffixes=("", "_before")
    )


@pytest.mark.parametrize(("table", "column"), PEOPLE)
def test_people_who_are_named_exist(tables, table, column):
    """Every patient has a journey and every HCP a profile, whichever table names them."""
    home = {"patient_id": "patient_journeys", "hcp_id": "hcp_profiles"}[column]
    known = set(tables[home][column].dropna())

    named = set(tables[table][column].dropna())
    assert named
    assert named <= known


def test_journeys_name_hcps_who_exist(tables):
    """A journey's HCP has a profile in the journey's region."""
    joined = tables["patient_journeys"].merge(
        tables["hcp_profiles"], on="hcp_id", how="left", suffixes=("", "_hcp")
    )

    assert (joined.geographic_region == joined.geographic_region_hcp).all()


@pytest.mark.parametrize("table", ["triggers", "ml_predictions"])
def test_a_row_about_a_patient_names_the_patients_hcp(tables, table):
    """Patient and HCP of a trigger or score are the pair of the patient's journey."""
    pairs = tables["patient_journeys"][["patient_id", "hcp_id"]].dropna().drop_duplicates()
    joined = tables[table].merge(pairs, on="patient_id", suffixes=("", "_journey"))

    assert len(joined) == len(tables[table])
    assert (joined.hcp_id == joined.hcp_id_journey).all()


def test_a_patients_journeys_agree(tables):
    """What does not change in a patient is equal on all of the patient's journeys."""
    fixed = ["geographic_region", "insurance_type", "age_group", "gender", "hcp_id", "diagnosis"]
    journeys = tables["patient_journeys"].dropna(subset="patient_id")

    assert (journeys.groupby("patient_id")[fixed].nunique(dropna=False) < 2).all().all()


def test_a_changed_trigger_names_an_earlier_one_of_the_same_patient_hcp_and_brand(tables):
    """``previous_trigger_id`` leads back, and the change lies between the two."""
    joined = linked(
        tables["triggers"],
        "previous_trigger_id",
        "trigger_id",
        ["patient_id", "hcp_id", "brand", "trigger_timestamp"],
    )

    assert len(joined) > 100
    for column in ("patient_id", "hcp_id", "brand"):
        assert (joined[column] == joined[f"{column}_before"]).all()
    assert (joined.trigger_timestamp_before < joined.trigger_timestamp).all()
    assert (joined.change_timestamp >= joined.trigger_timestamp_before).all()
    assert (joined.change_timestamp <= joined.trigger_timestamp).all()


def test_only_changed_triggers_tell_of_a_change(tables):
    """Without a previous trigger there is no change, and a failed change lost something."""
    triggers = tables["triggers"]
    first = triggers[triggers.previous_trigger_id.isna()]
    failed = triggers[triggers.change_failed.fillna(value=False)]

    change = ["change_type", "change_timestamp", "change_failed", "change_outcome_delta"]
    assert first[change].isna().all().all()
    assert len(failed) > 20
    assert (failed.change_outcome_delta < 0).all()


def test_a_survey_names_the_one_before_it_of_the_same_hcp_and_brand(tables):
    """``previous_survey_id`` leads back, and a stated change is the difference of the scores."""
    joined = linked(
        tables["hcp_intent_surveys"],
        "previous_survey_id",
        "survey_id",
        ["hcp_id", "brand", "survey_date", "intent_to_prescribe_score"],
    )
    stated = joined[joined.intent_to_prescribe_change.notna()]

    assert len(joined) > 100
    assert (joined.hcp_id == joined.hcp_id_before).all()
    assert (joined.brand == joined.brand_before).all()
    assert (day(joined.survey_date_before) < day(joined.survey_date)).all()
    difference = stated.intent_to_prescribe_score - stated.intent_to_prescribe_score_before
    assert (stated.intent_to_prescribe_change == difference).all()


def test_intent_scores_lie_on_the_scale(tables):
    """Scores are whole numbers from 1 to 7."""
    assert tables["hcp_intent_surveys"].intent_to_prescribe_score.between(1, 7).all()


def test_treatment_follows_the_diagnosis(tables):
    """No event is older than the patient's diagnosis, which is an event of its own."""
    diagnosed = tables["patient_journeys"].groupby("patient_id").diagnosis_date.min()
    events = tables["treatment_events"].dropna(subset="patient_id")
    first = events.patient_id.map(diagnosed)

    assert (day(events.event_date).array >= day(first).array).all()
    diagnoses = events[events.event_type == "diagnosis"]
    assert diagnoses.patient_id.is_unique
    assert set(diagnoses.patient_id) == set(diagnosed.index)


def test_triggers_follow_the_diagnosis(tables):
    """No trigger is fired for a patient before the diagnosis."""
    diagnosed = tables["patient_journeys"].groupby("patient_id").diagnosis_date.min()
    triggers = tables["triggers"]

    assert (triggers.trigger_timestamp >= day(triggers.patient_id.map(diagnosed)).array).all()


def test_sequence_numbers_count_a_patients_events_of_a_type(tables):
    """1 is the patient's first event of its type; numbers rise with the date, without a double."""
    events = tables["treatment_events"].dropna(subset="patient_id")
    events = events.assign(event_date=day(events.event_date).values)
    groups = events.groupby(["patient_id", "event_type"])
    ordered = events.sort_values(["patient_id", "event_type", "sequence_number"])

    assert (groups.sequence_number.min() == 1).all()
    assert not events.duplicated(["patient_id", "event_type", "sequence_number"]).any()
    steps = ordered.groupby(["patient_id", "event_type"]).event_date.diff().dropna()
    assert (steps >= pd.Timedelta(0)).all()


def test_a_positive_outcome_is_an_event_on_the_day_that_the_lead_time_says(tables):
    """Trigger day plus ``lead_time_days`` is the day of an event of that patient."""
    triggers = tables["triggers"].dropna(subset="lead_time_days")
    lead = pd.to_timedelta(triggers.lead_time_days.astype(int), unit="D")
    outcome = triggers.trigger_timestamp.dt.floor("D") + lead
    kinds = {"conversion", "prescription", "consultation", "lab_test"}
    events = tables["treatment_events"]
    events = events[events.event_type.isin(kinds)]
    happened = set(zip(events.patient_id, day(events.event_date).values, strict=True))

    assert len(triggers) > 500
    expected = set(zip(triggers.patient_id, outcome.values, strict=True))
    assert expected <= happened


def test_outcomes_agree_with_their_flags(tables):
    """A lead time means a tracked, positive outcome of a trigger that was no false alert."""
    triggers = tables["triggers"]
    positive = triggers[triggers.lead_time_days.notna()]
    untracked = triggers[~triggers.outcome_tracked.fillna(value=False)]
    negative = triggers[triggers.lead_time_days.isna() & triggers.outcome_value.notna()]

    assert positive.outcome_tracked.all()
    assert (positive.outcome_value > 0).all()
    assert not positive.false_positive_flag.fillna(value=False).any()
    assert untracked.outcome_value.isna().all()
    assert len(negative)
    assert (negative.outcome_value <= 0).all()


def test_every_decision_occurs_and_an_undelivered_trigger_has_no_action(tables):
    """Acceptance is one of four words or NULL; nobody acts on what was never delivered."""
    triggers = tables["triggers"]
    undelivered = triggers[triggers.acceptance_status.isna()]

    words = {"accepted", "rejected", "overridden", "pending"}
    assert set(triggers.acceptance_status.dropna()) == words
    assert len(undelivered)
    assert undelivered.action_taken.fillna("").eq("").all()
    assert {True, False} == {value == "" for value in triggers.action_taken.dropna()}


def test_treated_patients_have_a_prescription(tables):
    """``treatment_initiated`` is 1 exactly for patients with a prescription event."""
    events = tables["treatment_events"]
    treated = set(events[events.event_type == "prescription"].patient_id.dropna())
    journeys = tables["patient_journeys"].dropna(subset="patient_id")

    said = set(journeys[journeys.treatment_initiated == 1].patient_id)
    assert said == treated
    assert 0 < len(said) < journeys.patient_id.nunique()


def test_lag_hours_are_the_timestamps_difference(tables):
    """``data_lag_hours`` agrees with ingestion − source where both are known."""
    journeys = tables["patient_journeys"].dropna(subset="source_timestamp")
    hours = (journeys.ingestion_timestamp - journeys.source_timestamp) / pd.Timedelta(hours=1)

    assert len(journeys) < len(tables["patient_journeys"])
    assert (hours - journeys.data_lag_hours).abs().max() < 1e-9
    assert (hours > 0).all()
    assert (journeys.created_at >= journeys.ingestion_timestamp).all()


def test_pipeline_runs_end_in_every_way(tables):
    """Success, partial and failed runs occur, and the hours are the timestamps' difference."""
    runs = tables["etl_pipeline_metrics"]
    known = runs.dropna(subset=["source_data_timestamp", "time_to_release_hours"])
    hours = (known.run_completed_at - known.source_data_timestamp) / pd.Timedelta(hours=1)

    assert set(runs.status) == {"success", "partial", "failed"}
    assert (hours - known.time_to_release_hours).abs().max() < 1e-9
    assert runs[runs.status == "success"].time_to_release_hours.notna().all()


def test_annotation_groups_have_up_to_three_different_annotators(tables):
    """No annotator reads a case twice; most cases have two or three; labels are JSON."""
    rows = tables["ml_annotations"]
    groups = rows.groupby("iaa_group_id")

    assert not rows.duplicated(["iaa_group_id", "annotator_id"]).any()
    assert set(groups.size()) == {1, 2, 3}
    assert (groups.annotation_type.nunique() < 2).all()
    assert {frozenset(json.loads(value)) for value in rows.annotation_value} == {
        frozenset({"label", "severity"})
    }


def test_effects_of_a_causal_path_add_up(tables):
    """Direct and indirect effect make the total, and every intervention has a validated path."""
    paths = tables["causal_paths"]
    validated = paths[paths.validated]

    rest = paths.total_effect - paths.direct_effect - paths.indirect_effect
    assert rest.abs().max() < 1e-9
    assert set(validated.intervention_name) == set(paths.intervention_name)
    assert 0 < len(validated) < len(paths)
    assert all(isinstance(json.loads(text), list) for text in paths.mediators_identified)
    unmediated = paths[paths.mediators_identified == "[]"]
    assert (unmediated.indirect_effect == 0).all()


def test_universe_rows_stand_for_groups_and_some_are_outdated(tables):
    """No universe row names a patient; sums of the rows in force exceed what is covered."""
    universe = tables["reference_universe"]
    current = universe[universe.expiration_date.isna()]
    patients = current[current.universe_type == "patient"]

    assert universe.patient_id.isna().all()
    assert len(current) < len(universe)
    assert patients.total_count.sum() > tables["patient_journeys"].patient_id.nunique()
    assert patients.brand.notna().all()
    assert current[current.universe_type == "hcp"].brand.isna().all()


def test_the_counterfactual_treatment_is_the_other_one(tables):
    """What was not received is what the counterfactual supposes."""
    rows = tables["ml_predictions"].dropna(subset="counterfactual_outcome")

    assert (rows.treatment_received != rows.counterfactual_treatment).all()
    assert rows.counterfactual_outcome.between(0, 1).all()

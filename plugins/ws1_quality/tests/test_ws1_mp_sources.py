"""Which source answers, and what a result says about the others and about bad documents."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest
from test_ws1_mp_known import AS_OF, JANUARY, JUDGED, row

from kpisdk import Workspace


def ask(kpi, rows, *, as_of=AS_OF, more=None, **arguments):
    """The one result of a KPI over these predictions."""
    frames = {"ml_predictions": pd.DataFrame(rows), **(more or {})}
    workspace = Workspace(frames, cache="off", clock=lambda: AS_OF)
    (result,) = workspace.compute(kpi, as_of=as_of, **arguments)
    return result


def codes(result):
    """The codes of a result's warnings."""
    return {note.code for note in result.warnings}


def judged(**more):
    """The six predictions of the hand-made tables, with these figures beside each."""
    return [row(*each, **more) for each in JUDGED]


def test_a_stored_figure_comes_before_the_computed_one_and_both_are_named_when_they_differ():
    """Stored answers; computed (7/9) is more than 0.02 away, so a warning holds both."""
    result = ask("WS1-MP-001", judged(model_auc=0.9))

    assert (result.value, result.answered_by) == (0.9, "stored")
    (note,) = [note for note in result.warnings if note.code == "sources_disagree"]
    assert "0.9" in note.message
    assert "0.777778" in note.message


def test_figures_that_differ_by_less_than_the_tolerance_carry_no_warning():
    """0.79 stored and 7/9 computed are 0.012 apart."""
    assert "sources_disagree" not in codes(ask("WS1-MP-001", judged(model_auc=0.79)))


def test_an_empty_stored_column_falls_through_to_the_outcomes():
    """Nothing is stored: the figure is computed, and the result says so."""
    result = ask("WS1-MP-001", judged())

    assert (result.value, result.answered_by) == (pytest.approx(7 / 9), "computed")


def test_a_version_without_a_figure_is_not_replaced_by_an_older_one():
    """The newest version stores nothing: the older one's figure is not its figure."""
    older = row("o", None, None, version="v0", at=JANUARY - dt.timedelta(days=1), model_auc=0.5)

    assert ask("WS1-MP-001", [*judged(), older]).answered_by == "computed"


@pytest.mark.parametrize("source", ["stored", "mlflow"])
def test_a_forced_source_is_not_replaced_by_another(source):
    """Computed could answer; the one that was asked for has nothing, and says why."""
    result = ask("WS1-MP-001", judged(), parameters={"source": source})

    assert result.value is None
    assert result.message


def test_a_source_that_does_not_exist_is_refused_with_the_choices():
    """The parameter takes stored, computed and mlflow."""
    with pytest.raises(Exception, match="stored, computed, mlflow"):
        ask("WS1-MP-001", judged(), parameters={"source": "guessed"})


def test_every_result_without_a_tracking_server_says_how_to_set_one():
    """The last resort is not configured: the message names the settings."""
    result = ask("WS1-MP-001", [row("x", 0.5, None)])

    assert result.value is None
    assert "plugins.ws1_quality" in result.message


@pytest.mark.parametrize(
    "kpi", ["WS1-MP-001", "WS1-MP-002", "WS1-MP-003", "WS1-MP-004", "WS1-MP-005", "WS1-MP-006"]
)
@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_one_class_gives_no_value_but_that_reason(kpi, outcome):
    """Outcomes of one kind only: absent with the reason one_class."""
    rows = [row(f"r{i}", i / 10, outcome) for i in range(6)]

    result = ask(kpi, rows, parameters={"source": "computed"})

    assert (result.value, result.reason) == (None, "one_class")


@pytest.mark.parametrize(
    ("kpi", "known"),
    [("WS1-MP-001", None), ("WS1-MP-005", 0.5), ("WS1-MP-006", 2.0), ("WS1-MP-008", None)],
)
def test_without_a_known_outcome_there_are_no_rows(kpi, known):
    """Outcomes that are missing, or neither 0 nor 1, are not outcomes."""
    journeys = pd.DataFrame(
        {
            "patient_journey_id": ["j"],
            "patient_id": ["P1"],
            "created_at": [JANUARY],
            "insurance_type": ["a"],
        }
    )
    rows = [row(f"r{i}", 0.5, known, patient="P1") for i in range(3)]

    more = {"patient_journeys": journeys}
    result = ask(kpi, rows, parameters={"source": "computed"}, more=more)

    assert (result.value, result.reason) == (None, "no_rows")


@pytest.mark.parametrize(
    "pairs",
    [
        [(0.1, 0.0), (0.2, 0.0), (0.7, 1.0), (0.9, 1.0)],
        [(0.1, 1.0), (0.2, 1.0), (0.7, 0.0), (0.9, 0.0)],
        [(0.1, 0.0), (0.5, 0.0), (0.5, 1.0), (0.9, 1.0)],
    ],
)
def test_separated_outcomes_have_no_calibration_slope(pairs):
    """A threshold splits the classes (a shared point included): the slope would be infinite."""
    rows = [row(f"r{i}", p, y) for i, (p, y) in enumerate(pairs)]

    result = ask("WS1-MP-006", rows, parameters={"source": "computed"})

    assert (result.value, result.reason, result.n) == (None, "not_finite", 4)


def test_equal_predictions_have_no_calibration_slope():
    """Nothing varies, so no slope is determined."""
    rows = [row(f"r{i}", 0.3, float(i % 2)) for i in range(8)]

    result = ask("WS1-MP-006", rows, parameters={"source": "computed"})

    assert (result.value, result.reason) == (None, "not_identified")


@pytest.mark.parametrize("source", ["stored", "computed"])
def test_a_steep_calibration_is_good_and_carries_a_warning(source):
    """Observed log-odds of 3:1 where 0.6 was predicted: underconfident, whatever the source."""
    levels = [(0.4, 0.0)] * 3 + [(0.4, 1.0)] + [(0.6, 1.0)] * 3 + [(0.6, 0.0)]
    rows = [row(f"r{i}", p, y, calibration_score=1.2) for i, (p, y) in enumerate(levels)]

    result = ask("WS1-MP-006", rows, parameters={"source": source})

    assert result.status == "good"
    assert "underconfident" in codes(result)


def test_predictions_that_are_no_probabilities_are_told():
    """A prediction of 1.5 counts as it is, with a warning."""
    result = ask("WS1-MP-005", [*judged(), row("x", 1.5, 1.0)])

    assert result.value == pytest.approx((1.22 + 0.25) / 7)
    assert "not_a_probability" in codes(result)


def test_f1_without_precision_and_recall_has_no_denominator():
    """Stored precision and recall of zero: absent, never zero."""
    rows = [row("r", None, None, model_precision=0.0, model_recall=0.0)]

    result = ask("WS1-MP-003", rows, parameters={"source": "stored"})

    assert (result.value, result.reason) == (None, "zero_denominator")


def test_junk_is_counted_where_a_stored_figure_answers():
    """One of two documents is junk: the other is the mean, and the warning counts one row."""
    rows = [
        row("a", None, None, rank_metrics='{"recall_at_5": 0.4}'),
        row("b", None, None, rank_metrics="{recall"),
        row("c", None, None, rank_metrics="null"),
    ]

    result = ask("WS1-MP-004", rows, parameters={"k": 5})

    assert (result.value, result.answered_by) == (0.4, "stored")
    (note,) = [note for note in result.warnings if note.code == "json_junk"]
    assert note.message.startswith("1 row(s)")


@pytest.mark.parametrize(
    ("kpi_id", "columns", "parameters"),
    [
        ("WS1-MP-004", {"rank_metrics": "{oops"}, {"k": 2}),
        ("WS1-MP-008", {"fairness_metrics": "{oops"}, {}),
    ],
)
def test_stored_junk_is_no_absence_that_another_source_fills(kpi_id, columns, parameters):
    """All documents are junk: something is stored and cannot be read, so there is no value."""
    result = ask(kpi_id, judged(**columns), parameters=parameters)

    assert (result.value, result.reason) == (None, "wrong_type")
    assert "json_junk" in codes(result)


def test_a_k_that_is_not_stored_falls_through_to_the_ranking():
    """recall_at_5 is stored and K is 3: it is computed."""
    rows = judged(rank_metrics='{"recall_at_5": 1.0}')

    result = ask("WS1-MP-004", rows, parameters={"k": 3})

    assert (result.value, result.answered_by) == (pytest.approx(2 / 3), "computed")


def test_k_must_be_one_or_more():
    """There is no recall among no predictions."""
    with pytest.raises(Exception, match="below 1"):
        ask("WS1-MP-004", judged(), parameters={"k": 0})


def test_ties_at_k_are_broken_by_the_bytes_of_the_id():
    """Capitals sort before small letters, whatever the collation: B is chosen, and is no hit."""
    rows = [row("a", 0.5, 1.0), row("B", 0.5, 0.0)]

    result = ask("WS1-MP-004", rows, parameters={"k": 1})

    assert result.value == 0.0


def test_nothing_explained_is_a_true_zero_with_a_warning():
    """Predictions with empty SHAP documents are not covered: zero, and that it never occurs."""
    result = ask("WS1-MP-007", judged(shap_values="{}"))

    assert (result.value, result.n) == (0.0, 6)
    assert "never_occurs" in codes(result)


def test_a_column_that_never_held_an_explanation_gives_no_coverage():
    """The source does not record explanations at all: absent, and the column is named."""
    result = ask("WS1-MP-007", judged())

    assert (result.value, result.reason) == (None, "no_rows")
    assert "shap_values" in result.message


def test_junk_explanations_do_not_cover_and_are_counted():
    """One document of two is junk."""
    rows = [row("a", 1.0, 1.0, shap_values='{"x": 1}'), row("b", 1.0, 1.0, shap_values="{x")]

    result = ask("WS1-MP-007", rows)

    assert result.value == 0.5
    assert "json_junk" in codes(result)


def journeys(**columns):
    """One journey for each of three patients, with these columns."""
    return {
        "patient_journeys": pd.DataFrame(
            {
                "patient_journey_id": ["1", "2", "3"],
                "patient_id": ["P1", "P2", "P3"],
                "created_at": [JANUARY] * 3,
                **columns,
            }
        )
    }


def test_another_attribute_is_read_from_its_own_column():
    """Groups by gender: recall 1 and 0; the default attribute's column need not be there."""
    result = ask(
        "WS1-MP-008",
        judged(),
        more=journeys(gender=["f", "m", "m"]),
        parameters={"attribute": "gender"},
    )

    assert result.value == 1.0
    assert result.details["recall_by_group"] == {"f": 1.0, "m": 0.0}


def test_a_bool_attribute_tells_groups_apart():
    """is_eligible is no text and a group attribute all the same."""
    result = ask(
        "WS1-MP-008",
        judged(),
        more=journeys(is_eligible=[True, False, False]),
        parameters={"attribute": "is_eligible"},
    )

    assert result.value == 1.0


@pytest.mark.parametrize("attribute", ["insurence_type", "no column", "patient_id", ""])
def test_an_attribute_that_is_no_column_is_refused_by_name(attribute):
    """A misspelt attribute gives no number, and a sentence that holds it."""
    result = ask(
        "WS1-MP-008",
        judged(),
        more=journeys(insurance_type=["a", "b", "b"]),
        parameters={"attribute": attribute, "source": "computed"},
    )

    assert result.value is None
    assert repr(attribute) in result.message


def test_fewer_than_two_groups_with_a_positive_have_no_gap():
    """Both positives' patients are in one group."""
    result = ask("WS1-MP-008", judged(), more=journeys(insurance_type=["a", "a", None]))

    assert (result.value, result.reason) == (None, "no_rows")


def test_patients_without_a_group_are_counted():
    """P2 has no insurance type: its three predictions are left out, and that is said."""
    rows = [*judged(), row("g", 0.2, 1.0, "P3")]
    result = ask("WS1-MP-008", rows, more=journeys(insurance_type=["a", None, "b"]))

    assert result.details["left_out"] == 3


def drifting(features, distribution, **more):
    """The drift of rows with these features against this document."""
    rows = [row(f"r{i}", None, None, features=each) for i, each in enumerate(features)]
    run = {"computed_at": [JANUARY], "feature_distributions": [json.dumps(distribution)], **more}
    return ask("WS1-MP-009", rows, more={"ml_preprocessing_metadata": pd.DataFrame(run)})


HALVES = {"edges": [0], "proportions": [0.5, 0.5]}


def test_features_of_one_side_only_are_named():
    """One in training only, one in production only, one whose distribution cannot be read."""
    result = drifting(
        ['{"age": 1, "new": 2}', '{"age": -1, "bad": 3}'],
        {"age": HALVES, "gone": HALVES, "bad": {"edges": [3, 1], "proportions": [1, 0, 0]}},
    )

    assert result.value == pytest.approx(0.0)
    assert result.details["psi"] == {"age": pytest.approx(0.0)}
    (note,) = [note for note in result.warnings if note.code == "feature_left_out"]
    assert "gone in training only" in note.message
    assert "new in production only" in note.message
    assert "bad with a distribution that cannot be read" in note.message


def test_the_largest_drift_is_named_beside_the_mean():
    """The details hold every feature and the largest of them."""
    result = drifting(['{"a": 1, "b": 1}', '{"a": -1, "b": 2}'], {"a": HALVES, "b": HALVES})

    assert result.details["largest"]["feature"] == "b"
    assert result.value == pytest.approx(sum(result.details["psi"].values()) / 2)


def test_a_value_on_an_edge_lies_above_it():
    """Bins are closed on the left: two zeros fill the upper bin of edge 0."""
    upper = drifting(['{"a": 0}', '{"a": 0}'], {"a": HALVES})
    same = drifting(['{"a": 1}', '{"a": 1}'], {"a": HALVES})

    assert upper.value == pytest.approx(same.value)


def test_distributions_of_another_version_are_told():
    """The newest training run is v7's, and only v1 predicts."""
    result = drifting(['{"a": 1}', '{"a": -1}'], {"a": HALVES}, model_version=["v7"])

    assert "other_version" in codes(result)


def test_junk_features_are_counted_and_left_out():
    """A document that is a list is junk for features."""
    result = drifting(['{"a": 1}', "[1]", '{"a": -1}'], {"a": HALVES})

    assert (result.n, "json_junk" in codes(result)) == (2, True)


def test_the_windows_of_stored_and_computed_drift_differ():
    """Stored looks back 7 days on measured_at, computed 30 on prediction_timestamp."""
    drifted = pd.DataFrame({"psi_value": [0.3], "measured_at": [AS_OF - dt.timedelta(days=8)]})
    run = pd.DataFrame(
        {"computed_at": [JANUARY], "feature_distributions": [json.dumps({"a": HALVES})]}
    )
    rows = [row("r", None, None, features='{"a": 1}', at=AS_OF - dt.timedelta(days=29))]
    more = {"feature_drift_metrics": drifted, "ml_preprocessing_metadata": run}

    result = ask("WS1-MP-009", rows, more=more)

    assert result.answered_by == "computed"
    assert result.window.start == (AS_OF - dt.timedelta(days=30)).replace(tzinfo=dt.UTC)


def test_two_versions_of_one_instant_give_the_same_answer_everywhere():
    """The one that sorts last by its bytes is the newest: small letters after capitals."""
    rows = [
        row("a", None, None, version="v", model_auc=0.4),
        row("b", None, None, version="Z", model_auc=0.8),
    ]

    assert ask("WS1-MP-001", rows).value == 0.4

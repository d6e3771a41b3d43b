"""What model KPIs leave out is said, and n is the number of rows behind the value."""

from __future__ import annotations

import datetime as dt
import json
import math

import pandas as pd
import pytest
from test_ws1_mp_known import AS_OF, JANUARY, row
from test_ws1_mp_sources import HALVES, ask, codes, journeys, judged

from kpisdk_ws1_quality.feature_values import production
from kpisdk_ws1_quality.json_documents import number_in_text


def drifting(features, distribution):
    """The computed drift of rows with these features against this document."""
    rows = [row(f"r{i}", None, None, features=each) for i, each in enumerate(features)]
    run = {"computed_at": [JANUARY], "feature_distributions": [json.dumps(distribution)]}
    more = {"ml_preprocessing_metadata": pd.DataFrame(run)}
    return ask("WS1-MP-009", rows, more=more, parameters={"source": "computed"})


def said(result, code):
    """The sentence of the one warning of that code."""
    (note,) = [note for note in result.warnings if note.code == code]
    return note.message


@pytest.mark.parametrize(
    ("text", "value"),
    [("9", 9.0), ("-1.5e3", -1500.0), ("+.5", 0.5), ("007", 7.0), (" 2. ", 2.0)],
)
def test_a_number_in_a_text_is_that_number(text, value):
    """Digits as JSON has them, a plus sign, leading zeros and blanks around."""
    assert number_in_text(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "9,5", "1_000", "0x10", "inf", "NaN", "1e999", "1 2", "\u0663", "9%", True, None, 9],
)
def test_what_may_be_another_number_is_none(text):
    """Nothing is guessed: separators, other digits, words and values that are no texts."""
    assert number_in_text(text) is None


def test_feature_values_written_as_text_are_counted_as_numbers():
    """Half numbers, half texts: the same index and n as all numbers, and a word about it."""
    number = drifting(['{"a": -1}'] * 20 + ['{"a": 1}'] * 60, {"a": HALVES})
    text = drifting(['{"a": -1}'] * 20 + ['{"a": "1"}'] * 60, {"a": HALVES})

    assert text.value == pytest.approx(number.value, abs=1e-12)
    assert text.n == number.n == 80
    assert "a (60 value(s))" in said(text, "numbers_as_text")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("true", "boolean"),
        ("null", "null"),
        ('"high"', "text"),
        ("[1]", "nested"),
        ('{"v": 1}', "nested"),
        ("1e999", "not finite"),
    ],
)
def test_values_that_are_no_numbers_are_told_and_not_behind_the_value(value, kind):
    """Twenty rows count, five do not: by feature, and by what stood there."""
    rows = ['{"a": -1}'] * 10 + ['{"a": 1}'] * 10

    result = drifting([*rows, *[f'{{"a": {value}}}'] * 5], {"a": HALVES})

    assert result.value == pytest.approx(0.0)
    assert result.n == 20
    assert f"a (5 {kind})" in said(result, "values_left_out")


def test_a_document_with_a_not_a_number_is_junk_and_told():
    """NaN is no JSON."""
    result = drifting(['{"a": -1}', '{"a": 1}', '{"a": NaN}'], {"a": HALVES})

    assert (result.n, "json_junk" in codes(result)) == (2, True)


def test_a_feature_that_rows_lack_is_told_and_the_scarcest_one_makes_rows_few():
    """B stands on two values, so the mean is no better than that."""
    rows = ['{"a": -1}', '{"a": 1}'] * 20 + ['{"a": 1, "b": 1}', '{"a": -1, "b": -1}']

    result = drifting(rows, {"a": HALVES, "b": HALVES})

    assert result.n == 42
    assert result.details["values"] == {"a": 42, "b": 2}
    assert "Only 2 values of feature 'b'" in said(result, "few_rows")
    assert "b (40 absent)" in said(result, "values_left_out")


def test_texts_alone_are_a_fault_and_no_drift_of_nothing():
    """Every value of the feature is a word: wrong_type, so that no other way answers."""
    result = drifting(['{"a": "low"}', '{"a": "high"}'], {"a": HALVES})

    assert (result.value, result.reason) == (None, "wrong_type")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"edges": [3, 1], "proportions": [1, 0, 0]}, "edges do not ascend"),
        ({"edges": [1, 1], "proportions": [1, 0, 0]}, "edges do not ascend"),
        ({"edges": [0], "proportions": [1, -0.5]}, "a proportion is negative"),
        ({"edges": [0], "proportions": [50, 50]}, "a proportion is above 1"),
        ({"edges": [0], "proportions": [1]}, "1 edges go with 2 proportions, not 1"),
        ({"edges": [], "proportions": [1]}, "there are no edges, and one bin tells nothing"),
        ({"edges": ["0"], "proportions": [0.5, 0.5]}, "edges are no list of numbers"),
        ({"edges": [0], "proportions": [None, 0.5]}, "proportions are no list of numbers"),
        ([0, 1], "is no object"),
    ],
)
def test_a_distribution_that_cannot_be_read_is_refused_with_the_features_name(entry, words):
    """The fault stands beside the name; the other feature is compared."""
    rows = ['{"a": 1, "b": 1}', '{"a": -1, "b": 1}']

    both = drifting(rows, {"a": HALVES, "b": entry})
    alone = drifting(rows, {"b": entry})

    assert both.details["psi"].keys() == {"a"}
    assert f"b with a distribution that cannot be read ({words}" in said(both, "feature_left_out")
    assert (alone.value, alone.reason) == (None, "wrong_type")
    assert words in alone.message


@pytest.mark.parametrize(("shares", "is_told"), [([0.5, 0.45], True), ([0.333, 0.6666], False)])
def test_shares_that_do_not_add_up_to_one_are_told(shares, is_told):
    """They are used as they are; a sum that is off by its rounding is 1."""
    result = drifting(['{"a": 1}', '{"a": -1}'], {"a": {"edges": [0], "proportions": shares}})

    assert result.value is not None
    assert ("shares_not_whole" in codes(result)) is is_told


def test_a_feature_beyond_critical_by_itself_is_named():
    """The mean over four features is small; one of them has moved altogether."""
    rows = [f'{{"a": 5, "b": {v}, "c": {v}, "d": {v}}}' for v in (1, -1) * 40]

    result = drifting(rows, dict.fromkeys("abcd", HALVES))

    assert "a (" in said(result, "feature_drifted")
    assert "b (" not in said(result, "feature_drifted")


def test_all_junk_is_a_fault():
    """Nothing can be read, which is another thing than nothing stored."""
    assert drifting(["{x", "[1]"], {"a": HALVES}).reason == "wrong_type"


def test_counting_keeps_rows_and_values_apart():
    """A row with two numbers is one row; a null document is a row without any."""
    found = production(['{"a": 1, "b": 2}', '{"b": 1}', "null", "{", '{"c": 1}'], {"a", "b"})

    assert (found.rows, found.documents, found.junk) == (2, 4, 1)
    assert (found.absent("a"), found.absent("b")) == (3, 2)


def test_a_negative_stored_stability_index_is_told():
    """No index can be below zero; the row counts as it is, and not in silence."""
    measured = [AS_OF - dt.timedelta(days=1)] * 2
    drift = pd.DataFrame({"psi_value": [0.4, -0.3], "measured_at": measured})
    result = ask("WS1-MP-009", [row("a", 0.5, None)], more={"feature_drift_metrics": drift})

    assert result.value == pytest.approx(0.05)
    assert said(result, "out_of_range").startswith("1 row(s) store a psi_value below 0")


@pytest.mark.parametrize(
    ("kpi", "columns"),
    [
        ("WS1-MP-001", {"model_auc": 83.0}),
        ("WS1-MP-002", {"model_pr_auc": -0.1}),
        ("WS1-MP-003", {"model_precision": 83.0, "model_recall": 0.5}),
        ("WS1-MP-004", {"rank_metrics": '{"recall_at_100": 60}'}),
        ("WS1-MP-005", {"brier_score": 1.5}),
        (
            "WS1-MP-008",
            {"fairness_metrics": '{"recall_by_group": {"insurance_type": {"a": 80, "b": 75}}}'},
        ),
    ],
)
def test_a_stored_score_outside_its_range_is_told(kpi, columns):
    """83 is no area under a curve, and perhaps 0.83 is meant."""
    result = ask(kpi, [row("a", 0.5, None, **columns)])

    assert result.answered_by == "stored"
    assert any("outside 0 to 1" in note.message for note in result.warnings)


def gap(groups, times=1):
    """The stored fairness gap of rows with these recalls by insurance type."""
    document = json.dumps({"recall_by_group": {"insurance_type": groups}})
    rows = [row(f"r{i}", 0.5, None, fairness_metrics=document) for i in range(times)]
    return ask("WS1-MP-008", rows, parameters={"source": "stored"})


def test_a_group_whose_recall_is_a_text_counts_as_the_number():
    """0.9 less 0.4, whoever wrote the quotes."""
    result = gap({"a": 0.9, "b": "0.4", "c": 0.8})

    assert result.value == pytest.approx(0.5)
    assert "b" in said(result, "numbers_as_text")


@pytest.mark.parametrize(
    ("recall", "kind"), [(None, "null"), ("low", "text"), (True, "boolean"), ([0.4], "nested")]
)
def test_a_group_without_a_recall_is_named(recall, kind):
    """The gap is that of the others, and says whose it is not."""
    result = gap({"a": 0.9, "b": recall, "c": 0.8}, times=3)

    assert result.value == pytest.approx(0.1)
    assert f"b ({kind}, 3 row(s))" in said(result, "group_left_out")


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ({"a": 0.9, "b": None}, "no_rows"),
        ({"a": 0.9, "b": "low"}, "wrong_type"),
        ([0.9, 0.4], "wrong_type"),
    ],
)
def test_a_stored_gap_that_cannot_be_read_is_a_fault_and_one_that_is_missing_is_none(
    groups, reason
):
    """Null is nothing stored; a text in a recall's place is a way that failed."""
    result = gap(groups)

    assert (result.value, result.reason) == (None, reason)


def test_a_stored_recall_at_k_that_is_a_text_is_told():
    """One row of three writes it in quotes: it is left out, and that is said."""
    documents = ('{"recall_at_100": 0.5}', '{"recall_at_100": "0.9"}', '{"recall_at_100" : null}')
    rows = [row(f"r{i}", 0.5, None, rank_metrics=each) for i, each in enumerate(documents)]
    forced = {"source": "stored"}

    mixed, alone = (ask("WS1-MP-004", some, parameters=forced) for some in (rows, rows[1:2]))
    nothing = ask("WS1-MP-004", rows[2:], parameters=forced)

    assert (mixed.value, mixed.n) == (0.5, 1)
    assert said(mixed, "values_left_out").startswith("1 row(s)")
    assert (alone.value, alone.reason) == (None, "wrong_type")
    assert (nothing.value, nothing.reason) == (None, "no_rows")


@pytest.mark.parametrize("kpi", [f"WS1-MP-00{i}" for i in (1, 2, 3, 4, 5, 6, 8)])
def test_rows_with_an_outcome_that_are_not_judged_are_told(kpi):
    """An outcome of 2, and one whose prediction is missing, are two rows of the message."""
    more = [
        row(f"more{i}", 0.2 + 0.1 * (i % 7), float(i % 2), patient=f"P{i % 3 + 1}")
        for i in range(14)
    ]
    odd = [row("odd", 0.5, 2.0), row("half", 0.5, 0.5), row("open", 0.5, None)]
    blank = [row("blank", None, 1.0), row("nan", math.nan, 0.0)]

    result = ask(
        kpi,
        [*judged(), *more, *odd, *blank],
        more=journeys(insurance_type=["a", "b", "b"]),
        parameters={"source": "computed"},
    )

    assert result.value is not None
    message = said(result, "rows_left_out")
    assert "2 with an actual_outcome other than 0 and 1" in message
    assert "2 with an actual_outcome and no prediction_value" in message


def test_patients_without_a_group_and_groups_without_a_positive_are_told():
    """P2's type is unknown, and nobody of type c has a positive."""
    rows = [*judged(), row("g", 0.2, 1.0, "P3"), row("h", 0.2, 0.0, "P4")]
    known = journeys(insurance_type=["a", None, "b"])["patient_journeys"]
    fourth = known.iloc[:1].assign(patient_journey_id="4", patient_id="P4", insurance_type="c")

    result = ask("WS1-MP-008", rows, more={"patient_journeys": pd.concat([known, fourth])})

    message = said(result, "group_left_out")
    assert "3 prediction(s) of patients without a known insurance_type" in message
    assert "groups without a positive outcome: c" in message

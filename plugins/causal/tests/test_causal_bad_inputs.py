"""Every bad input has its own error or its own reason, and the message names what is wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk import KpisdkError
from kpisdk_causal import errors
from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.effects.counterfactual import estimate_counterfactual
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.impact.panel_impact import estimate_panel_impact
from kpisdk_causal.impact.series_impact import estimate_series_impact
from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import (
    CounterfactualQuestion,
    EffectQuestion,
    MediationQuestion,
    PanelQuestion,
    SeriesQuestion,
)
from kpisdk_causal.questions.rules import Rules

QUIET = Rules(cross_check=False)


def _ask(frame, **fields):
    given = {"treatment": "t", "outcome": "y", "confounders": "x", "rules": QUIET}
    return estimate_effect(frame, EffectQuestion(**{**given, **fields}))


def _rules(**fields):
    return Rules(cross_check=False, **fields)


def test_one_arm_is_refused_with_its_value(trial):
    """Everybody treated: nothing to compare with."""
    with pytest.raises(errors.OneArmError, match=r"both arms, and all 200 rows have 't' = 1"):
        _ask(trial.assign(t=1))


def test_an_arm_of_one_row_is_refused_with_its_count(trial):
    """One treated row has no spread."""
    with pytest.raises(errors.SmallArmError, match=r"'t' = 1 has 1 row"):
        _ask(trial.assign(t=[1] + [0] * 199))


def test_a_small_arm_is_answered_with_students_t(trial):
    """Fewer than 10 rows in an arm: SMALL_N, and an interval wider than the normal one."""
    answer = _ask(trial.assign(t=[1] * 6 + [0] * 194), confounders=())

    assert "SMALL_N" in answer.warning_codes
    low, high = answer.confidence_interval
    assert (high - low) / 2 > 1.96 * answer.std_error


def test_few_rows_give_no_value(trial):
    """20 rows are fewer than 30: no value, reason SMALL_N; 30 can be changed."""
    few = pd.concat([trial[trial["t"] == 1].head(12), trial[trial["t"] == 0].head(12)])

    refused = _ask(few)
    answered = _ask(few, rules=_rules(min_n=20))

    assert (refused.value, refused.p_value, refused.reason) == (None, None, "SMALL_N")
    assert answered.value is not None


def test_an_arm_with_as_many_rows_as_coefficients_gives_no_value(trial):
    """An exact fit would look like certainty."""
    wide = trial.assign(t=[1] * 5 + [0] * 195)
    for name in "abcd":
        wide[name] = np.random.default_rng(ord(name)).standard_normal(200)

    assert _ask(wide, confounders=("a", "b", "c", "d", "x")).reason == "SMALL_N"


def test_an_empty_table_is_refused_in_our_words(trial):
    """No rows: our own sentence, none of numpy's."""
    with pytest.raises(errors.EmptyTableError, match="has no rows"):
        _ask(trial.head(0))


@pytest.mark.parametrize("column", ["y", "x", "t"])
def test_missing_values_are_refused_with_column_and_count(trial, column):
    """One message for outcome, confounder and treatment."""
    holes = trial.astype(float)
    holes.loc[[3, 5], column] = np.nan

    with pytest.raises(errors.MissingValuesError, match=rf"'{column}' \(2 rows\)") as caught:
        _ask(holes)
    assert caught.value.counts == {column: 2}


def test_missing_values_can_be_dropped_and_are_counted(trial):
    """Listwise, and the result says how many rows went."""
    holes = trial.copy()
    holes.loc[[3, 5, 9], "y"] = np.nan

    answer = _ask(holes, rules=_rules(missing="drop"))

    assert (answer.n_samples, answer.n_dropped) == (197, 3)
    assert answer.value == _ask(trial.drop(index=[3, 5, 9])).value


def test_dropping_every_row_is_an_error_that_says_so(trial):
    """All rows with a gap: empty, and why."""
    with pytest.raises(errors.EmptyTableError, match="all 200 have a missing value"):
        _ask(trial.assign(y=np.nan), rules=_rules(missing="drop"))


@pytest.mark.parametrize("column", ["y", "x"])
def test_infinity_is_refused(trial, column):
    """Infinity is not a measurement, wherever it stands."""
    with pytest.raises(errors.InfiniteValuesError, match=rf"'{column}' \(1 rows\)"):
        _ask(trial.assign(**{column: [np.inf] + [1.5] * 199}))


def test_a_constant_outcome_has_no_effect_and_no_doubt():
    """0.0 and [0, 0] with a warning; no p and no error, which nothing could be measured by."""
    frame = pd.DataFrame({"t": [0, 1] * 50, "x": np.arange(100.0) % 7, "y": 3.0})

    answer = _ask(frame)

    assert answer.value == 0.0
    assert answer.confidence_interval == (0.0, 0.0)
    assert (answer.p_value, answer.std_error) == (None, None)
    assert "CONSTANT_OUTCOME" in answer.warning_codes


def test_a_constant_confounder_is_left_out_with_a_warning(trial):
    """The answer is that without it."""
    answer = _ask(trial.assign(c=5), confounders=("x", "c"))

    assert answer.value == pytest.approx(_ask(trial).value, rel=1e-12)
    assert "CONSTANT_COVARIATE_DROPPED" in answer.warning_codes


@pytest.mark.parametrize("factor", [1.0, -2.5])
def test_a_collinear_confounder_is_left_out_with_a_warning(trial, factor):
    """A duplicate or a multiple changes nothing."""
    answer = _ask(trial.assign(c=trial["x"] * factor), confounders=("x", "c"))

    assert answer.value == pytest.approx(_ask(trial).value, rel=1e-9)
    assert "COLLINEAR_COVARIATE_DROPPED" in answer.warning_codes


def test_unknown_columns_are_named_all_at_once(trial):
    """Not None without a word: every column that is not there."""
    with pytest.raises(errors.UnknownColumnsError, match=r"'age', 'sex'") as caught:
        _ask(trial, confounders=("x", "age", "sex"))
    assert caught.value.columns == ("age", "sex")


def test_without_confounders_the_means_are_compared(trial):
    """Difference in means with Welch's error, worked out here from the two groups."""
    answer = _ask(trial, confounders=())

    one, other = (trial["y"][trial["t"] == level] for level in (1, 0))
    assert answer.estimator == "difference_in_means"
    assert answer.value == pytest.approx(one.mean() - other.mean())
    error = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    assert answer.std_error == pytest.approx(error)


def test_no_overlap_is_refused_with_the_share(trial):
    """T = 1 exactly where x > 0: separation, no value, and no ATT to offer either."""
    answer = _ask(trial.assign(t=(trial["x"] > 0).astype(int)))

    assert (answer.value, answer.reason) == (None, "LOW_OVERLAP")
    assert {"SEPARATION", "LOW_OVERLAP"} <= set(answer.warning_codes)
    assert answer.diagnostics.overlap.share_outside > 0.9
    assert answer.alternatives == ()


@pytest.mark.parametrize("coding", [(1, 2), ("no", "yes"), ("A", "B")])
def test_levels_whose_control_is_not_clear_are_asked_for(trial, coding):
    """1/2 and yes/no: name the control; then the answer is that of 0/1."""
    coded = trial.assign(t=trial["t"].map(dict(enumerate(coding))))

    with pytest.raises(errors.TreatmentLevelsError, match="control_value"):
        _ask(coded)
    assert _ask(coded, control_value=coding[0]).value == pytest.approx(_ask(trial).value, rel=1e-12)


def test_a_level_that_does_not_occur_is_refused_with_those_that_do(trial):
    """At most ten are listed."""
    with pytest.raises(errors.UnknownValueError, match=r"no level of 't' 'C'. There is: 0, 1"):
        _ask(trial, control_value="C")


def test_several_arms_are_each_compared_with_the_control():
    """One result per arm, Holm-adjusted; without a control it is asked for."""
    generator = np.random.default_rng(2)
    frame = pd.DataFrame({"t": ["c", "a", "b"] * 60, "y": generator.standard_normal(180)})
    frame.loc[frame["t"] == "a", "y"] += 2

    answer = _ask(frame, confounders=(), control_value="c")

    assert [part.label for part in answer.parts] == ["a", "b"]
    assert answer.reason == "SEVERAL_ARMS"
    assert answer.part("a").p_adjusted >= answer.part("a").p_value
    with pytest.raises(errors.TreatmentLevelsError):
        _ask(frame, confounders=())


def test_a_dose_is_answered_per_unit_and_never_cut_in_two():
    """Y = 2 d + x + noise: the partial linear model gives 2 per unit."""
    generator = np.random.default_rng(3)
    x = generator.standard_normal(500)
    dose = x + generator.standard_normal(500)
    frame = pd.DataFrame(
        {"t": dose, "x": x, "y": 2 * dose + x + 0.1 * generator.standard_normal(500)}
    )

    answer = _ask(frame)

    assert answer.estimand == "per_unit"
    assert answer.value == pytest.approx(2.0, abs=0.02)
    assert answer.n_treated is None


def test_few_whole_numbers_are_asked_about():
    """0, 1, 2 may be arms or a dose: say which."""
    frame = pd.DataFrame({"t": [0, 1, 2] * 20, "y": np.arange(60.0)})

    with pytest.raises(errors.TreatmentLevelsError, match="continuous"):
        _ask(frame, confounders=())
    assert _ask(frame, confounders=(), treatment_kind="continuous").estimand == "per_unit"


@pytest.mark.parametrize(
    "dtypes",
    [
        {"t": "bool"},
        {"t": "Int64", "x": "Float64", "y": "Float64"},
        {"t": "boolean"},
        {"x": "float32"},
    ],
)
def test_dtypes_do_not_change_the_number(trial, dtypes):
    """bool, nullable and narrow types give what int and float give."""
    near = 1e-6 if "float32" in dtypes.values() else 1e-12

    assert _ask(trial.astype(dtypes)).value == pytest.approx(_ask(trial).value, rel=near)


def test_text_confounders_count_level_by_level(trial):
    """A pandas text column gives what its 0/1 columns give."""
    level = np.array(["a", "b", "c"])[np.arange(200) % 3]
    text = pd.Series(level, dtype="str")

    coded = trial.assign(b=(level == "b").astype(int), c=(level == "c").astype(int))

    assert _ask(trial.assign(s=text), confounders=("x", "s")).value == pytest.approx(
        _ask(coded, confounders=("x", "b", "c")).value, rel=1e-9
    )


def test_a_date_is_no_confounder(trial):
    """The error names column, role and type."""
    dated = trial.assign(d=pd.date_range("2025-01-01", periods=200))

    with pytest.raises(errors.NotNumericError, match=r"confounder 'd' is of type datetime64"):
        _ask(dated, confounders=("x", "d"))


def test_a_text_outcome_is_refused(trial):
    """The outcome must be a number."""
    with pytest.raises(errors.NotNumericError, match="outcome 'y'"):
        _ask(trial.assign(y="high"))


def test_a_binary_outcome_gives_a_risk_difference(trial):
    """Between -1 and 1."""
    answer = _ask(trial.assign(y=(trial["y"] > 0).astype(int)))

    assert -1 <= answer.value <= 1


@pytest.mark.parametrize("name", ["t", "y"])
def test_treatment_and_outcome_are_no_confounders(name):
    """Refused when the question is made, before there are any data."""
    with pytest.raises(errors.BadControlError, match=f"'{name}' cannot be adjusted for"):
        EffectQuestion(treatment="t", outcome="y", confounders=("x", name))


def test_a_consequence_of_the_treatment_is_no_confounder(trial):
    """The graph says t -> m: m cannot be adjusted for."""
    graph = CausalGraph((("x", "t"), ("x", "y"), ("t", "m"), ("m", "y")))

    with pytest.raises(errors.BadControlError, match=r"'m' cannot be adjusted for.*'t' causes it"):
        _ask(trial.assign(m=1.0), confounders=("x", "m"), graph=graph)


def test_a_cycle_is_listed():
    """The circle is shown from node to node."""
    with pytest.raises(errors.GraphCycleError, match=r"a -> b -> c -> a|b -> c -> a -> b"):
        CausalGraph((("a", "b"), ("b", "c"), ("c", "a")))


def test_an_unmeasured_confounder_is_named(trial):
    """U is in the graph and not in the table: not identified."""
    graph = CausalGraph((("u", "t"), ("u", "y"), ("t", "y"), ("x", "y")))

    with pytest.raises(errors.NotIdentifiedError, match="Not in the table: 'u'"):
        _ask(trial, confounders=(), graph=graph)


def test_an_inconsistent_mediation_is_reported_as_it_is():
    """Direct 1, indirect -0.4: the share is below 0, never clipped."""
    generator = np.random.default_rng(4)
    t = generator.integers(0, 2, 2000)
    m = -t + generator.standard_normal(2000)
    y = t + 0.4 * m + 0.1 * generator.standard_normal(2000)

    answer = estimate_mediation(
        pd.DataFrame({"t": t, "m": m, "y": y}),
        MediationQuestion(treatment="t", mediators="m", outcome="y"),
    )

    assert answer.value == pytest.approx(-0.4 / 0.6, abs=0.05)
    assert "INCONSISTENT_MEDIATION" in answer.warning_codes


def test_a_total_that_may_be_nothing_has_no_share():
    """Direct 0.4 and indirect -0.4: no ratio; the effects are reported."""
    generator = np.random.default_rng(5)
    t = generator.integers(0, 2, 500)
    m = -t + generator.standard_normal(500)
    y = 0.4 * t + 0.4 * m + generator.standard_normal(500)

    answer = estimate_mediation(
        pd.DataFrame({"t": t, "m": m, "y": y}),
        MediationQuestion(treatment="t", mediators="m", outcome="y"),
    )

    assert (answer.value, answer.reason) == (None, "RATIO_UNSTABLE")
    assert answer.details["proportion_mediated"] is None
    assert answer.part("indirect").value is not None


def test_a_constant_mediator_is_refused(trial):
    """It cannot carry anything."""
    with pytest.raises(errors.MediatorError, match="'m'"):
        estimate_mediation(
            trial.assign(m=1.0), MediationQuestion(treatment="t", mediators="m", outcome="y")
        )


def test_mediation_needs_rows(trial):
    """10 rows: SMALL_N."""
    question = MediationQuestion(treatment="t", mediators="x", outcome="y")
    few = pd.concat([trial[trial["t"] == level].head(5) for level in (0, 1)])

    assert estimate_mediation(few, question).reason == "SMALL_N"


def _patients(trial):
    return trial.assign(patient=[f"p{number}" for number in range(200)])


def _about(patient, **fields):
    effect = EffectQuestion(treatment="t", outcome="y", confounders="x", rules=_rules(**fields))
    return CounterfactualQuestion(id_column="patient", id=patient, effect=effect)


def test_an_unknown_patient_is_refused_without_the_ids_of_others(trial):
    """How many there are is told, and of nobody who it is."""
    patients = _patients(trial)
    with pytest.raises(errors.UnknownIdError, match=r"no patient 'nobody' among") as refused:
        estimate_counterfactual(patients, _about("nobody"))

    words = set(str(refused.value).replace("'", " ").replace(",", " ").split())
    assert not words & {str(each) for each in patients["patient"]} - {str(len(patients))}


def test_a_patient_with_two_rows_is_refused(trial):
    """Which of the rows is meant cannot be guessed."""
    doubled = pd.concat([_patients(trial), _patients(trial).head(1)])

    with pytest.raises(errors.RepeatedIdError, match="2 rows"):
        estimate_counterfactual(doubled, _about("p0"))


def test_a_patient_whose_row_was_dropped_is_told_why(trial):
    """Not "unknown": the row is there, and has a gap."""
    holes = _patients(trial)
    holes.loc[0, "x"] = np.nan

    with pytest.raises(errors.MissingValuesError, match="'x'"):
        estimate_counterfactual(holes, _about("p0", missing="drop"))


def test_an_unknown_segment_is_refused_with_those_that_exist(trial):
    """The levels are listed."""
    question = EffectQuestion(treatment="t", outcome="y", segment="s", rules=QUIET)

    with pytest.raises(errors.UnknownValueError, match=r"no segment 'z'. There is: 'a', 'b'"):
        estimate_segments(trial.assign(s=["a", "b"] * 100), question, only="z")


def test_a_segment_with_one_arm_has_a_reason_and_leaves_the_others(trial):
    """ONE_ARM for it, a value for the other, and a warning."""
    frame = trial.assign(s=np.where(np.arange(200) < 20, "few", "rest"))
    frame.loc[:19, "t"] = 1

    answer = estimate_segments(
        frame, EffectQuestion(treatment="t", outcome="y", segment="s", rules=QUIET)
    )

    assert answer.part("few").reason == "ONE_ARM"
    assert answer.part("rest").value is not None
    assert "ONE_ARM" in answer.warning_codes


def _daily(n=60, **columns):
    generator = np.random.default_rng(6)
    days = pd.date_range("2025-01-01", periods=n)
    return pd.DataFrame({"day": days, "y": generator.standard_normal(n), **columns})


def _impact(frame, intervention="2025-02-20", **fields):
    rules = fields.pop("rules", Rules(estimator="local_level"))
    return estimate_series_impact(
        frame,
        SeriesQuestion(outcome="y", time="day", intervention=intervention, rules=rules, **fields),
    )


def test_a_short_period_before_is_warned_about():
    """40 periods before for 20 after: fewer than three times as many."""
    answer = _impact(_daily(), "2025-02-10")

    assert "SHORT_PRE_PERIOD" in answer.warning_codes


def test_too_few_periods_before_are_refused():
    """5 before: refused with the count."""
    with pytest.raises(errors.SeriesError, match="5 periods lie before"):
        _impact(_daily(), "2025-01-06")


def test_an_intervention_after_the_end_is_refused_with_the_reach():
    """The message says from when to when the series runs."""
    with pytest.raises(errors.SeriesError, match=r"No period lies after.*2025-03-01"):
        _impact(_daily(), "2026-01-01")


def test_a_gap_in_the_periods_is_refused():
    """A day that is not there must be explicit."""
    with pytest.raises(errors.SeriesError, match=r"missing between 2025-01-20.*2025-01-22"):
        _impact(_daily().drop(index=20))


@pytest.mark.parametrize("frequency", ["MS", "QS", "B", "W", "h"])
def test_calendar_steps_are_no_gaps(frequency):
    """Months of different lengths and weekends do not count as gaps."""
    times = pd.date_range("2020-01-01", periods=60, freq=frequency)
    frame = _daily().assign(day=times)

    assert _impact(frame, times[45]).n_control == 45


def test_a_period_that_occurs_twice_is_refused():
    """One row per period."""
    with pytest.raises(errors.SeriesError, match="occurs twice"):
        _impact(pd.concat([_daily(), _daily().tail(1)]))


@pytest.mark.parametrize("missing", ["raise", "drop"])
def test_a_missing_value_in_a_control_is_refused_whatever_the_rule(missing):
    """Dropping the row would make a gap."""
    frame = _daily(c=[np.nan] + [1.0] * 59)

    with pytest.raises(errors.MissingValuesError, match="'c'"):
        _impact(frame, controls="c", rules=Rules(estimator="local_level", missing=missing))


def test_a_control_that_is_the_response_is_refused():
    """It would explain the effect away."""
    frame = _daily()

    with pytest.raises(errors.SeriesError, match="'c' equals the response"):
        _impact(frame.assign(c=frame["y"]), controls="c")


def test_a_series_that_never_changes_has_no_effect():
    """0 and a warning; no error and no p, which nothing could be measured by."""
    answer = _impact(_daily().assign(y=2.0))

    assert (answer.value, answer.p_value, answer.std_error) == (0.0, None, None)
    assert "CONSTANT_OUTCOME" in answer.warning_codes


def test_a_series_that_never_changed_before_is_no_measure_of_chance():
    """Constant before, another constant after: an error of the change would be invented."""
    frame = _daily()
    answer = _impact(frame.assign(y=np.where(frame["day"] < "2025-02-20", 2.0, 3.0)))

    assert (answer.value, answer.p_value, answer.reason) == (None, None, "CONSTANT_OUTCOME")


def test_autocorrelated_residuals_are_warned_about():
    """A random walk without a control: the local level's interval would be far too narrow."""
    walk = np.random.default_rng(12).standard_normal(60).cumsum()

    assert "AUTOCORRELATED" in _impact(_daily().assign(y=walk)).warning_codes
    assert "AUTOCORRELATED" not in _impact(_daily()).warning_codes


def _panel(**fields):
    generator = np.random.default_rng(7)
    rows = [
        {"unit": unit, "time": time, "y": generator.standard_normal()}
        for unit in "abcdef"
        for time in range(12)
    ]
    given = {"unit": "unit", "time": "time", "outcome": "y", "treated": "a", "intervention": 8}
    return pd.DataFrame(rows), PanelQuestion(**{**given, **fields})


def test_an_unknown_unit_is_refused():
    """With those that exist."""
    frame, question = _panel(treated="z")

    with pytest.raises(errors.UnknownValueError, match="no unit 'z'"):
        estimate_panel_impact(frame, question)


def test_a_unit_without_a_period_is_refused():
    """The unit and the period are named."""
    frame, question = _panel()

    with pytest.raises(errors.SeriesError, match="'a' has no row of 3"):
        estimate_panel_impact(frame.drop(index=3), question)


def test_too_few_control_units_are_refused():
    """Two units that were never treated are not enough for placebos."""
    frame, question = _panel(treated=("a", "b", "c", "d"))

    with pytest.raises(errors.SeriesError, match=r"2 unit\(s\) were never treated"):
        estimate_panel_impact(frame, question)


def test_a_reversed_contrast_mirrors_everything(trial):
    """Control 1 and treatment 0: the sign turns, the interval is sorted, the error positive."""
    one = _ask(trial)

    other = _ask(trial, treatment_value=0, control_value=1)

    assert other.value == pytest.approx(-one.value, rel=1e-9)
    assert other.std_error == pytest.approx(one.std_error, rel=1e-9)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-6)
    low, high = one.confidence_interval
    assert other.confidence_interval == pytest.approx((-high, -low), rel=1e-9)


def test_the_callers_frame_stays_as_it_is(trial):
    """No column more, no value changed, no index reset, whatever is asked."""
    frame = _patients(trial).set_index(pd.Index(range(1000, 1200)))
    before = frame.copy(deep=True)

    _ask(frame, rules=_rules(refute=("placebo", "subset"), n_simulations=5))
    estimate_segments(
        frame.assign(s=1), EffectQuestion(treatment="t", outcome="y", segment="s", rules=QUIET)
    )
    estimate_counterfactual(frame, _about("p3"))
    estimate_mediation(frame, MediationQuestion(treatment="t", mediators="x", outcome="y"))

    pd.testing.assert_frame_equal(frame, before)


def test_a_question_says_all_its_faults_at_once():
    """Three wrong rules, three problems."""
    with pytest.raises(errors.QuestionError) as caught:
        Rules(confidence_level=2, missing="guess", refute=("magic",))
    assert [problem.where for problem in caught.value.problems] == [
        "confidence_level",
        "missing",
        "refute",
    ]


def test_what_is_no_frame_is_refused():
    """The type is named."""
    with pytest.raises(errors.QuestionError, match="pandas DataFrame, not list"):
        _ask([1, 2, 3])


def test_every_error_is_one_of_ours():
    """All classes have the SDK's root, so that no library's exception needs catching."""
    classes = [
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, Exception)
    ]

    assert all(issubclass(found, KpisdkError) for found in classes)

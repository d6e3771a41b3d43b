"""Bad input, one behaviour each: the effect of a treatment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpisdk_causal import errors
from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.questions.question import (
    EffectQuestion,
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


def test_a_consequence_of_the_treatment_is_no_confounder(trial):
    """The graph says t -> m: m cannot be adjusted for."""
    graph = CausalGraph((("x", "t"), ("x", "y"), ("t", "m"), ("m", "y")))

    with pytest.raises(errors.BadControlError, match=r"'m' cannot be adjusted for.*'t' causes it"):
        _ask(trial.assign(m=1.0), confounders=("x", "m"), graph=graph)


def test_an_unmeasured_confounder_is_named(trial):
    """U is in the graph and not in the table: not identified."""
    graph = CausalGraph((("u", "t"), ("u", "y"), ("t", "y"), ("x", "y")))

    with pytest.raises(errors.NotIdentifiedError, match="Not in the table: 'u'"):
        _ask(trial, confounders=(), graph=graph)


def test_a_reversed_contrast_mirrors_everything(trial):
    """Control 1 and treatment 0: the sign turns, the interval is sorted, the error positive."""
    one = _ask(trial)

    other = _ask(trial, treatment_value=0, control_value=1)

    assert other.value == pytest.approx(-one.value, rel=1e-9)
    assert other.std_error == pytest.approx(one.std_error, rel=1e-9)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-6)
    low, high = one.confidence_interval
    assert other.confidence_interval == pytest.approx((-high, -low), rel=1e-9)


def test_what_is_no_frame_is_refused():
    """The type is named."""
    with pytest.raises(errors.QuestionError, match="pandas DataFrame, not list"):
        _ask([1, 2, 3])

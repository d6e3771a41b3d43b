"""What is refused, left out or answered with a reason, beyond the table of bad inputs."""

from __future__ import annotations

from decimal import Decimal

import attrs
import networkx as nx
import numpy as np
import pandas as pd
import pytest

from kpisdk_causal import errors
from kpisdk_causal.commands.output import as_table, bar
from kpisdk_causal.effects.average_effect import estimate_effect
from kpisdk_causal.effects.counterfactual import estimate_counterfactual
from kpisdk_causal.effects.segments import estimate_segments
from kpisdk_causal.estimator import Estimator, Task
from kpisdk_causal.estimators.router import Router, default_router
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.impact.panel import PanelEffect
from kpisdk_causal.impact.panel_impact import estimate_panel_impact
from kpisdk_causal.impact.paths import estimate_paths
from kpisdk_causal.impact.series_impact import estimate_series_impact
from kpisdk_causal.kpi import question_builder
from kpisdk_causal.kpi.raw_rows import Named
from kpisdk_causal.kpi.to_estimate import as_estimate
from kpisdk_causal.mediation.mediation_effect import estimate_mediation
from kpisdk_causal.questions.question import (
    CounterfactualQuestion,
    EffectQuestion,
    MediationQuestion,
    PanelQuestion,
    PathQuestion,
    SeriesQuestion,
)
from kpisdk_causal.questions.rules import Rules
from kpisdk_causal.tables.table import read
from kpisdk_causal.tables.treatment_levels import Dose, read_treatment

QUIET = Rules(cross_check=False)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"confidence_level": 1.0}, "confidence_level"),
        ({"overlap_bounds": (0.9, 0.1)}, "overlap_bounds"),
        ({"overlap_tolerance": 2.0}, "overlap_tolerance"),
        ({"clip": 0.5}, "clip"),
        ({"n_boot": 1}, "n_boot"),
    ],
)
def test_rules_that_make_no_sense_are_refused(fields, where):
    """Each with its name and value."""
    with pytest.raises(errors.QuestionError, match=where):
        Rules(**fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"target_units": "all"}, "target_units"),
        ({"treatment_kind": "odd"}, "treatment_kind"),
        ({"segment": "t"}, "segment"),
        ({"treatment_value": 1, "control_value": 1}, "control_value"),
        ({"outcome": "t"}, "is the treatment too"),
        ({"confounders": ("x", "x")}, "named twice"),
    ],
)
def test_questions_that_contradict_themselves_are_refused(fields, words):
    """When the question is made, before there are any data."""
    with pytest.raises(errors.QuestionError, match=words):
        EffectQuestion(**{"treatment": "t", "outcome": "y", **fields})


def test_the_other_questions_refuse_their_contradictions():
    """Mediators with two roles or none, a control that is the response, one column twice."""
    effect = EffectQuestion(treatment="t", outcome="y")
    with pytest.raises(errors.QuestionError, match="at least one column"):
        MediationQuestion(treatment="t", outcome="y", mediators=())
    with pytest.raises(errors.QuestionError, match="'t' already has another role"):
        MediationQuestion(treatment="t", outcome="y", mediators="t")
    with pytest.raises(errors.QuestionError, match="the treatment or the outcome"):
        CounterfactualQuestion(id_column="y", id=1, effect=effect)
    with pytest.raises(errors.QuestionError, match="response"):
        SeriesQuestion(outcome="y", intervention=1, controls="y")
    with pytest.raises(errors.QuestionError, match="seasons"):
        SeriesQuestion(outcome="y", intervention=1, seasons=1)
    with pytest.raises(errors.QuestionError, match="three different columns"):
        PanelQuestion(unit="u", time="u", outcome="y", treated="a", intervention=1)


def test_an_estimator_that_ignores_confounders_is_refused(trial):
    """Difference in means beside confounders would be another question."""
    question = EffectQuestion(
        treatment="t",
        outcome="y",
        confounders="x",
        rules=Rules(estimator="difference_in_means", cross_check=False),
    )

    with pytest.raises(errors.EstimatorMisfitError, match="would be ignored"):
        estimate_effect(trial, question)


def test_levels_may_be_written_as_text(trial):
    """A command line has nothing else: 'true', '1' and '1.0' name the level that they spell."""
    table = read(trial.assign(b=trial["t"] == 1, d=pd.to_datetime("2025-01-01")), trial, "raise")

    (found,) = read_treatment(table, "t", control_value="0.0")
    assert found.treated == 1
    truth = read(trial.assign(t=trial["t"] == 1), ("t",), "raise")
    (found,) = read_treatment(truth, "t", treatment_value="FALSE")
    assert (found.treated, found.control) == (False, True)
    with pytest.raises(errors.UnknownValueError):
        read_treatment(table, "t", control_value="none")


def test_a_dose_is_one_also_where_it_has_two_values(trial):
    """``treatment_kind='continuous'`` is taken at its word."""
    table = read(trial, ("t",), "raise")

    assert isinstance(read_treatment(table, "t", kind="continuous"), Dose)


def test_decimals_are_numbers(trial):
    """A database's NUMERIC arrives as Decimal; the estimate is that of floats."""
    exact = trial.assign(y=[Decimal(str(round(value, 3))) for value in trial["y"]])
    plain = trial.assign(y=trial["y"].round(3))
    question = EffectQuestion(treatment="t", outcome="y", confounders="x", rules=QUIET)

    assert estimate_effect(exact, question).value == pytest.approx(
        estimate_effect(plain, question).value, rel=1e-12
    )


def test_two_columns_of_one_name_are_refused(trial):
    """Which is meant cannot be guessed."""
    doubled = pd.concat([trial, trial[["x"]]], axis=1)

    with pytest.raises(errors.QuestionError, match="two columns"):
        read(doubled, ("x",), "raise")


@pytest.mark.parametrize("kind", ["dose", "arms"])
def test_questions_about_two_arms_refuse_others(trial, kind):
    """Segments, counterfactuals, and mediation with an interaction or with several arms."""
    generator = np.random.default_rng(1)
    values = generator.standard_normal(200) if kind == "dose" else ["a", "b"] * 66 + ["c"] * 68
    frame = trial.assign(t=values, s="one", id=range(200))
    named = {} if kind == "dose" else {"control_value": "c"}
    effect = EffectQuestion(treatment="t", outcome="y", segment="s", rules=QUIET, **named)

    with pytest.raises(errors.TreatmentLevelsError):
        estimate_segments(frame, effect)
    with pytest.raises(errors.TreatmentLevelsError):
        estimate_counterfactual(frame, CounterfactualQuestion(id_column="id", id=1, effect=effect))
    with pytest.raises(errors.TreatmentLevelsError):
        estimate_mediation(
            frame,
            MediationQuestion(treatment="t", outcome="y", mediators="x", interaction=True, **named),
        )


def test_mediation_of_a_dose_is_per_unit():
    """M = 0.5 d, y = 0.3 d + 0.8 m: the share is 0.4 / 0.7."""
    generator = np.random.default_rng(2)
    dose = generator.standard_normal(3000)
    m = 0.5 * dose + generator.standard_normal(3000)
    y = 0.3 * dose + 0.8 * m + generator.standard_normal(3000)

    answer = estimate_mediation(
        pd.DataFrame({"d": dose, "m": m, "y": y}),
        MediationQuestion(treatment="d", outcome="y", mediators="m"),
    )

    assert answer.value == pytest.approx(0.4 / 0.7, abs=0.06)
    assert answer.contrast == "one more unit of d"


def test_mediation_uses_only_the_two_arms_named():
    """Rows of a third arm do not count."""
    generator = np.random.default_rng(3)
    arm = np.array(["a", "b", "c"])[np.arange(600) % 3]
    m = (arm == "b") + generator.standard_normal(600)
    y = m + generator.standard_normal(600)
    frame = pd.DataFrame({"t": arm, "x": generator.standard_normal(600), "m": m, "y": y})

    answer = estimate_mediation(
        frame,
        MediationQuestion(
            treatment="t",
            outcome="y",
            mediators="m",
            confounders="x",
            treatment_value="b",
            control_value="a",
        ),
    )

    assert (answer.n_samples, answer.n_treated, answer.n_control) == (400, 200, 200)


def test_a_mediator_must_lie_on_a_path_of_the_graph(trial):
    """X causes t: it cannot mediate; and what t causes is no confounder."""
    graph = CausalGraph((("x", "t"), ("x", "y"), ("t", "m"), ("m", "y"), ("t", "c")))
    frame = trial.assign(m=trial["x"] ** 2, c=1.0)

    with pytest.raises(errors.MediatorError, match="no path t -> x -> y"):
        estimate_mediation(
            frame, MediationQuestion(treatment="t", outcome="y", mediators="x", graph=graph)
        )
    with pytest.raises(errors.BadControlError, match="'c'"):
        estimate_mediation(
            frame,
            MediationQuestion(
                treatment="t", outcome="y", mediators="m", confounders="c", graph=graph
            ),
        )


def test_a_patient_unlike_anybody_in_the_other_arm_gets_no_counterfactual():
    """LOW_OVERLAP for this patient; forced, with a warning."""
    generator = np.random.default_rng(4)
    x = generator.standard_normal(500)
    t = (generator.random(500) < 1 / (1 + np.exp(-2 * x))).astype(int)
    x[0], t[0] = 6.0, 1
    frame = pd.DataFrame(
        {"id": range(500), "x": x, "t": t, "y": x + t + generator.standard_normal(500)}
    )

    def ask(**fields):
        rules = Rules(cross_check=False, **fields)
        effect = EffectQuestion(treatment="t", outcome="y", confounders="x", rules=rules)
        question = CounterfactualQuestion(id_column="id", id=0, effect=effect)
        return estimate_counterfactual(frame, question)

    assert (ask().value, ask().reason) == (None, "LOW_OVERLAP")
    assert ask(force=True).value is not None
    assert "LOW_OVERLAP" in ask(force=True).warning_codes


@pytest.mark.parametrize("confounders", [(), ("x",)])
def test_a_yes_no_outcome_that_never_happens_in_the_other_arm(trial, confounders):
    """No probability can be told from an arm where the outcome is always the same."""
    frame = trial.assign(id=range(200), y=(trial["t"] == 1) & (trial["x"] > 0))
    patient = int(frame.index[frame["t"] == 1][0])
    effect = EffectQuestion(treatment="t", outcome="y", confounders=confounders, rules=QUIET)

    answer = estimate_counterfactual(
        frame, CounterfactualQuestion(id_column="id", id=patient, effect=effect)
    )

    assert (answer.value, answer.reason) == (None, "CONSTANT_OUTCOME")


def test_without_confounders_the_probability_is_the_arms_share(trial):
    """A control's counterfactual is the share of the treated with the outcome."""
    frame = trial.assign(id=range(200), y=(trial["y"] > 0).astype(int))
    patient = int(frame.index[frame["t"] == 0][0])
    effect = EffectQuestion(treatment="t", outcome="y", rules=QUIET)

    answer = estimate_counterfactual(
        frame, CounterfactualQuestion(id_column="id", id=patient, effect=effect)
    )

    assert answer.value == pytest.approx(frame["y"][frame["t"] == 1].mean())


def test_a_segment_without_overlap_is_refused_and_so_is_the_whole():
    """In one segment nearly everybody is treated: LOW_OVERLAP there, a value in the other."""
    generator = np.random.default_rng(5)
    n = 2000
    segment = generator.integers(0, 2, n)
    t = (generator.random(n) < np.where(segment == 1, 0.98, 0.5)).astype(int)
    frame = pd.DataFrame(
        {"s": segment, "x": generator.standard_normal(n), "t": t, "y": generator.standard_normal(n)}
    )

    def ask(**fields):
        rules = Rules(cross_check=False, **fields)
        question = EffectQuestion(
            treatment="t", outcome="y", confounders="x", segment="s", rules=rules
        )
        return estimate_segments(frame, question)

    answer = ask()
    assert (answer.value, answer.reason) == (None, "LOW_OVERLAP")
    assert answer.part("1").reason == "LOW_OVERLAP"
    assert answer.part("0").value is not None
    assert answer.details["heterogeneity"] is None
    assert ask(force=True).part("1").value is not None


def test_no_segment_can_be_answered(trial):
    """Every segment has one arm: each says so, and there is no value."""
    frame = trial.assign(s=trial["t"].map({0: "never", 1: "always"}))

    answer = estimate_segments(
        frame, EffectQuestion(treatment="t", outcome="y", segment="s", rules=QUIET)
    )

    assert answer.value is None
    assert {part.reason for part in answer.parts} == {"ONE_ARM"}


def test_segments_need_a_column_and_everybody(trial):
    """Without ``segment``, or for the treated only, there is no such question."""
    with pytest.raises(errors.QuestionError, match="segment"):
        estimate_segments(trial, EffectQuestion(treatment="t", outcome="y"))
    with pytest.raises(errors.QuestionError, match="target_units"):
        estimate_segments(
            trial, EffectQuestion(treatment="t", outcome="y", segment="x", target_units="att")
        )


def test_graphs_are_made_of_what_callers_have(tmp_path):
    """Arrows, a networkx graph, a path; none of them empty."""
    drawn = nx.DiGraph([("a", "b")])
    drawn.add_edge("b", "c", coefficient=0.5, std_error="0.1")
    (tmp_path / "g.dot").write_text("digraph { a -> b }")

    assert CausalGraph.of([("a", "b")]).edges == (("a", "b"),)
    assert CausalGraph.of(drawn).std_errors == {("b", "c"): 0.1}
    assert CausalGraph.of(CausalGraph.of(drawn)) == CausalGraph.of(drawn)
    assert CausalGraph.of(str(tmp_path / "g.dot")).nodes == ("a", "b")
    with pytest.raises(errors.GraphError, match="no arrows"):
        CausalGraph(())
    with pytest.raises(errors.GraphError, match="no such arrow"):
        CausalGraph((("a", "b"),), {("b", "a"): 1.0})


def test_paths_refuse_what_they_cannot_multiply(trial):
    """An arrow without a number, a cause that is not in the table, causes that are mixtures."""
    graph = CausalGraph((("t", "m"), ("m", "y"), ("x", "y")))
    question = PathQuestion(graph=graph, treatment="t", outcome="y")

    with pytest.raises(errors.GraphError, match="has no coefficient"):
        estimate_paths(question)
    with pytest.raises(errors.UnknownColumnsError, match="'m'"):
        estimate_paths(question, trial)
    with pytest.raises(errors.SingularDesignError, match="mixtures"):
        estimate_paths(question, trial.assign(m=2 * trial["x"]))
    assert estimate_paths(question, trial.assign(m=trial["y"]).head(5)).reason == "SMALL_N"


def test_a_graph_without_a_path_says_there_is_no_effect():
    """0, on the graph's word, and it is said that nothing else stands behind it."""
    graph = CausalGraph((("t", "m"), ("y", "m")))

    answer = estimate_paths(PathQuestion(graph=graph, treatment="t", outcome="y"))

    assert (answer.value, answer.parts) == (0.0, ())
    assert answer.warning_codes == ("NO_CAUSAL_PATH",)
    assert (answer.confidence_interval, answer.p_value) == (None, None)
    assert answer.details["proportion_mediated"] is None


def test_paths_of_opposite_signs_are_told():
    """Direct 1, indirect -0.4: inconsistent mediation."""
    arrows = {("t", "m"): -1.0, ("m", "y"): 0.4, ("t", "y"): 1.0}

    answer = estimate_paths(
        PathQuestion(graph=CausalGraph(tuple(arrows), arrows), treatment="t", outcome="y")
    )

    assert answer.warning_codes == ("INCONSISTENT_MEDIATION",)


def _series(**columns):
    generator = np.random.default_rng(6)
    return pd.DataFrame({"day": range(60), "y": generator.standard_normal(60), **columns})


def _impact(frame, **fields):
    rules = Rules(estimator="local_level")
    given = {"outcome": "y", "time": "day", "intervention": 45, "rules": rules, **fields}
    return estimate_series_impact(frame, SeriesQuestion(**given))


def test_times_that_are_no_dates_are_refused():
    """Text that no calendar knows, and an intervention that is none."""
    with pytest.raises(errors.SeriesError, match="cannot be read as dates"):
        _impact(_series().assign(day=[f"soon {n}" for n in range(60)]), intervention="soon 45")
    with pytest.raises(errors.SeriesError, match="cannot be read as a time"):
        _impact(_series(), intervention="spring")


def test_rows_after_the_end_do_not_count():
    """``end`` is the last period that counts."""
    assert _impact(_series(), end=50).n_treated == 6


def test_seasons_are_taken_into_account():
    """A strong weekly pattern: with seasons the interval is far narrower."""
    week = np.array([0, 0, 0, 0, 0, 20, 20])[np.arange(60) % 7]
    frame = _series()
    frame["y"] += week

    plain, seasonal = _impact(frame), _impact(frame, seasons=7)

    assert seasonal.std_error < plain.std_error / 3


def test_a_control_that_never_changed_before_says_nothing():
    """It is left out: the answer is that without it."""
    frame = _series(c=[1.0] * 50 + [2.0] * 10)

    assert _impact(frame, controls="c").value == pytest.approx(_impact(frame).value)


def _panel_frame():
    generator = np.random.default_rng(7)
    return pd.DataFrame(
        [
            {"unit": unit, "time": time, "y": float(generator.standard_normal())}
            for unit in "abcdef"
            for time in range(12)
        ]
    )


def _panel(frame=None, **fields):
    given = {"unit": "unit", "time": "time", "outcome": "y", "treated": "a", "intervention": 8}
    question = PanelQuestion(**{**given, **fields})
    return estimate_panel_impact(_panel_frame() if frame is None else frame, question)


def test_a_panel_needs_periods_on_both_sides():
    """One before, or none after: refused with the reach."""
    with pytest.raises(errors.SeriesError, match="1 periods lie before"):
        _panel(intervention=1)
    with pytest.raises(errors.SeriesError, match="0 from 20 on"):
        _panel(intervention=20)


def test_a_period_that_a_unit_has_twice_is_refused():
    """The unit and the period are named."""
    doubled = pd.concat([_panel_frame(), _panel_frame().head(1)])

    with pytest.raises(errors.SeriesError, match="'a' has two rows of 0"):
        _panel(doubled)


def test_a_synthetic_control_that_cannot_fit_is_told():
    """The treated unit lies far above all others: equal weights are as good."""
    frame = _panel_frame()
    frame.loc[frame["unit"] == "a", "y"] += 100

    answer = _panel(frame, rules=Rules(estimator="synthetic_control"))

    assert answer.details["pre_rmspe"] > 50
    assert answer.part("difference_in_differences").value == pytest.approx(
        _panel().part("difference_in_differences").value
    )


def test_several_treated_units_count_as_their_mean():
    """Difference in differences of two treated units, by hand."""
    frame = _panel_frame()
    wide = frame.set_index(["unit", "time"])["y"].unstack()  # noqa: PD010  # every cell is there
    change = wide.loc[:, 8:].mean(axis=1) - wide.loc[:, :7].mean(axis=1)

    answer = _panel(frame, treated=("a", "b"))

    expected = change[["a", "b"]].mean() - change[["c", "d", "e", "f"]].mean()
    assert answer.part("difference_in_differences").value == pytest.approx(expected)


def test_parameters_become_the_question_of_each_design(tmp_path):
    """A panel and a graph from text, as a request writes them."""
    panel = question_builder.impact_question(
        Named(
            {
                "design": "panel",
                "outcome": "y",
                "unit_column": "u",
                "time_column": "d",
                "treated_units": "a, b",
                "intervention_date": "2025-01-01",
            }
        )
    )
    assert panel.treated == ("a", "b")
    assert question_builder.impact_columns(panel) == ("u", "d", "y")
    (tmp_path / "g.dot").write_text("digraph { a -> b }")
    assert question_builder.graph(Named({"graph": str(tmp_path / "g.dot")})).nodes == ("a", "b")
    with pytest.raises(errors.QuestionError, match="graph"):
        question_builder.impact_question(Named({"design": "paths", "outcome": "y"}))


def test_a_refused_ate_offers_the_att_in_words():
    """The message of the KPI names what the data do support, and so does the table."""
    generator = np.random.default_rng(8)
    x = generator.standard_normal(3000)
    t = (generator.random(3000) < 1 / (1 + np.exp(3 - 1.5 * x))).astype(int)
    frame = pd.DataFrame({"x": x, "t": t, "y": x + t + generator.standard_normal(3000)})
    question = EffectQuestion(
        treatment="t", outcome="y", confounders="x", rules=Rules(cross_check=False)
    )

    answer = estimate_effect(frame, question)

    assert answer.reason == "LOW_OVERLAP"
    assert "ATT" in as_estimate(answer).message
    assert "offered instead" in as_table(answer)


def test_a_table_for_people_shows_refutations_and_dropped_rows(trial):
    """Passed or failed, and how many rows went."""
    holes = trial.copy()
    holes.loc[0, "y"] = np.nan
    rules = Rules(cross_check=False, missing="drop", refute=("placebo",), n_simulations=20)
    question = EffectQuestion(treatment="t", outcome="y", confounders="x", rules=rules)

    text = as_table(estimate_effect(holes, question, default_router(), bar))

    assert "1 dropped" in text
    assert "refutation placebo: passed" in text


def test_a_part_that_is_not_there_is_a_key_error(trial):
    """``part`` looks labels up."""
    question = EffectQuestion(treatment="t", outcome="y", rules=QUIET)

    with pytest.raises(KeyError):
        estimate_effect(trial, question).part("none")


def test_a_dose_too_is_refuted(trial):
    """Permuted doses and subsets, without a propensity."""
    generator = np.random.default_rng(9)
    dose = trial["x"] + generator.standard_normal(200)
    rules = Rules(cross_check=False, refute=("placebo", "subset", "sensitivity"), n_simulations=20)

    answer = estimate_effect(
        trial.assign(t=dose, y=dose + trial["y"]),
        EffectQuestion(treatment="t", outcome="y", confounders="x", rules=rules),
    )

    assert [one.name for one in answer.refutations] == ["placebo", "subset", "sensitivity"]
    assert answer.refutations[0].passed


def test_an_exact_fit_says_that_no_doubt_can_be_told():
    """Y = 2 d without noise: 2 with a warning, not a triumph."""
    dose = np.linspace(0, 1, 50)

    answer = estimate_effect(
        pd.DataFrame({"t": dose, "y": 2 * dose}),
        EffectQuestion(treatment="t", outcome="y", treatment_kind="continuous", rules=QUIET),
    )

    assert answer.value == pytest.approx(2.0)
    assert "NO_SPREAD" in answer.warning_codes


def _panel_estimator(fit):
    return Estimator(
        name="theirs",
        task=Task.PANEL,
        estimands=("panel_att",),
        fit=fit,
        interval_method="placebo units",
        p_method="wald",
        rank=1,
    )


def _ask_theirs(fit):
    question = PanelQuestion(unit="unit", time="time", outcome="y", treated="a", intervention=8)
    return estimate_panel_impact(_panel_frame(), question, Router((_panel_estimator(fit),)))


def test_a_fit_worse_than_equal_weights_is_told():
    """A solver that stopped too early must not pass for a synthetic control."""

    def stopped(panel):
        weights = np.full(len(panel.controls), 1 / len(panel.controls))
        return PanelEffect(
            value=1.0,
            counterfactual=weights @ panel.controls,
            weights=weights,
            pre_rmspe=2.0,
            uniform_rmspe=1.0,
        )

    assert "POOR_PRE_FIT" in _ask_theirs(stopped).warning_codes


def test_a_panel_estimator_that_fails_is_named():
    """An exception and a nan both become our error."""

    def broken(panel):
        raise ZeroDivisionError(panel.n_pre)

    def empty(panel):
        return PanelEffect(
            value=float("nan"),
            counterfactual=panel.mean,
            weights=np.ones(1),
            pre_rmspe=1.0,
            uniform_rmspe=1.0,
        )

    for fit in (broken, empty):
        with pytest.raises(errors.EstimatorFailedError, match="'theirs'"):
            _ask_theirs(fit)


def test_a_series_estimator_that_fails_is_named():
    """The same over time, and for segments."""

    def broken(_):
        raise RuntimeError("sampler diverged")

    series = Estimator(
        name="theirs",
        task=Task.SERIES,
        estimands=("post_period_mean",),
        fit=broken,
        interval_method="none",
        p_method="none",
    )
    segments = attrs.evolve(series, task=Task.SEGMENTS, estimands=("cate",))
    question = SeriesQuestion(outcome="y", time="day", intervention=45)

    with pytest.raises(errors.EstimatorFailedError, match="sampler diverged"):
        estimate_series_impact(_series(), question, Router((series,)))
    with pytest.raises(errors.EstimatorFailedError, match="sampler diverged"):
        estimate_segments(
            pd.DataFrame({"t": [0, 1] * 40, "y": np.arange(80.0), "s": 1}),
            EffectQuestion(treatment="t", outcome="y", segment="s"),
            Router((segments,)),
        )

"""CM-003 on a panel: what an intervention did to some units, told by the others."""

from __future__ import annotations

import itertools
import math
from typing import Any

import attrs
import numpy as np

from kpisdk_causal.cautions import FEW_PLACEBOS, NO_SPREAD, POOR_PRE_FIT, Caution
from kpisdk_causal.errors import EstimatorFailedError, SeriesError, UnknownValueError
from kpisdk_causal.estimate import CausalEstimate, Diagnostics, Part
from kpisdk_causal.estimator import Estimator, Task
from kpisdk_causal.estimators.router import Router, default_router
from kpisdk_causal.impact.missing_periods import between_periods, refuse_gaps
from kpisdk_causal.impact.panel import Panel, PanelEffect
from kpisdk_causal.impact.periods import read_periods
from kpisdk_causal.inference.intervals import interval, is_finite, two_sided_p
from kpisdk_causal.questions.question import PanelQuestion
from kpisdk_causal.tables.levels import coded, label, same_level
from kpisdk_causal.tables.table import Floats, read

LEAST_CONTROLS = 3
MOST_PLACEBOS = 200
"""Where more groups of control units are possible, so many are drawn at random."""


def estimate_panel_impact(
    frame: Any, question: PanelQuestion, router: Router | None = None
) -> CausalEstimate:
    """Estimate the mean effect on the treated units over the periods after the intervention.

    As many control units as were treated stand for them in turn (each, or 200 groups at random);
    the spread of these placebo effects is the standard error (Arkhangelsky et al. 2021, algorithm
    4). All treated units share one intervention: staggered adoption is refused.

    Args:
        frame: pandas frame, one row per unit and period; it is not changed.
        question: units, periods, outcome, who was treated and from when.
        router: the estimators to choose from; ``None`` takes the built-in ones.

    Returns:
        The effect by the chosen method (synthetic difference in differences by default), the other
        methods beside it in ``parts``; ``details`` has the placebo rank of the fit ratio, the
        units' weights, and the ``series`` that a plot needs.

    Raises:
        SeriesError: periods that are no dates or numbers, one that a unit lacks or has twice, fewer
            than 2 periods before, none after, fewer than 3 control units (or the treated and 2).
        UnknownValueError: a treated unit that does not occur.
        KpisdkError: the classes of :mod:`kpisdk_causal.errors`, for other faults.
    """
    router = router or default_router()
    rules = question.rules
    panel, units, times, cautions = _panel(frame, question)
    choice = router.choose(Task.PANEL, "panel_att", name=rules.estimator, library=rules.library)
    able = [e for e in router.estimators if e.task == Task.PANEL and not e.lacking()]
    answers = {e.name: with_placebos(e, panel, rules.seed) for e in able}
    effect, placebos = answers[choice.estimator.name]
    parts = tuple(
        panel_line(name, *answers[name], panel=panel, level=rules.confidence_level)
        for name in answers
    )
    head = next(part for part in parts if part.label == choice.estimator.name)
    cautions += choice.cautions
    if 1 / (1 + len(placebos)) > 1 - rules.confidence_level:
        text = (
            f"With {len(placebos)} placebos p is {1 / (1 + len(placebos)):.3g} at least; the "
            "interval rests on placebo effects being normally distributed."
        )
        cautions.append(Caution(FEW_PLACEBOS, text))
    if head.std_error is None:
        text = "The placebo effects do not vary, so that no uncertainty can be given."
        cautions.append(Caution(NO_SPREAD, text))
    if effect.pre_rmspe > effect.uniform_rmspe and choice.estimator.name != DID:
        text = (
            f"Before the intervention the fit ({effect.pre_rmspe:.4g}) is worse than that of "
            f"equal weights ({effect.uniform_rmspe:.4g})."
        )
        cautions.append(Caution(POOR_PRE_FIT, text))
    return CausalEstimate(
        value=effect.value,
        confidence_interval=head.interval,
        ci_level=rules.confidence_level,
        ci_method=choice.estimator.interval_method,
        p_value=head.p_value,
        p_method=choice.estimator.p_method,
        std_error=head.std_error,
        n_samples=panel.treated.size + panel.controls.size,
        n_treated=len(panel.treated),
        n_control=len(panel.controls),
        estimator=choice.estimator.name,
        library=choice.estimator.library,
        library_version=choice.estimator.library_version,
        estimand="mean effect on the treated units after the intervention",
        contrast=f"treated vs control units from {question.intervention}",
        diagnostics=Diagnostics(identification={"by": "units that were not treated"}),
        warnings=tuple(cautions),
        parts=parts,
        details={
            **effect.details,
            "pre_rmspe": effect.pre_rmspe,
            "uniform_rmspe": effect.uniform_rmspe,
            "placebo_rank": head.details["placebo_rank"],
            "placebo_p": head.details["placebo_p"],
            "n_placebos": len(placebos),
            "weights": dict(zip(units, effect.weights.tolist(), strict=True)),
            "n_pre": panel.n_pre,
            "series": {
                "times": [str(time) for time in times],
                "actual": panel.mean.tolist(),
                "predicted": effect.counterfactual.tolist(),
            },
        },
    )


DID = "difference_in_differences"


def _panel(
    frame: Any, question: PanelQuestion
) -> tuple[Panel, list[str], list[Any], list[Caution]]:
    """The panel, its control units and its periods, both sorted, and what to say of them."""
    table = read(frame, (question.unit, question.time, question.outcome), "raise")
    values = table.outcome(question.outcome)
    units, codes = coded(table.frame[question.unit])
    treated = _places(question, units)
    periods = read_periods(list(table.frame[question.time]), question.time)
    start, comparable = periods.at(question.intervention)
    points = sorted(set(comparable))
    order = {point: place for place, point in enumerate(points)}
    places = np.array([order[point] for point in comparable])
    wide = np.full((len(units), len(points)), np.nan)
    for row, (code, place) in enumerate(zip(codes, places, strict=True)):
        if not np.isnan(wide[code, place]):
            raise SeriesError(f"The unit {units[code]!r} has two rows of {points[place]}.")
        wide[code, place] = values[row]
    holes = np.argwhere(np.isnan(wide))
    if len(holes):
        unit, time = units[holes[0][0]], points[holes[0][1]]
        raise SeriesError(f"The unit {unit!r} has no row of {time}; every unit needs every period.")
    n_pre = sum(point < start for point in points)
    others = [place for place in range(len(units)) if place not in treated]
    if n_pre < 2 or n_pre == len(points):
        raise SeriesError(
            f"{n_pre} periods lie before and {len(points) - n_pre} from {question.intervention} "
            f"on; 2 and 1 are needed: the panel runs from {points[0]} to {points[-1]}."
        )
    least = max(LEAST_CONTROLS, len(treated) + 2)
    if len(others) < least:
        raise SeriesError(
            f"{len(others)} unit(s) were never treated; {least} are needed beside {len(treated)} "
            "treated, so that as many others can stand for them."
        )
    refuse_gaps(points)
    panel = Panel(treated=wide[treated], controls=wide[others], n_pre=n_pre)
    cautions = between_periods(question.intervention, start, points[n_pre])
    return panel, [label(units[place]) for place in others], points, cautions


def _places(question: PanelQuestion, units: tuple[Any, ...]) -> list[int]:
    """Places of the treated units among all."""
    places = []
    for unit in question.treated:
        place = same_level(unit, units)
        if place is None:
            raise UnknownValueError("unit", unit, units)
        places.append(place)
    return sorted(set(places))


def with_placebos(
    estimator: Estimator, panel: Panel, seed: int, most: int = MOST_PLACEBOS
) -> tuple[PanelEffect, list[PanelEffect]]:
    """The effect, and the effects of as many control units as if they had been the treated ones.

    Args:
        estimator: what is called.
        panel: outcomes by unit and period.
        seed: of the random numbers.
        most: how many placebos at most.
    """
    placebos = []
    for places in placebo_groups(len(panel.controls), len(panel.treated), seed, most):
        others = np.delete(panel.controls, places, axis=0)
        placebo = attrs.evolve(panel, treated=panel.controls[list(places)], controls=others)
        placebos.append(_run(estimator, placebo))
    return _run(estimator, panel), placebos


def placebo_groups(
    controls: int, treated: int, seed: int, most: int = MOST_PLACEBOS
) -> list[tuple[int, ...]]:
    """Groups of ``treated`` of the ``controls`` units: all of them, or ``most`` drawn at random.

    Args:
        controls: how many control units there are.
        treated: how many treated ones.
        seed: of the random numbers.
        most: how many groups at most.
    """
    if math.comb(controls, treated) <= most:
        return list(itertools.combinations(range(controls), treated))
    generator = np.random.default_rng(seed)
    found: dict[tuple[int, ...], None] = {}
    while len(found) < most:
        drawn = generator.choice(controls, treated, replace=False)
        found[tuple(sorted(int(place) for place in drawn))] = None
    return list(found)


def _run(estimator: Estimator, panel: Panel) -> PanelEffect:
    try:
        effect: PanelEffect = estimator.fit(panel)
    except Exception as fault:
        raise EstimatorFailedError(estimator.name, estimator.library, repr(fault)) from fault
    if not is_finite(effect.value):
        raise EstimatorFailedError(estimator.name, estimator.library, "it returned a nan")
    return effect


def panel_line(
    name: str, effect: PanelEffect, placebos: list[PanelEffect], panel: Panel, level: float
) -> Part:
    """An estimator's effect with the error, interval and p that its placebos give.

    Args:
        name: of the estimator.
        effect: of the treated units.
        placebos: of the groups that stand in for them.
        panel: outcomes by unit and period.
        level: confidence level, 0 to 1.
    """
    values: Floats = np.array([placebo.value for placebo in placebos])
    error = float(values.std(ddof=1))
    measured = error > EXACT * float(panel.controls.std())
    # Groups that share units are not independent: as many are as fit beside one another.
    df = float(max(1, len(panel.controls) // len(panel.treated) - 1))
    ratios = [_fit_ratio(placebo) for placebo in placebos]
    rank = 1 + sum(ratio >= _fit_ratio(effect) for ratio in ratios)
    # No comparison with k placebos can be rarer than one of k + 1.
    p = max(two_sided_p(effect.value, error, df), 1 / (1 + len(placebos))) if measured else None
    return Part(
        label=name,
        value=effect.value,
        interval=interval(effect.value, error, level, df) if measured else None,
        std_error=error if measured else None,
        p_value=p,
        details={
            "pre_rmspe": effect.pre_rmspe,
            "placebo_rank": rank,
            "placebo_p": rank / (1 + len(placebos)),
        },
    )


EXACT = 1e-9
"""Placebo effects that vary by less than this share of the outcome's spread do not vary."""


def _fit_ratio(effect: PanelEffect) -> float:
    """Size of the effect relative to the misfit before (Abadie et al. 2010)."""
    return abs(effect.value) / effect.pre_rmspe if effect.pre_rmspe else float("inf")

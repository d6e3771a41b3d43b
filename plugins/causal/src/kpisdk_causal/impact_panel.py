"""CM-003 on a panel: what an intervention did to some units, told by the others."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kpisdk_causal.arms import sorted_levels
from kpisdk_causal.errors import EstimatorFailedError, SeriesError, UnknownValueError
from kpisdk_causal.estimate import POOR_PRE_FIT, CausalEstimate, Caution, Diagnostics, Part
from kpisdk_causal.estimator import Estimator, Task
from kpisdk_causal.impact_series import read_instant
from kpisdk_causal.inference import interval, is_finite, two_sided_p
from kpisdk_causal.panel import Panel, PanelEffect
from kpisdk_causal.question import PanelQuestion
from kpisdk_causal.router import Router, default_router
from kpisdk_causal.table import Floats, read

LEAST_CONTROLS = 3


def estimate_panel_impact(
    frame: Any, question: PanelQuestion, router: Router | None = None
) -> CausalEstimate:
    """Estimate the mean effect on the treated units over the periods after the intervention.

    Each control unit is treated in turn as if it had been the treated one; the spread of these
    placebo effects is the standard error.

    Args:
        frame: pandas frame, one row per unit and period; it is not changed.
        question: units, periods, outcome, who was treated and from when.
        router: the estimators to choose from; ``None`` takes the built-in ones.

    Returns:
        The effect by the chosen method (synthetic difference in differences by default), the other
        methods beside it in ``parts``; ``details`` has the placebo rank of the fit ratio, the
        units' weights, and the ``series`` that a plot needs.

    Raises:
        SeriesError: a period that a unit lacks or has twice, fewer than 2 periods before, none
            after, fewer than 3 control units.
        UnknownValueError: a treated unit that does not occur.
        KpisdkError: the classes of :mod:`kpisdk_causal.errors`, for other faults.
    """
    router = router or default_router()
    rules = question.rules
    panel, units, times = _panel(frame, question)
    choice = router.choose(Task.PANEL, "panel_att", name=rules.estimator, library=rules.library)
    able = [e for e in router.estimators if e.task == Task.PANEL and not e.lacking()]
    answers = {e.name: _with_placebos(e, panel) for e in able}
    effect, placebos = answers[choice.estimator.name]
    parts = tuple(_part(name, *answers[name], level=rules.confidence_level) for name in answers)
    head = next(part for part in parts if part.label == choice.estimator.name)
    cautions = list(choice.cautions)
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
            "weights": dict(zip(map(str, units), effect.weights.tolist(), strict=True)),
            "n_pre": panel.n_pre,
            "series": {
                "times": [str(time) for time in times],
                "actual": panel.mean.tolist(),
                "predicted": effect.counterfactual.tolist(),
            },
        },
    )


DID = "difference_in_differences"


def _panel(frame: Any, question: PanelQuestion) -> tuple[Panel, list[Any], list[Any]]:
    """The panel, its control units and its periods, both sorted."""
    table = read(frame, (question.unit, question.time, question.outcome), "raise")
    table.floats(question.outcome, "outcome")
    known = sorted_levels(table.frame[question.unit])
    treated = []
    for unit in question.treated:
        match = next((one for one in known if one == unit or str(one) == str(unit)), None)
        if match is None:
            raise UnknownValueError("unit", unit, known)
        treated.append(match)
    twice = table.frame.duplicated([question.unit, question.time])
    if twice.any():
        row = table.frame.loc[twice].iloc[0]
        raise SeriesError(f"The unit {row[question.unit]!r} has two rows of {row[question.time]}.")
    wide = table.frame.assign(
        **{question.outcome: table.floats(question.outcome, "outcome")}
    ).pivot(index=question.unit, columns=question.time, values=question.outcome)
    holes = np.argwhere(wide.isna().to_numpy())
    if len(holes):
        unit, time = wide.index[holes[0][0]], wide.columns[holes[0][1]]
        raise SeriesError(f"The unit {unit!r} has no row of {time}; every unit needs every period.")
    wide = wide.sort_index(axis=0).sort_index(axis=1)
    times = list(wide.columns)
    start = read_instant(question.intervention, times[0])
    n_pre = sum(time < start for time in times)
    controls = [unit for unit in wide.index if unit not in treated]
    reach = f"the panel runs from {times[0]} to {times[-1]}"
    if n_pre < 2 or n_pre == len(times):
        raise SeriesError(
            f"{n_pre} periods lie before and {len(times) - n_pre} from {question.intervention} on; "
            f"2 and 1 are needed: {reach}."
        )
    if len(controls) < LEAST_CONTROLS:
        raise SeriesError(
            f"{len(controls)} unit(s) were never treated; {LEAST_CONTROLS} are needed."
        )
    values = wide.astype("float64")
    panel = Panel(
        treated=values.loc[treated].to_numpy(),
        controls=values.loc[controls].to_numpy(),
        n_pre=n_pre,
    )
    return panel, controls, times


def _with_placebos(estimator: Estimator, panel: Panel) -> tuple[PanelEffect, list[PanelEffect]]:
    """The effect, and the effect of each control unit as if it alone had been treated."""
    placebos = []
    for place in range(len(panel.controls)):
        others = np.delete(panel.controls, place, axis=0)
        placebo = attrs.evolve(panel, treated=panel.controls[[place]], controls=others)
        placebos.append(_run(estimator, placebo))
    return _run(estimator, panel), placebos


def _run(estimator: Estimator, panel: Panel) -> PanelEffect:
    try:
        effect: PanelEffect = estimator.fit(panel)
    except Exception as fault:
        raise EstimatorFailedError(estimator.name, estimator.library, repr(fault)) from fault
    if not is_finite(effect.value):
        raise EstimatorFailedError(estimator.name, estimator.library, "it returned a nan")
    return effect


def _part(name: str, effect: PanelEffect, placebos: list[PanelEffect], level: float) -> Part:
    values: Floats = np.array([placebo.value for placebo in placebos])
    error = float(np.sqrt((values**2).mean() - values.mean() ** 2))
    ratios = [_fit_ratio(placebo) for placebo in placebos]
    rank = 1 + sum(ratio >= _fit_ratio(effect) for ratio in ratios)
    return Part(
        label=name,
        value=effect.value,
        interval=interval(effect.value, error, level),
        std_error=error,
        p_value=two_sided_p(effect.value, error),
        details={
            "pre_rmspe": effect.pre_rmspe,
            "placebo_rank": rank,
            "placebo_p": rank / (1 + len(placebos)),
        },
    )


def _fit_ratio(effect: PanelEffect) -> float:
    """Size of the effect relative to the misfit before (Abadie et al. 2010)."""
    return abs(effect.value) / effect.pre_rmspe if effect.pre_rmspe else float("inf")

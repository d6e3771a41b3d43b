"""What a caller asks: one record per kind of causal question, wrong in no way once it exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs

from kpisdk import Problem
from kpisdk_causal.errors import BadControlError, refuse
from kpisdk_causal.graphs.graph import CausalGraph
from kpisdk_causal.questions.rules import Rules, names

TargetUnits = Literal["ate", "att", "atc"]
TreatmentKind = Literal["auto", "binary", "arms", "continuous"]

TARGETS: tuple[TargetUnits, ...] = ("ate", "att", "atc")
KINDS: tuple[TreatmentKind, ...] = ("auto", "binary", "arms", "continuous")


@attrs.frozen(kw_only=True)
class EffectQuestion:
    """The effect of a treatment on an outcome (CM-001), or per segment (CM-002).

    Attributes:
        treatment: column of the treatment.
        outcome: column of the outcome; numeric or truth values.
        confounders: columns to adjust for. With a graph they may be left out: the graph gives them.
        graph: the assumed causes; nodes that are no columns are unobserved.
        treatment_value: level whose effect is asked for. {0, 1} and {False, True} need none.
        control_value: level it is compared with; alone, every other level is compared with it.
        treatment_kind: ``auto`` asks where the levels could be read in two ways.
        target_units: whose effect: everybody (``ate``), the treated, or the controls.
        segment: column whose levels get an effect each.
        cluster: column that names whose rows belong together, where somebody has several.
        rules: how to compute and when to refuse.
    """

    treatment: str
    outcome: str
    confounders: tuple[str, ...] = attrs.field(default=(), converter=names)
    graph: CausalGraph | None = None
    treatment_value: Any = None
    control_value: Any = None
    treatment_kind: TreatmentKind = "auto"
    target_units: TargetUnits = "ate"
    segment: str | None = None
    cluster: str | None = None
    rules: Rules = attrs.field(factory=Rules)

    def __attrs_post_init__(self) -> None:
        _check_roles(self.treatment, self.outcome, self.confounders)
        refuse("causal question", self._faults())

    def _faults(self) -> Iterator[Problem]:
        if self.target_units not in TARGETS:
            yield Problem(
                "target_units", f"must be one of {', '.join(TARGETS)}, not {self.target_units!r}"
            )
        if self.treatment_kind not in KINDS:
            yield Problem(
                "treatment_kind", f"must be one of {', '.join(KINDS)}, not {self.treatment_kind!r}"
            )
        if self.segment in {self.treatment, self.outcome}:
            yield Problem("segment", f"{self.segment!r} is already the treatment or the outcome")
        if self.cluster in {self.treatment, self.outcome}:
            yield Problem("cluster", f"{self.cluster!r} is already the treatment or the outcome")
        same = self.treatment_value is not None and self.treatment_value == self.control_value
        if same:
            yield Problem("control_value", f"is the treatment value too: {self.control_value!r}")


@attrs.frozen(kw_only=True)
class CounterfactualQuestion:
    """What the outcome of one patient would have been under the other treatment (CM-004).

    Attributes:
        id_column: column that names the patient.
        id: the patient asked about.
        effect: treatment, outcome and confounders, as in :class:`EffectQuestion`.
    """

    id_column: str
    id: Any
    effect: EffectQuestion

    def __attrs_post_init__(self) -> None:
        roles = (self.effect.treatment, self.effect.outcome)
        if self.id_column in roles:
            fault = Problem("id_column", f"{self.id_column!r} is the treatment or the outcome")
            refuse("counterfactual question", [fault])


@attrs.frozen(kw_only=True)
class MediationQuestion:
    """How much of an effect runs through mediators (CM-005).

    Attributes:
        treatment: column, two levels or continuous (then the effects are per unit).
        outcome: numeric column.
        mediators: columns the effect may run through; taken together as one set.
        confounders: columns adjusted for in every regression.
        graph: optional; then treatment, mediators and outcome must lie on it in that order.
        treatment_value: level whose effect is asked for.
        control_value: level it is compared with.
        interaction: let the mediators' effect differ between the arms.
        cluster: column that names whose rows belong together, where somebody has several.
        rules: how to compute and when to refuse.
    """

    treatment: str
    outcome: str
    mediators: tuple[str, ...] = attrs.field(converter=names)
    confounders: tuple[str, ...] = attrs.field(default=(), converter=names)
    graph: CausalGraph | None = None
    treatment_value: Any = None
    control_value: Any = None
    interaction: bool = False
    cluster: str | None = None
    rules: Rules = attrs.field(factory=Rules)

    def __attrs_post_init__(self) -> None:
        _check_roles(self.treatment, self.outcome, self.confounders)
        refuse("mediation question", self._faults())

    def _faults(self) -> Iterator[Problem]:
        if not self.mediators:
            yield Problem("mediators", "name at least one column")
        if self.cluster in {self.treatment, self.outcome}:
            yield Problem("cluster", f"{self.cluster!r} is already the treatment or the outcome")
        taken = {self.treatment, self.outcome, *self.confounders}
        for name in self.mediators:
            if name in taken:
                yield Problem("mediators", f"{name!r} already has another role in the question")


@attrs.frozen(kw_only=True)
class SeriesQuestion:
    """What an intervention at a date did to a time series (CM-003, ``design='time_series'``).

    Attributes:
        outcome: column of the response.
        intervention: first instant after the intervention (a value of ``time``).
        time: column of the time, one row each; ``None`` takes the frame's index.
        controls: series that the intervention did not touch.
        end: last instant that counts; ``None`` takes all rows.
        seasons: rows per season (7 for a weekly pattern in daily rows), or ``None``.
        rules: how to compute and when to refuse.
    """

    outcome: str
    intervention: Any
    time: str | None = None
    controls: tuple[str, ...] = attrs.field(default=(), converter=names)
    end: Any = None
    seasons: int | None = None
    rules: Rules = attrs.field(factory=Rules)

    def __attrs_post_init__(self) -> None:
        refuse("time-series question", self._faults())

    def _faults(self) -> Iterator[Problem]:
        for name in self.controls:
            if name in {self.outcome, self.time}:
                yield Problem("controls", f"{name!r} is the response or the time column")
        if self.seasons is not None and self.seasons < 2:
            yield Problem("seasons", f"must be at least 2, not {self.seasons}")


def _units(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple | set | frozenset) else (value,)


@attrs.frozen(kw_only=True)
class PanelQuestion:
    """What an intervention did to some units of a panel (CM-003, ``design='panel'``).

    Attributes:
        unit: column of the unit.
        time: column of the period; every unit has every period.
        outcome: numeric column.
        treated: the treated unit or units.
        intervention: first treated period (a value of ``time``).
        rules: how to compute and when to refuse.
    """

    unit: str
    time: str
    outcome: str
    treated: tuple[Any, ...] = attrs.field(converter=_units)
    intervention: Any
    rules: Rules = attrs.field(factory=Rules)

    def __attrs_post_init__(self) -> None:
        refuse("panel question", self._faults())

    def _faults(self) -> Iterator[Problem]:
        if len({self.unit, self.time, self.outcome}) < 3:
            yield Problem("unit, time, outcome", "must be three different columns")
        staggered = (
            "staggered adoption is refused: all treated units share one intervention. Ask for the "
            "units of each date apart, of a table without those that were treated at another"
        )
        if any(isinstance(unit, Mapping) for unit in self.treated):
            yield Problem("treated", staggered)
        if isinstance(self.intervention, Mapping | list | tuple | set):
            yield Problem("intervention", staggered)
        if not self.treated:
            yield Problem("treated", "name at least one unit")


@attrs.frozen(kw_only=True)
class PathQuestion:
    """The effect along the paths of a graph (CM-003, ``design='paths'``).

    Attributes:
        graph: arrows; with a ``coefficient`` (and ``std_error``) on each, no frame is needed.
        treatment: node where the paths begin.
        outcome: node where they end.
        rules: how to compute and when to refuse.
    """

    graph: CausalGraph
    treatment: str
    outcome: str
    rules: Rules = attrs.field(factory=Rules)

    def __attrs_post_init__(self) -> None:
        _check_roles(self.treatment, self.outcome, ())


def _check_roles(treatment: str, outcome: str, confounders: tuple[str, ...]) -> None:
    faults = []
    if treatment == outcome:
        faults.append(Problem("outcome", f"{outcome!r} is the treatment too"))
    doubled = sorted({name for name in confounders if confounders.count(name) > 1})
    faults += [Problem("confounders", f"{name!r} is named twice") for name in doubled]
    refuse("causal question", faults)
    roles = {treatment: "it is the treatment", outcome: "it is the outcome"}
    for name, why in roles.items():
        if name in confounders:
            raise BadControlError((name,), why)

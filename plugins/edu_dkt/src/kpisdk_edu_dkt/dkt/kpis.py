"""The KPIs of knowledge tracing: how good the model is on a source, and how much is mastered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kpisdk import (
    Calculator,
    Direction,
    Estimate,
    FrameInput,
    Frequency,
    Governance,
    Inputs,
    Interval,
    IntervalReason,
    Kpi,
    Note,
    Parameter,
    Reason,
    Unit,
    sample,
)
from kpisdk_edu_dkt.dkt.datasets import INTERACTIONS
from kpisdk_edu_dkt.dkt.french import FRENCH

UNIT = "student_id"
"""Answers of one student are not independent: intervals draw students."""

_IDS = (UNIT, "skill_id")
_READ = ("t", "correct")
# ids may be text or integers: asked for as optional columns, their type is left to the contract of
# the rows, and that they are there is checked below
_OPTIONAL = tuple(each.name for each in INTERACTIONS.columns if each.name not in _READ)

MODEL = Parameter(
    "model",
    "text",
    "Folder of the model, as `kpisdk dkt train` writes it; [plugins.edu_dkt] model is the default.",
)
LEVEL = Parameter(
    "mastery_level", "float", "Probability from which on a skill counts as mastered.", 0.8
)

_HISTORY = (
    "a prediction needs the whole history of a student; rows chosen by this column would cut it"
)
_REFUSES = {each.name: _HISTORY for each in INTERACTIONS.columns if each.name != "student_id"}


def _calculated(measure_named: str) -> Calculator:
    """A calculator that loads the model, checks the rows and applies one measure."""

    def calculate(inputs: Inputs) -> Estimate:
        return _estimate(inputs, measure_named)

    return Calculator(
        calculate,
        (FrameInput("interactions", INTERACTIONS, _READ, optional=_OPTIONAL),),
        relation=INTERACTIONS,
        reads=_model_files,
        units="interactions",
    )


def _folder(parameters: Mapping[str, Any], settings: Any) -> str | None:
    named: str | None = parameters.get("model") or getattr(settings, "model", None)
    return named


def _model_files(parameters: Mapping[str, Any], settings: Any) -> tuple[Path, ...]:
    """The folder of the model: training it again ends what a cache holds."""
    folder = _folder(parameters, settings)
    return () if folder is None else (Path(folder),)


def _measures(inputs: Inputs) -> dict[str, Callable[..., Any]]:
    from kpisdk_edu_dkt.dkt.kpi_values import gain_over_counts, metric, share_at_mastery

    level = inputs.parameters.get("mastery_level", LEVEL.default)
    return {
        "auc": metric("auc"),
        "accuracy": metric("accuracy"),
        "ece": metric("ece"),
        "gain": gain_over_counts,
        "mastery": lambda model, rows, unit: share_at_mastery(model, rows, level, unit),
    }


def _estimate(inputs: Inputs, measure_named: str) -> Estimate:
    from kpisdk_edu_dkt.dkt.artefact.storing import load
    from kpisdk_edu_dkt.dkt.data.reading import from_frame
    from kpisdk_edu_dkt.dkt.errors import ColumnsMismatchError

    folder = _folder(inputs.parameters, inputs.settings)
    if not folder:
        message = (
            "No model is named. Give --param model=FOLDER, or set model in [plugins.edu_dkt] of "
            "kpisdk.toml; `kpisdk dkt train` makes one."
        )
        return Estimate.absent(Reason.MISSING_PARAMETER, message)
    frame = inputs.frames["interactions"]
    absent = [name for name in _IDS if name not in frame.columns]
    if absent:
        message = f"Table 'interactions' has no column {' and no column '.join(absent)}."
        return Estimate.absent(Reason.MISSING_COLUMN, message)
    model = load(Path(folder))
    rows = from_frame(frame, source="interactions")
    try:
        found = _measures(inputs)[measure_named](model, rows, _units(inputs))
    except ColumnsMismatchError as error:
        return Estimate.absent(Reason.MISSING_COLUMN, error.message)
    score, details = found.score, found.details
    facts: dict[str, Any] = {
        "n": score.n,
        "numerator": found.numerator,
        "denominator": found.denominator,
        "details": details,
        "warnings": _notes(details),
    }
    if score.value is None:
        reason = Reason(score.reason)
        return Estimate.absent(reason, _ABSENT[reason], **facts)
    if score.low is None or score.high is None:
        known = score.interval_reason
        why = None if known is None else IntervalReason(known)
        return Estimate.of(score.value, interval_reason=why, **facts)
    drawn = {None: "rows", UNIT: "students"}.get(inputs.sampling.unit, "units")
    method = f"bootstrap over {drawn} ({score.method})"
    interval = Interval(score.low, score.high, 0.95, method)
    return Estimate.of(score.value, interval=interval, **facts)


def _units(inputs: Inputs) -> Any:
    """The unit of each row; ``None`` for students, whom the rows name themselves."""
    return None if inputs.sampling.unit == UNIT else inputs.units("interactions")


_ABSENT = {
    Reason.NO_ROWS: "There is no answer to be predicted in this slice.",
    Reason.ONE_CLASS: "All answers are right, or all are wrong: the AUC is not defined.",
}


def _notes(details: dict[str, Any]) -> tuple[Note, ...]:
    from kpisdk_edu_dkt.dkt.evaluation.knowledge import CHANCE

    fitted = "student ids are among those that the model was fitted on; it looks too good on them"
    sentences = (
        ("learned_students", fitted),
        ("repeats", "rows repeat an answer under another skill; each answer is scored once"),
        ("unscored", "answers have no prediction, as the model has no start step"),
        ("unknown_skills", "answers are on skills that the model does not know"),
        ("unknown_phases", "answers are in phases that the model does not know"),
    )
    counted = (Note(name, f"{details[name]} {text}.") for name, text in sentences if details[name])
    given = "tells the answer of its own row, as if it had been written after the answer"
    leaks = (Note("given_away", f"Column {name} {given}.") for name in details["given_away"])
    if details.get("beyond_chance", True):
        return (*counted, *leaks)
    return (*counted, *leaks, Note("not_beyond_chance", f"{CHANCE[0].upper()}{CHANCE[1:]}."))


def _kpi(number: str, name: str, measure: str, **facts: Any) -> Kpi:
    kpi_id = f"EDU-DKT-{number}"
    return Kpi(
        id=kpi_id,
        name=name,
        workstream="edu_dkt",
        calculation=_calculated(measure),
        unit=facts.pop("unit", Unit.SCORE),
        sampling=sample(UNIT),
        frequency=Frequency.ON_DEMAND,
        parameters=(MODEL, *facts.pop("parameters", ())),
        refuses=_REFUSES,
        translations={"fr": FRENCH[kpi_id]},
        **facts,
    )


KPIS: tuple[Kpi, ...] = (
    _kpi(
        "001",
        "Next-step AUC",
        "auc",
        definition=(
            "How well the knowledge tracer tells right answers from wrong ones before they are "
            "given, each from the answers before it."
        ),
        calculation_type="direct",
        formula="P(p of a right answer > p of a wrong one) + P(equal) / 2, over all answers",
        target=0.75,
        warning=0.70,
        critical=0.60,
        governance=Governance(
            objective="Predictions that an adaptive course can rely on.",
            granularity="answer",
            source="interactions",
            gaming_risk="Repeated rows of one answer, or students that the model learned from.",
            controls="Repeats are scored once; learned students are counted and reported.",
        ),
    ),
    _kpi(
        "002",
        "Next-step accuracy",
        "accuracy",
        definition="Share of answers that the knowledge tracer foresees with a cut at one half.",
        calculation_type="derived",
        formula="answers with (p >= 0.5) equal to the outcome / answers",
        unit=Unit.RATIO,
        target=0.75,
        warning=0.65,
        critical=0.55,
        governance=Governance(
            objective="Predictions that an adaptive course can rely on.",
            granularity="answer",
            source="interactions",
            gaming_risk="A class that is nearly always right makes any model accurate.",
            controls="Read beside the AUC and the base rate.",
        ),
    ),
    _kpi(
        "003",
        "Next-step calibration error",
        "ece",
        definition="How far predicted probabilities are from what comes true, on average.",
        calculation_type="derived",
        formula=(
            "sum over 15 equal-width bins of share of answers x |mean outcome - mean p|, less what "
            "chance adds"
        ),
        direction=Direction.LOWER,
        target=0.05,
        warning=0.10,
        critical=0.20,
        governance=Governance(
            objective="Probabilities that mean what they say.",
            granularity="answer",
            source="interactions",
            gaming_risk="Predicting the base rate for everyone is well calibrated and useless.",
            controls="Read beside the AUC.",
        ),
    ),
    _kpi(
        "004",
        "Share of student-skill pairs mastered",
        "mastery",
        definition=(
            "Share of the skills that students have practised in which their probability of a "
            "right answer to an average item has reached the mastery level."
        ),
        calculation_type="derived",
        formula="practised (student, skill) pairs with mastery >= 0.8 / practised pairs",
        unit=Unit.RATIO,
        parameters=(LEVEL,),
        governance=Governance(
            objective="Students that master what they practise.",
            numerator="practised pairs with mastery at or above the level",
            denominator="practised pairs",
            granularity="student x skill",
            source="interactions",
            gaming_risk="Practising easy skills only; a model whose heads know no skill.",
            controls="Models that fail the permuted-heads check are refused.",
        ),
    ),
    _kpi(
        "005",
        "AUC gain over counts",
        "gain",
        definition=(
            "What the knowledge tracer adds to a logistic regression on past right and wrong "
            "answers, fitted on the same training students."
        ),
        calculation_type="derived",
        formula="AUC of the knowledge tracer - AUC of the logistic regression on counts",
        target=0.0,
        warning=-0.01,
        critical=-0.03,
        governance=Governance(
            objective="A network that earns its cost.",
            granularity="answer",
            source="interactions",
            gaming_risk="A weak baseline.",
            controls="The baseline is fitted by Newton's method to its minimum and shipped.",
        ),
    ),
)
"""The five KPIs, in the order of their ids."""

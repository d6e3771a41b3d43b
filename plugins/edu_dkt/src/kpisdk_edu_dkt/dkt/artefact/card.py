"""The model card: what a model is, what it was trained on, and how good it is, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.evaluation.knowledge import (
    CHANCE,
    LEAST_HEAD_DROP,
    LEAST_RISES,
    is_beyond_chance,
)


def card(model: Model, digest: str) -> str:
    """The text of ``card.md``.

    Args:
        model: The model.
        digest: The sha256 of its weights file.
    """
    parts = (_what(model, digest), _reads(model), _scores(model.metrics))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _what(model: Model, digest: str) -> str:
    size, origin = model.size, model.provenance
    names = (
        "preset",
        "seed",
        "threads",
        "device",
        "best_epoch",
        "split",
        "data_sha256",
        "versions",
    )
    lines = [f"- {name.replace('_', ' ')}: {origin[name]}" for name in names if name in origin]
    facts = "\n".join(lines)
    network = f"{size.cell.upper()}, hidden {size.hidden}, {size.layers} layer(s)"
    return f"""
# Knowledge tracer

- network: {network}, {size.heads} heads; state of a student: {size.state_bytes} bytes
- weights: sha256 `{digest}`
{facts}
"""


def _reads(model: Model) -> str:
    encoder, options = model.encoder, model.encoder.options
    past = ["skill", "answer"] if options.answer else ["skill", "NOT the answer"]
    item = ["skill"]
    if encoder.phases:
        past.append("phase")
        item += ["phase"] if options.query else []
    past += [column.name for column in encoder.inputs]
    item += [column.name for column in encoder.queries]
    if options.counts:
        item.append("past right and wrong answers on the skill")
    policy = "refused"
    if options.unknown == "index":
        policy = "answered by a head of their own, trained on masked skills"
    return f"""
## What it reads

- of past events: {", ".join(past)}
- of the item: {", ".join(item)}
- first answers are {"predicted" if options.start else "NOT predicted"}
- unknown skills and phases are {policy}{_difficulty(model)}{_leaks(model)}
"""


def _difficulty(model: Model) -> str:
    if model.difficulty_timing is None:
        return ""
    held = "in force at the answer"
    if model.difficulty_timing == "after":
        held = (
            "after the change that follows the answer; that of an item is read from the row before"
        )
    return f"\n- `difficulty` of the training data is the one {held}"


def _leaks(model: Model) -> str:
    warnings = model.provenance.get("given_away") or []
    return "".join(f"\n- WARNING: {sentence}" for sentence in warnings)


def _scores(metrics: Mapping[str, Any]) -> str:
    if not metrics:
        return "## How good it is\n\nIt was never judged."
    rows = [_row("**this model**", metrics["model"])]
    rows += [_row(name.replace("_", " "), value) for name, value in metrics["baselines"].items()]
    table = "\n".join(rows)
    knowledge = {name: _shown(value) for name, value in metrics["knowledge"].items()}
    word = "Outputs may be called mastery."
    if not metrics["outputs_are_mastery"]:
        word = (
            f"Outputs may NOT be called mastery (a drop of {LEAST_HEAD_DROP} and a share of "
            f"{LEAST_RISES} that rises are needed)."
        )
    elif not is_beyond_chance(metrics["model"]["auc"]["low"]):
        word += f"\n- WARNING: {CHANCE}."
    repeats = "without problem ids nobody can know how many of them repeat an answer"
    if metrics["repeats"] is not None:
        repeats = f"{metrics['repeats']} of them repeats, scored once"
    return f"""
## How good it is

On {metrics["events"]} answers of {metrics["students"]} students that it did not learn from
({metrics["rows"]} rows; {repeats}).

| | AUC | accuracy | log loss | RMSE | ECE |
| --- | --- | --- | --- | --- | --- |
{table}

## Does it trace knowledge?

- AUC lost when the heads are permuted: {knowledge["heads_permuted_drop"]}
- move after a right answer: {knowledge["move_after_right"]},
  upward in a share of {knowledge["rises_after_right"]}
- move after a wrong answer: {knowledge["move_after_wrong"]},
  downward in a share of {knowledge["falls_after_wrong"]}
- {word}
"""


def _row(name: str, scores: Mapping[str, Any]) -> str:
    order = ("auc", "accuracy", "log_loss", "rmse", "ece")
    return "| " + " | ".join([name, *(_shown(scores[key]["value"]) for key in order)]) + " |"


def _shown(value: Any) -> str:
    if value is None:
        return "undefined"
    return f"{value:.4f}" if isinstance(value, float) else str(value)

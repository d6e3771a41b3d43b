"""``kpisdk causal estimate``: the average effect of a treatment."""

from __future__ import annotations

from typing import Any

import click

from kpisdk_causal.commands.options import data_options, effect_of, effect_options, rule_options

REFUTERS = ("placebo", "random_common_cause", "subset", "sensitivity")


@click.command()
@data_options
@effect_options
@click.option(
    "--target-units",
    type=click.Choice(["ate", "att", "atc"]),
    default="ate",
    show_default=True,
    help="Whose effect: everybody's, the treated's, the controls'.",
)
@click.option(
    "--treatment-kind",
    type=click.Choice(["auto", "binary", "arms", "continuous"]),
    default="auto",
    show_default=True,
    help="How to read the treatment's levels.",
)
@click.option(
    "--refute", multiple=True, type=click.Choice(REFUTERS), help="Try to refute it; repeatable."
)
@click.option("--no-cross-check", is_flag=True, help="Do not ask DoWhy.")
@rule_options
def estimate(source: str | None, dataset: str | None, **options: Any) -> None:
    """Average effect of a treatment on an outcome (CM-001)."""
    from kpisdk_causal.commands.output import bar, show
    from kpisdk_causal.commands.source_table import read_frame
    from kpisdk_causal.effects.average_effect import estimate_effect
    from kpisdk_causal.estimators.installed import installed_router
    from kpisdk_causal.kpi.question_builder import effect_columns, further_columns
    from kpisdk_causal.questions.question import EffectQuestion

    question = EffectQuestion(
        target_units=options["target_units"],
        treatment_kind=options["treatment_kind"],
        **effect_of(options),
    )
    frame = read_frame(source, dataset, effect_columns(question), further_columns(question))
    show(estimate_effect(frame, question, installed_router(), bar), options)

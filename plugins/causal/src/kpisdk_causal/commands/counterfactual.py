"""``kpisdk causal counterfactual``: one patient under the other treatment."""

from __future__ import annotations

from typing import Any

import click

from kpisdk_causal.commands.options import data_options, effect_of, effect_options, rule_options


@click.command()
@data_options
@effect_options
@click.option("--id-column", required=True, metavar="COLUMN", help="Column naming the patient.")
@click.option("--id", "patient", required=True, metavar="ID", help="The patient.")
@rule_options
def counterfactual(
    source: str | None, dataset: str | None, id_column: str, patient: str, **options: Any
) -> None:
    """Outcome of one patient under the other treatment (CM-004)."""
    from kpisdk_causal.commands.output import show
    from kpisdk_causal.commands.source_table import read_frame
    from kpisdk_causal.effects.counterfactual import estimate_counterfactual
    from kpisdk_causal.kpi.question_builder import effect_columns, further_columns
    from kpisdk_causal.questions.question import CounterfactualQuestion, EffectQuestion

    effect = EffectQuestion(**effect_of(options))
    question = CounterfactualQuestion(id_column=id_column, id=patient, effect=effect)
    frame = read_frame(
        source, dataset, (id_column, *effect_columns(effect)), further_columns(effect)
    )
    show(estimate_counterfactual(frame, question), options)

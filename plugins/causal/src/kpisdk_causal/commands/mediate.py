"""``kpisdk causal mediate``: how much of an effect runs through mediators."""

from __future__ import annotations

from typing import Any

import click

from kpisdk_causal.commands.options import (
    columns_option,
    data_options,
    effect_of,
    effect_options,
    rule_options,
)


@click.command()
@data_options
@effect_options
@columns_option("--mediators", text="Columns that the effect may run through.")
@click.option("--interaction", is_flag=True, help="Their effect may differ between the arms.")
@rule_options
def mediate(
    source: str | None,
    dataset: str | None,
    mediators: tuple[str, ...],
    *,
    interaction: bool,
    **options: Any,
) -> None:
    """Share of an effect that runs through mediators (CM-005)."""
    from kpisdk_causal.commands.output import show
    from kpisdk_causal.commands.source_table import read_frame
    from kpisdk_causal.kpi.question_builder import further_columns, mediation_columns
    from kpisdk_causal.mediation.mediation_effect import estimate_mediation
    from kpisdk_causal.questions.question import MediationQuestion

    question = MediationQuestion(mediators=mediators, interaction=interaction, **effect_of(options))
    frame = read_frame(source, dataset, mediation_columns(question), further_columns(question))
    show(estimate_mediation(frame, question), options)

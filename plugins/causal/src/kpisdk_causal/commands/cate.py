"""``kpisdk causal cate``: the effect in each segment."""

from __future__ import annotations

from typing import Any

import click

from kpisdk_causal.commands.options import data_options, effect_of, effect_options, rule_options


@click.command()
@data_options
@effect_options
@click.option("--segment", required=True, metavar="COLUMN", help="Its levels get effects.")
@click.option("--only", metavar="LEVEL", help="The segment whose effect is the value.")
@rule_options
def cate(
    source: str | None, dataset: str | None, segment: str, only: str | None, **options: Any
) -> None:
    """Effect of a treatment in each segment (CM-002)."""
    from kpisdk_causal.commands.output import show
    from kpisdk_causal.commands.source_table import read_frame
    from kpisdk_causal.effects.segments import estimate_segments
    from kpisdk_causal.estimators.installed import installed_router
    from kpisdk_causal.kpi.question_builder import effect_columns, further_columns
    from kpisdk_causal.questions.question import EffectQuestion

    question = EffectQuestion(segment=segment, **effect_of(options))
    frame = read_frame(source, dataset, effect_columns(question), further_columns(question))
    show(estimate_segments(frame, question, installed_router(), only), options)

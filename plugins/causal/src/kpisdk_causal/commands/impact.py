"""``kpisdk causal impact``: what an intervention changed."""

from __future__ import annotations

from typing import Any

import click

from kpisdk_causal.commands.options import (
    FILE,
    columns_option,
    data_options,
    drawn,
    rule_options,
    rules,
)


@click.command()
@data_options
@click.option(
    "--design",
    type=click.Choice(["time_series", "panel", "paths"]),
    default="time_series",
    show_default=True,
    help="A series over time, a panel of units, or paths of a graph.",
)
@click.option("--outcome", required=True, metavar="COLUMN", help="Response; node of a graph.")
@click.option("--treatment", metavar="NODE", help="Paths: where they begin.")
@click.option("--graph", type=FILE, help="Paths: GML or DOT; with coefficients it needs no rows.")
@click.option("--time", metavar="COLUMN", help="Column of the period.")
@click.option("--intervention", metavar="PERIOD", help="First period after the intervention.")
@columns_option("--controls", text="Series that the intervention did not touch.")
@click.option("--seasons", type=int, metavar="ROWS", help="Rows per season.")
@click.option("--unit", metavar="COLUMN", help="Panel: column of the unit.")
@columns_option("--treated", text="Panel: the treated units.")
@rule_options
def impact(source: str | None, dataset: str | None, **options: Any) -> None:
    """Effect of an intervention over time, on a panel or along paths (CM-003)."""
    from kpisdk_causal.commands.output import show
    from kpisdk_causal.commands.source_table import read_frame
    from kpisdk_causal.estimators.installed import installed_router
    from kpisdk_causal.impact.by_design import estimate_impact
    from kpisdk_causal.impact.paths import estimate_paths
    from kpisdk_causal.kpi.question_builder import further_columns, impact_columns, impact_question
    from kpisdk_causal.kpi.raw_rows import Named
    from kpisdk_causal.questions.question import PathQuestion

    named = Named(
        {
            **options,
            "graph": drawn(options["graph"]),
            "intervention_date": options["intervention"],
            "time_column": options["time"],
            "unit_column": options["unit"],
            "treated_units": options["treated"],
            "confidence_level": options["level"],
        }
    )
    question = impact_question(named, rules(options))
    if isinstance(question, PathQuestion) and source is None and dataset is None:
        return show(estimate_paths(question), options)
    frame = read_frame(source, dataset, impact_columns(question), further_columns(question))
    return show(estimate_impact(frame, question, installed_router()), options)

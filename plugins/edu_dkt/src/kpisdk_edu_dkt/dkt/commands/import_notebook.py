"""``kpisdk dkt import-notebook``: the reference notebook's files as a model folder."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk_edu_dkt.dkt.commands.shared import PATH, examples, note


@click.command(
    "import-notebook",
    epilog=examples("kpisdk dkt import-notebook dkt_enriched.pt dkt_enriched_encoders.npz model"),
)
@click.argument("weights", type=PATH)
@click.argument("encoders", type=PATH)
@click.argument("model", type=PATH)
@click.option(
    "--difficulty-column",
    type=click.Choice(["difficulty", "next_difficulty"]),
    default="difficulty",
    show_default=True,
    help="Column of the difficulty AFTER the change, which the notebook reads.",
)
def import_notebook(weights: Path, encoders: Path, model: Path, difficulty_column: str) -> None:
    """Read the notebook's WEIGHTS (.pt) and ENCODERS (.npz) safely, and write the folder MODEL."""
    from kpisdk_edu_dkt.dkt.artefact.storing import save
    from kpisdk_edu_dkt.dkt.exchange.notebook_import import import_notebook as read

    digest = save(read(weights, encoders, difficulty=difficulty_column), model)
    note(f"Model written to {model} (weights sha256 {digest[:16]}…)")
    note("It does not read answers and was never judged: its outputs may not be called mastery.")

"""``kpisdk dkt export-onnx``: one step of a model as an ONNX graph."""

from __future__ import annotations

from pathlib import Path

import click

from kpisdk_edu_dkt.dkt.commands.shared import PATH, examples, note


@click.command("export-onnx", epilog=examples("kpisdk dkt export-onnx model model.onnx"))
@click.argument("model", type=PATH)
@click.argument("file", type=PATH)
def export_onnx(model: Path, file: Path) -> None:
    """Write one step of MODEL, with its state carried, to FILE, and check it against the model."""
    from kpisdk_edu_dkt.dkt.artefact.storing import load
    from kpisdk_edu_dkt.dkt.exchange.onnx_export import export_onnx as export

    worst = export(load(model), file)
    note(f"{file} written; it differs from the model by {worst:.1e} at most")

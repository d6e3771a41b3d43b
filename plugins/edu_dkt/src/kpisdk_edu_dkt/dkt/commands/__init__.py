"""``kpisdk dkt``: one file for each command; nothing heavy is imported before a command runs."""

from __future__ import annotations

import click

from kpisdk_edu_dkt.dkt.commands.evaluate import evaluate
from kpisdk_edu_dkt.dkt.commands.export_onnx import export_onnx
from kpisdk_edu_dkt.dkt.commands.import_notebook import import_notebook
from kpisdk_edu_dkt.dkt.commands.mastery import mastery
from kpisdk_edu_dkt.dkt.commands.predict import predict
from kpisdk_edu_dkt.dkt.commands.shared import examples
from kpisdk_edu_dkt.dkt.commands.simulate import simulate
from kpisdk_edu_dkt.dkt.commands.template import template
from kpisdk_edu_dkt.dkt.commands.train import train


@click.group(
    epilog=examples(
        "kpisdk dkt simulate --students 500 --skills 5 --output class.csv",
        "kpisdk dkt train class.csv model",
        "kpisdk dkt evaluate model class.csv",
        "kpisdk dkt mastery model class.csv",
    )
)
def dkt() -> None:
    """Deep Knowledge Tracing: simulate a class, train, judge and serve a model."""


for command in (
    simulate,
    template,
    train,
    evaluate,
    predict,
    mastery,
    export_onnx,
    import_notebook,
):
    dkt.add_command(command)

__all__ = ["dkt"]

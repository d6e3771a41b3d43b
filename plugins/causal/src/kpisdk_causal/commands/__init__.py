"""``kpisdk causal``: one file per command."""

from __future__ import annotations

import click

from kpisdk_causal.commands.cate import cate
from kpisdk_causal.commands.counterfactual import counterfactual
from kpisdk_causal.commands.estimate import estimate
from kpisdk_causal.commands.impact import impact
from kpisdk_causal.commands.mediate import mediate


@click.group()
def causal() -> None:
    """Estimate effects from raw rows, with interval, p-value and diagnostics."""


for command in (estimate, cate, impact, mediate, counterfactual):
    causal.add_command(command)

"""A command that the core has."""

from __future__ import annotations

import click
from defect_base import a_kpi

from kpisdk import hookimpl


@click.command("compute", help="Never called.")
def compute():
    click.echo("nothing")


@hookimpl
def kpisdk_kpis():
    yield a_kpi()


@hookimpl
def kpisdk_commands():
    yield compute

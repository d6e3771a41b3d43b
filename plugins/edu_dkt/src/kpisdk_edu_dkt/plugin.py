"""The hooks of this plugin, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpisdk import Kpi, SourceKind, hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def kpisdk_kpis() -> Iterable[Kpi]:
    """EDU-KX-001 to EDU-KX-006, and those of knowledge tracing."""
    from kpisdk_edu_dkt.dkt import kpis as dkt
    from kpisdk_edu_dkt.koryxa import kpis as koryxa

    yield from koryxa.KPIS
    yield from dkt.KPIS


@hookimpl
def kpisdk_sources() -> Iterable[SourceKind]:
    """``kt:FILE`` and ``koryxa:FILE``."""
    from kpisdk_edu_dkt.dkt.data.file_source import ANSWERS
    from kpisdk_edu_dkt.koryxa.file_source import EVENTS

    yield ANSWERS
    yield EVENTS


@hookimpl
def kpisdk_settings() -> type:
    """What ``[plugins.edu_dkt]`` of the settings may say."""
    from kpisdk_edu_dkt.dkt.settings import DktSettings

    return DktSettings


@hookimpl
def kpisdk_commands() -> Iterable[click.Command]:
    """``kpisdk koryxa`` and ``kpisdk dkt``."""
    from kpisdk_edu_dkt.dkt.commands import dkt
    from kpisdk_edu_dkt.koryxa.commands import koryxa

    yield koryxa
    yield dkt

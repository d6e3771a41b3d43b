"""A kind of source that fails on what is no text."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import SourceKind, hookimpl


def opened(location, options):
    raise NotImplementedError


@hookimpl
def kpisdk_kpis():
    yield a_kpi()


@hookimpl
def kpisdk_sources():
    yield SourceKind("fragile", lambda location: location.startswith("fragile:"), opened)

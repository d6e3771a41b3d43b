"""A hook that yields a name instead of a record."""

from __future__ import annotations

from kpisdk import hookimpl


@hookimpl
def kpisdk_kpis():
    yield "DEF-001"

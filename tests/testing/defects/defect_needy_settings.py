"""Settings that everybody would have to write."""

from __future__ import annotations

import attrs
from defect_base import a_kpi

from kpisdk import hookimpl


@attrs.frozen
class Settings:
    """A field without a default."""

    server: str


@hookimpl
def kpisdk_kpis():
    yield a_kpi()


@hookimpl
def kpisdk_settings():
    return Settings

"""A text that hangs on the order of a set."""

from __future__ import annotations

from defect_base import a_kpi

from kpisdk import hookimpl

WORDS = {f"word {number}" for number in range(20)}


@hookimpl
def kpisdk_kpis():
    yield a_kpi(definition=" ".join(WORDS))

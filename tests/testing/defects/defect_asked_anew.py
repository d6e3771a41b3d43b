"""Another definition every time."""

from __future__ import annotations

import itertools

from defect_base import a_kpi

from kpisdk import hookimpl

TIMES = itertools.count(1)


@hookimpl
def kpisdk_kpis():
    yield a_kpi(version=str(next(TIMES)))

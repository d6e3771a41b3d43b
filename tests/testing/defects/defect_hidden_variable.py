"""A calculator that reads a variable of the environment which it does not name."""

from __future__ import annotations

import os

from defect_base import a_kpi, mean_of, of_rows

from kpisdk import hookimpl


def weighted(inputs):
    weight = float(os.getenv("DEFECT_WEIGHT", "1"))
    return mean_of(inputs.frames["visits"]["units"].dropna() * weight)


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_rows(weighted))

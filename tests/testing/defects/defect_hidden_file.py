"""A calculator that reads a file which it does not name."""

from __future__ import annotations

from pathlib import Path

from defect_base import a_kpi, mean_of, of_rows

from kpisdk import hookimpl

FILE = Path(__file__).with_name("weights.txt")


def weighted(inputs):
    with FILE.open(encoding="utf-8") as file:
        weight = float(file.read())
    return mean_of(inputs.frames["visits"]["units"].dropna() * weight)


@hookimpl
def kpisdk_kpis():
    yield a_kpi(of_rows(weighted))

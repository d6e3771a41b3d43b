"""A calculator that takes the size of its file for what the file holds."""

from __future__ import annotations

from pathlib import Path

import attrs
from defect_base import a_kpi, mean_of, of_rows

from kpisdk import hookimpl

FILE = Path(__file__).with_name("weights.txt")


def weighted(inputs):
    weight = float(FILE.read_text(encoding="utf-8"))
    return mean_of(inputs.frames["visits"]["units"].dropna() * weight)


def size(_parameters, _settings):
    return str(FILE.stat().st_size)


@hookimpl
def kpisdk_kpis():
    yield a_kpi(attrs.evolve(of_rows(weighted), state=size))

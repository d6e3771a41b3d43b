"""A calculator that names its file, and keeps what it read there at first."""

from __future__ import annotations

import functools
from pathlib import Path

import attrs
from defect_base import a_kpi, mean_of, of_rows

from kpisdk import hookimpl

FILE = Path(__file__).with_name("weights.txt")


@functools.cache
def weight():
    return float(FILE.read_text(encoding="utf-8"))


def weighted(inputs):
    return mean_of(inputs.frames["visits"]["units"].dropna() * weight())


def named(_parameters, _settings):
    return [FILE]


@hookimpl
def kpisdk_kpis():
    yield a_kpi(attrs.evolve(of_rows(weighted), reads=named))

"""A number that refers to a text."""

from __future__ import annotations

import attrs
from defect_base import PEOPLE, VISITS, Ratio, a_kpi, count

from kpisdk import Reference, hookimpl

LINKED = attrs.evolve(VISITS, references=(Reference("units", PEOPLE),))


@hookimpl
def kpisdk_kpis():
    yield a_kpi(
        Ratio(count(LINKED, LINKED["done"].is_true()), count(LINKED, LINKED["done"].not_null()))
    )

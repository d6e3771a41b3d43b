"""A calculator that answers for the whole, whatever the slice."""

from __future__ import annotations

from defect_base import VISITS, Calculator, FrameInput, a_kpi, mean_of

from kpisdk import hookimpl


def spent(inputs):
    return mean_of(inputs.frames["all"]["amount"].astype(float).dropna())


CALCULATION = Calculator(
    spent,
    (
        FrameInput("all", VISITS, ("amount",), sliced=False),
        FrameInput("some", VISITS, ("visit_id",)),
    ),
    relation=VISITS,
)


@hookimpl
def kpisdk_kpis():
    yield a_kpi(CALCULATION)

"""pandas at the top of the module."""

from __future__ import annotations

import pandas as pd
from defect_base import a_kpi

from kpisdk import hookimpl

FRAME = pd.DataFrame


@hookimpl
def kpisdk_kpis():
    yield a_kpi()

"""WS1: nine KPIs of data quality and nine of model performance."""

from kpisdk_ws1_quality.psi import psi as psi

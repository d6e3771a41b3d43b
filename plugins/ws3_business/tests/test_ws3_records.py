"""What the plugin declares: ten KPIs, their thresholds, and a dictionary without gaps."""

from __future__ import annotations

import sys

import attrs
import pytest

from kpisdk import Kpi
from kpisdk_ws3_business import plugin

KPIS = {kpi.id: kpi for kpi in plugin.kpisdk_kpis()}
THRESHOLDS = {
    "WS3-BI-001": (2000, 1500, 1000),
    "WS3-BI-002": (1200, 900, 600),
    "WS3-BI-003": (0.40, 0.30, 0.20),
    "WS3-BI-004": (0.75, 0.60, 0.45),
    "WS3-BI-005": (None, None, None),
    "WS3-BI-006": (None, None, None),
    "WS3-BI-007": (None, None, None),
    "WS3-BI-008": (0.30, 0.20, 0.10),
    "WS3-BI-009": (0.08, 0.05, 0.02),
    "WS3-BI-010": (3.0, 2.0, 1.0),
}


def test_ten_kpis_with_the_thresholds_of_the_specification():
    """Ids, directions and bounds are those of the list of KPIs."""
    assert {kpi.id: (kpi.target, kpi.warning, kpi.critical) for kpi in KPIS.values()} == THRESHOLDS
    assert {kpi.workstream for kpi in KPIS.values()} == {"ws3_business"}
    assert {kpi.direction.value for kpi in KPIS.values()} == {"higher"}


@pytest.mark.parametrize("kpi", KPIS.values(), ids=KPIS)
def test_the_dictionary_has_no_gaps(kpi: Kpi):
    """Every governance field is filled; only a ratio has a denominator, a guardrail is optional."""
    optional = {
        "guardrail",
        *([] if kpi.unit.value in ("ratio", "multiplier") else ["denominator"]),
    }
    filled = attrs.asdict(kpi.governance)
    assert [name for name, text in filled.items() if not text and name not in optional] == []


def test_slugs_are_unique():
    """The dictionary's rows are told apart by their slug."""
    assert len({kpi.slug for kpi in KPIS.values()}) == 10


def test_declaring_the_kpis_imports_nothing_heavy():
    """Listing KPIs must not wait for SQLAlchemy, DuckDB or pandas."""
    import subprocess

    code = (
        "import sys; from kpisdk_ws3_business import plugin; list(plugin.kpisdk_kpis()); "
        "print([name for name in ('sqlalchemy', 'duckdb', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

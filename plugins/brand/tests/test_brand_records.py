"""What the plugin declares: five KPIs, their thresholds, and a dictionary without gaps."""

from __future__ import annotations

import sys

import attrs
import pytest

from kpisdk import Kpi
from kpisdk_brand import plugin

KPIS = {kpi.id: kpi for kpi in plugin.kpisdk_kpis()}
THRESHOLDS = {
    "BR-001": ("Remibrutinib", "lower", 0.40, 0.50, 0.60),
    "BR-002": ("Remibrutinib", "higher", 0.5, 0.3, 0.0),
    "BR-003": ("Fabhalta", "higher", 0.60, 0.45, 0.30),
    "BR-004": ("Kisqali", "lower", 30, 45, 60),
    "BR-005": ("Kisqali", "higher", 0.70, 0.55, 0.40),
}


def test_five_kpis_with_the_thresholds_of_the_specification():
    """Ids, brands, directions and bounds are those of the list of KPIs."""
    assert {
        kpi.id: (kpi.brand, kpi.direction.value, kpi.target, kpi.warning, kpi.critical)
        for kpi in KPIS.values()
    } == THRESHOLDS
    assert {kpi.workstream for kpi in KPIS.values()} == {"brand"}


@pytest.mark.parametrize("kpi", KPIS.values(), ids=KPIS)
def test_the_dictionary_has_no_gaps(kpi: Kpi):
    """Every governance field is filled; only a ratio has a denominator, a guardrail is optional."""
    optional = {"guardrail", *([] if kpi.unit.value == "ratio" else ["denominator"])}
    filled = attrs.asdict(kpi.governance)
    assert [name for name, text in filled.items() if not text and name not in optional] == []


def test_a_table_that_is_joined_to_itself_is_declared_whole():
    """Surveys are read twice, by eight columns and by four: the contract holds all eight."""
    (surveys,) = KPIS["BR-002"].datasets

    assert len(surveys.columns) == 8
    assert surveys.time == "survey_date"


def test_slugs_are_unique():
    """The dictionary's rows are told apart by their slug."""
    assert len({kpi.slug for kpi in KPIS.values()}) == 5


def test_declaring_the_kpis_imports_nothing_heavy():
    """Listing KPIs must not wait for SQLAlchemy, DuckDB or pandas."""
    import subprocess

    code = (
        "import sys; from kpisdk_brand import plugin; list(plugin.kpisdk_kpis()); "
        "print([name for name in ('sqlalchemy', 'duckdb', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

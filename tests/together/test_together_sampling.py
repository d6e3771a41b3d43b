"""Every KPI says what it is a sample of: all 57 records beside a table that was written by hand."""

from __future__ import annotations

import pytest

from kpisdk import Kpi, Workspace
from kpisdk.contracts.calculators import options_of

CENSUS, STORED = "census", "stored"
BY_PATIENT, BY_HCP = "sample by patient_id", "sample by hcp_id"
BY_GROUP, BY_ROW = "sample by iaa_group_id", "sample by row"
BY_USER, BY_STUDENT = "sample by user_id", "sample by student_id"
OF_MODEL = {"stored": STORED, "computed": BY_PATIENT, "mlflow": STORED}
"""A model's figure: where somebody stored or tracked it, nobody knows how sure it is."""

TABLE = {
    "WS1-DQ-001": CENSUS,
    "WS1-DQ-002": CENSUS,
    "WS1-DQ-003": STORED,
    "WS1-DQ-004": STORED,
    "WS1-DQ-005": BY_PATIENT,
    "WS1-DQ-006": CENSUS,
    "WS1-DQ-007": "sample by day of ingestion_timestamp",
    "WS1-DQ-008": BY_GROUP,
    "WS1-DQ-009": "sample by day of run_completed_at",
    "WS1-MP-001": OF_MODEL,
    "WS1-MP-002": OF_MODEL,
    "WS1-MP-003": OF_MODEL,
    "WS1-MP-004": OF_MODEL,
    "WS1-MP-005": OF_MODEL,
    "WS1-MP-006": OF_MODEL,
    "WS1-MP-007": BY_PATIENT,
    "WS1-MP-008": OF_MODEL,
    "WS1-MP-009": OF_MODEL,
    "WS2-TR-001": BY_PATIENT,
    "WS2-TR-002": BY_PATIENT,
    "WS2-TR-003": BY_HCP,
    "WS2-TR-004": BY_HCP,
    "WS2-TR-005": BY_HCP,
    "WS2-TR-006": BY_HCP,
    "WS2-TR-007": BY_PATIENT,
    "WS2-TR-008": BY_HCP,
    "WS3-BI-001": CENSUS,
    "WS3-BI-002": CENSUS,
    "WS3-BI-003": BY_PATIENT,
    "WS3-BI-004": CENSUS,
    "WS3-BI-005": CENSUS,
    "WS3-BI-006": CENSUS,
    "WS3-BI-007": CENSUS,
    "WS3-BI-008": BY_PATIENT,
    "WS3-BI-009": BY_PATIENT,
    "WS3-BI-010": STORED,
    "BR-001": BY_PATIENT,
    "BR-002": BY_HCP,
    "BR-003": BY_PATIENT,
    "BR-004": BY_PATIENT,
    "BR-005": BY_HCP,
    "CM-001": BY_ROW,
    "CM-002": BY_ROW,
    "CM-003": BY_ROW,
    "CM-004": BY_ROW,
    "CM-005": BY_ROW,
    "EDU-KX-001": BY_USER,
    "EDU-KX-002": BY_USER,
    "EDU-KX-003": BY_USER,
    "EDU-KX-004": BY_USER,
    "EDU-KX-005": BY_USER,
    "EDU-KX-006": BY_USER,
    "EDU-DKT-001": BY_STUDENT,
    "EDU-DKT-002": BY_STUDENT,
    "EDU-DKT-003": BY_STUDENT,
    "EDU-DKT-004": BY_STUDENT,
    "EDU-DKT-005": BY_STUDENT,
}
"""What each KPI is a sample of, by option where a KPI has several that differ."""


def kpis() -> dict[str, Kpi]:
    """The records that the installed plugins bring."""
    return dict(Workspace(cache="off").registry.kpis)


def declared(kpi: Kpi) -> str | dict[str, str]:
    """What a record says of each of its options; one text where they are alike."""
    found = {each.name: str(kpi.sampling_of(each)) for each in options_of(kpi.calculation)}
    return found if len(set(found.values())) > 1 else next(iter(found.values()))


def test_the_table_has_every_kpi():
    """46 commercial KPIs and 11 of education, none beside them."""
    assert len(TABLE) == 57
    assert set(kpis()) == set(TABLE)


@pytest.mark.parametrize("kpi_id", TABLE)
def test_a_kpi_declares_what_it_is_a_sample_of(kpi_id):
    """The record says so itself: what nobody declared is a sample of rows by default."""
    kpi = kpis()[kpi_id]

    assert kpi.sampling.is_declared
    assert declared(kpi) == TABLE[kpi_id]

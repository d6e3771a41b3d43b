"""What a KPI is a sample of: the record, its faults, and where an option has its own."""

from __future__ import annotations

import attrs
import pytest

from kpisdk import (
    CENSUS,
    STORED,
    Column,
    Dataset,
    DefinitionError,
    FirstOf,
    Kpi,
    Option,
    Ratio,
    Reference,
    Sampling,
    SamplingKind,
    count,
    sample,
    sample_by_day,
)

PATIENTS = Dataset("patients", (Column("patient_id", "text", key=True), Column("clinic", "text")))
VISITS = Dataset(
    "visits",
    (
        Column("visit_id", "text", key=True),
        Column("patient_id", "text"),
        Column("came", "bool"),
        Column("happened", "timestamp"),
    ),
    references=(Reference("patient_id", PATIENTS),),
)
SHOWN_UP = Ratio(count(VISITS, VISITS["came"]), count(VISITS))


def kpi(**fields) -> Kpi:
    """A share of visits, with whatever the test is about."""
    stated = {
        "id": "CL-001",
        "name": "Shown up",
        "workstream": "clinic",
        "definition": "Visits that were kept.",
        "formula": "kept / booked",
        "calculation": SHOWN_UP,
        "unit": "ratio",
    }
    return Kpi(**{**stated, **fields})


def test_a_record_that_says_nothing_is_a_sample_of_rows_and_is_known_to_have_said_nothing():
    """The default is an answer like another; a check of plugins asks for a choice all the same."""
    silent = kpi().sampling

    assert silent == sample()
    assert str(silent) == "sample by row"
    assert not silent.is_declared
    assert sample().is_declared


@pytest.mark.parametrize(
    ("sampling", "words"),
    [
        (sample("patient_id"), "sample by patient_id"),
        (sample("row"), "sample by row"),
        (sample_by_day("happened"), "sample by day of happened"),
        (CENSUS, "census"),
        (STORED, "stored"),
    ],
)
def test_a_sampling_says_in_words_what_it_is(sampling, words):
    """``kpisdk show`` prints it."""
    assert str(kpi(sampling=sampling).sampling) == words


def test_a_unit_may_be_a_column_of_a_table_that_is_referred_to():
    """A clinic's visits are alike, and the clinic stands with the patient."""
    assert kpi(sampling=sample("clinic")).sampling.unit == "clinic"


def test_an_option_has_its_own_sampling_where_it_says_so():
    """A figure that is stored has no interval, and the same figure computed has one."""
    stored = Option("stored", SHOWN_UP, sampling=STORED)
    computed = Option("computed", SHOWN_UP)

    both = kpi(calculation=FirstOf((stored, computed)), sampling=sample("patient_id"))

    assert both.sampling_of(stored) == STORED
    assert both.sampling_of(computed) == sample("patient_id")


@pytest.mark.parametrize(
    ("sampling", "fault"),
    [
        (sample("doctor"), "sampling: 'doctor' is not a column of visits; known are patient_id"),
        (sample("patint_id"), "is not a column of visits; did you mean 'patient_id'"),
        (sample_by_day("came"), "sampling: 'came' is bool, and has no day; name a date"),
    ],
)
def test_a_unit_that_the_rows_do_not_have_is_refused(sampling, fault):
    """The record names the column and the tables in which it was looked for."""
    with pytest.raises(DefinitionError, match=fault):
        kpi(sampling=sampling)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"kind": "sample", "unit": "Patient ID"}, "unit: 'Patient ID' is not a column name"),
        ({"kind": "census", "unit": "patient_id"}, "unit: belongs to a sample, and this is census"),
        ({"kind": "sample", "by_day": True}, "by_day: needs the column whose day is meant"),
    ],
)
def test_a_sampling_cannot_be_wrong(fields, fault):
    """Each fault is named by its field."""
    with pytest.raises(DefinitionError, match=fault):
        Sampling(**fields)


def test_only_a_sample_leaves_something_to_estimate():
    """A census is exact, and of a stored figure nothing more is known."""
    kinds = {sampling.kind: sampling.is_sample for sampling in (sample(), CENSUS, STORED)}

    assert kinds == {
        SamplingKind.SAMPLE: True,
        SamplingKind.CENSUS: False,
        SamplingKind.STORED: False,
    }
    assert attrs.evolve(sample(), unit="patient_id") == sample("patient_id")

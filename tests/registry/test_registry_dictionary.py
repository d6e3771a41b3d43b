"""The KPI dictionary: fifteen fields for every KPI, checked as a whole."""

import pytest

from kpisdk.contracts.calculators import FirstOf, Option
from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.kpis import Governance, Guardrail
from kpisdk.contracts.measures import count
from kpisdk.contracts.metrics import Ratio
from kpisdk.contracts.plain_metrics import Simple
from kpisdk.registry.kpi_dictionary import (
    FIELDS,
    DictionaryError,
    dictionary_of,
    dictionary_row,
    is_written_in,
)
from kpisdk.registry.languages import UnknownLanguageError

EVENTS = Dataset("events", (Column("event_id", "text", key=True), Column("at", "timestamp")), "at")


@pytest.fixture
def completion(make_kpi):
    """A KPI with everything a dictionary asks for, in English and French."""
    return make_kpi(
        "EDU-1",
        slug="completion_rate",
        unit="ratio",
        frequency="weekly",
        guardrails=(Guardrail("EDU-2"),),
        governance=Governance(
            objective="More completions",
            numerator="validated_users",
            denominator="enrolled_users",
            granularity="cohort",
            segment="new users",
            owner="School",
            gaming_risk="without learning",
            controls="quiz",
        ),
        translations={"fr": {"definition": "part des inscrits", "unit": "%", "refresh": "hebdo"}},
    )


@pytest.fixture
def tickets(make_kpi):
    """A KPI with nothing but what a record must have."""
    return make_kpi("EDU-2", slug="support_ticket_rate")


def test_what_a_quotient_is_made_of_is_said_by_its_measures_where_its_author_does_not(make_kpi):
    """Of several ways, the first that is a quotient; a sum has neither part."""
    named = EVENTS["event_id"].not_null()
    share = Ratio(count(EVENTS, named), count(EVENTS))
    ways = FirstOf((Option("counted", Simple(count(EVENTS))), Option("shared", share)))
    own = Governance(numerator="named events")
    rows = [
        dictionary_row(make_kpi("EDU-1", unit="ratio", calculation=share)),
        dictionary_row(make_kpi("EDU-1", unit="ratio", calculation=share, governance=own)),
        dictionary_row(make_kpi("EDU-1", unit="ratio", calculation=ways)),
        dictionary_row(make_kpi("EDU-1")),
    ]

    worded = ("count of events where event_id is known", "count of events")
    assert [(row["numerator"], row["denominator"]) for row in rows] == [
        worded,
        ("named events", "count of events"),
        worded,
        ("", ""),
    ]


def test_a_row_holds_the_fifteen_fields_in_order(completion):
    """Fields come from the record and its governance; the source from what it reads."""
    row = dictionary_row(completion, names={"EDU-2": "support_ticket_rate"})

    assert list(FIELDS) == list(row)
    assert row == {
        "kpi_name": "completion_rate",
        "definition": "How many events there are.",
        "objective": "More completions",
        "numerator": "validated_users",
        "denominator": "enrolled_users",
        "formula": "count",
        "unit": "ratio",
        "granularity": "cohort",
        "segment": "new users",
        "source": "events",
        "owner": "School",
        "refresh": "weekly",
        "guardrail": "support_ticket_rate",
        "gaming_risk": "without learning",
        "controls": "quiz",
    }


def test_a_translation_wins_field_by_field(completion):
    """What is not translated stays as written."""
    row = dictionary_row(completion, "fr")

    assert (row["definition"], row["unit"], row["refresh"]) == ("part des inscrits", "%", "hebdo")
    assert row["objective"] == "More completions"


def test_every_kpi_has_a_row(completion, tickets):
    """Also one whose author filled in no governance at all."""
    rows = dictionary_of([tickets], [completion, tickets])

    assert [row["kpi_name"] for row in rows] == ["support_ticket_rate"]
    assert rows[0]["owner"] == ""


def test_records_are_in_english_unless_they_are_translated_into_it(completion, make_kpi):
    """A French record with English labels has its French texts as its own."""
    french = make_kpi("EDU-3", translations={"en": {"definition": "Share"}})

    assert is_written_in(completion, "fr")
    assert is_written_in(completion, "en")
    assert is_written_in(french, "en")
    assert not is_written_in(french, "fr")


def test_a_language_that_no_kpi_knows_is_an_error(completion, tickets):
    """``--lang de`` must not silently give English."""
    with pytest.raises(UnknownLanguageError, match="There are en and fr"):
        dictionary_of([tickets], [completion, tickets], "de")

    assert len(dictionary_of([tickets, completion], [completion, tickets], "fr")) == 2


def test_all_faults_are_told_at_once(completion, make_kpi):
    """Required fields, unique names in snake case, guardrails that exist."""
    twin = make_kpi("EDU-4", slug="completion_rate")
    prose = make_kpi("EDU-5", governance=Governance(guardrail="watch the tickets"))
    named = make_kpi(
        "EDU-6",
        governance=Governance(guardrail="no_such_rate"),
        translations={"fr": {"kpi_name": "Taux", "definition": " "}},
    )
    everybody = [completion, twin, prose, named]

    with pytest.raises(DictionaryError) as caught:
        dictionary_of(everybody, everybody, "fr")

    assert caught.value.exit_code == 1
    assert [str(problem) for problem in caught.value.problems] == [
        "EDU-1.kpi_name: 'completion_rate' is the name of another KPI too",
        "EDU-1.guardrail: KPI 'EDU-2' is not installed",
        "EDU-4.kpi_name: 'completion_rate' is the name of another KPI too",
        "EDU-6.definition: is empty",
        "EDU-6.kpi_name: 'Taux' is not snake case",
        "EDU-6.guardrail: no KPI goes by the name 'no_such_rate'",
    ]

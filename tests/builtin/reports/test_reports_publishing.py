"""What a page says of a source and of workstreams: names, and nothing of the machine."""

import pytest

from kpisdk.builtin.pages.publishing import published, source_name
from kpisdk.builtin.pages.scorecard_file import render
from kpisdk.builtin.pages.workstream_words import workstream_words
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import Report, SourceIdentity
from kpisdk.contracts.vocabulary import Reason, Status


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("sales", "sales"),
        ("duckdb:////home/ada/demo.duckdb", "demo.duckdb"),
        ("/home/ada/shop", "shop"),
        ("shop/", "shop"),
        (r"C:\Users\Ada\demo.duckdb", "demo.duckdb"),
        ("postgresql://ada:secret@db.example:5432/sales?sslmode=require", "sales"),
        ("postgresql://ada:secret@db.example", "db.example"),
        ("mysql://ada:***@db.example/", "db.example"),
        ("duckdb:///:memory:", ":memory:"),
        ("sqlite://", "sqlite"),
        ("snowflake://ada@account/db/schema?warehouse=w/x", "schema"),
        (".", "."),
        ("", ""),
    ],
)
def test_a_source_is_named_by_its_last_part(location, name):
    """No folder, no account, no password, no option; a name from the settings stays."""
    assert source_name(location) == name


def test_a_page_names_the_source_and_not_its_place(good):
    """The report itself keeps the place: whoever computes it may need to know."""
    source = SourceIdentity("duckdb:////home/ada/demo.duckdb", "duckdb", "f")
    report = Report((good,), source)
    text = render(report)

    assert "Source: demo.duckdb (duckdb)." in text
    assert "/home/ada" not in text
    assert published(report).source.fingerprint == "f"
    assert report.source == source
    assert published(Report((good,))) == Report((good,))


@pytest.mark.parametrize("place", ["duckdb:////home/ada/demo.duckdb", "/home/ada/demo.duckdb"])
def test_a_sentence_about_the_source_names_it_in_the_same_way(make, place):
    """Why a value is absent, and a note, name the place as it was given or its path alone."""
    why = {"reason": Reason.SOURCE_UNAVAILABLE, "message": f"'{place}' does not open."}
    result = make(**why, warnings=(Note("late", f"{place} is old"),))
    source = SourceIdentity("duckdb:////home/ada/demo.duckdb", "duckdb", "f")
    text = render(Report((result,), source, warnings=(Note("whole", place),)))

    assert "&#39;demo.duckdb&#39; does not open." in text
    assert "ada" not in text


@pytest.mark.parametrize(
    ("workstream", "words"),
    [
        ("ws1_quality", "WS1 quality"),
        ("brand", "Brand"),
        ("edu_dkt", "Edu DKT"),
        ("customer_care_eu", "Customer care eu"),
        ("a", "A"),
        ("Sales Team", "Sales Team"),
        ("</script>", "</script>"),
        ("_", "_"),
        ("", ""),
    ],
)
def test_a_workstream_is_read_as_words(workstream, words):
    """An id in snake case becomes words; what is none stays as it is."""
    assert workstream_words(workstream) == words


def test_headings_are_words_and_filters_still_match_the_id(make):
    """The choice shows the words, and its value is what every card is marked with."""
    text = render(Report((make(value=0.5, status=Status.GOOD),)))

    assert '<h2>WS2 triggers <span class="soft">1</span></h2>' in text
    assert '<option value="ws2_triggers">WS2 triggers</option>' in text
    assert 'data-workstream="ws2_triggers"' in text

"""Notes of trends: said once for the periods that differ in nothing else."""

from kpisdk.builtin.reports.period_notes import period_notes
from kpisdk.builtin.reports.table import render
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.results import Report
from kpisdk.contracts.vocabulary import Reason, Status

MONTHS = tuple(f"2025-{number:02}" for number in range(1, 13))


def gap(make, period, begins="2026-01-01T00:00Z", **facts):
    """A month before the rows begin, whose sentence names it."""
    message = f"The rows begin at {begins}, and {period} ends before."
    return make(period=period, reason=Reason.NO_ROWS, message=message, **facts)


def test_periods_whose_sentences_differ_in_their_label_alone_are_one_note(make):
    """A year of them: the first and the last, and how many there are."""
    (note,) = period_notes(Report(tuple(gap(make, each) for each in MONTHS)))

    assert str(note) == (
        "WS2-TR-004 (12 periods from 2025-01 to 2025-12): no_rows: "
        "The rows begin at 2026-01-01T00:00Z, and each period ends before."
    )


def test_a_few_periods_are_named_and_one_keeps_its_sentence(make):
    """Nothing is generalised of what is said once."""
    (three,) = period_notes(Report(tuple(gap(make, each) for each in MONTHS[:3])))
    (one,) = period_notes(Report((gap(make, "2025-01"),)))

    assert three.subjects == ("WS2-TR-004 2025-01, WS2-TR-004 2025-02, WS2-TR-004 2025-03",)
    assert one.text == "The rows begin at 2026-01-01T00:00Z, and 2025-01 ends before."
    assert one.subjects == ("WS2-TR-004 2025-01",)


def test_trends_and_slices_of_one_sentence_stand_together(make):
    """Each with periods of its own; other reasons stay apart."""
    other = [gap(make, each, kpi_id="X-1", slice={"city": "Bonn"}) for each in MONTHS[:4]]
    later = gap(make, "2025-05", begins="2027-01-01T00:00Z")
    first, second = period_notes(Report((gap(make, "2025-01"), *other, later)))

    assert first.subjects == (
        "WS2-TR-004 2025-01",
        "X-1 city=Bonn (4 periods from 2025-01 to 2025-04)",
    )
    assert "2027-01-01" in second.text


def test_an_instant_inside_of_a_period_is_not_its_label(make):
    """2025-01-31T23:55Z stays as it is, and so does what merely contains the label."""
    text = "2025-01 counts to 2025-01-31T23:55Z, see x2025-01"
    results = [
        make(value=1.0, status=Status.GOOD, period=each, warnings=(Note("late", told),))
        for each, told in (("2025-01", text), ("2025-02", text.replace("2025-01 ", "2025-02 ")))
    ]
    (note,) = [each for each in period_notes(Report(tuple(results))) if each.code == "late"]

    assert note.text == "each period counts to 2025-01-31T23:55Z, see x2025-01"


def test_the_table_of_a_trend_says_a_gap_of_many_months_in_one_note(make):
    """Twelve gaps before a value are three lines at eighty columns, and fit them."""
    value = make(value=0.5, status=Status.GOOD, period="2026-01")
    text = render(Report((*(gap(make, each) for each in MONTHS), value)), False, 80)

    assert text.count("no_rows") == 1
    assert "(12 periods from 2025-01 to 2025-12)" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80

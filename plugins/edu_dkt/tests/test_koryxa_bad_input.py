"""Events logs as they come: what is repaired is counted, what cannot be read is a clear error."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from koryxa_logs import HEAD, ROW, codes, said

from kpisdk_edu_dkt.koryxa.errors import EventsError, MissingColumnsError
from kpisdk_edu_dkt.koryxa.evidence import Evidence, from_events, from_source


def test_missing_columns_are_all_named(log):
    """Not only the first one."""
    with pytest.raises(MissingColumnsError) as caught:
        from_events(log("u1,A", head="user_id,cohort_id"))

    assert (
        "lacks country, module_id, event_type, timestamp, support_ticket_count and validated_m1. "
        "It has: user_id, cohort_id."
    ) in caught.value.message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "its first line, which should name the columns, is empty"),
        (HEAD.encode() + b"\n", "it has a header and no rows"),
        (f"{HEAD}\n{ROW}\n".encode("utf-16"), "UTF-16 or no text at all"),
        (b"PK\x03\x04\0\0\0", "UTF-16 or no text at all"),
        (f"{HEAD},user_id\n".encode(), "column 'user_id' stands in its first line twice"),
        (f"{HEAD},Country\n".encode(), "'country' and 'Country' differ in upper and lower case"),
        (f"{HEAD}\n{ROW.replace('m1', 'm2')}\n".encode(), "no event of a user in module m1"),
        (f"{HEAD}\n{ROW[2:]}\n".encode(), "no event of a user in module m1"),
    ],
)
def test_a_file_that_is_no_log_is_an_error_with_its_reason(tmp_path, content, reason):
    """Empty, headless, binary, of another module: no value is made up."""
    path = tmp_path / "log.csv"
    path.write_bytes(content)

    with pytest.raises(EventsError, match=reason):
        from_events(path)


def test_a_missing_file_is_an_error_of_ours(tmp_path):
    """And so is a Parquet file that is none."""
    fake = tmp_path / "log.parquet"
    fake.write_bytes(b"no parquet")
    for path in (tmp_path / "nowhere.csv", fake):
        with pytest.raises(EventsError, match="cannot be used"):
            from_events(path)


@pytest.mark.parametrize(
    ("head", "row"), [(f",{HEAD}", f"0,{ROW}"), (f"{HEAD},,", f"{ROW},,"), (f"{HEAD}, ", f"{ROW},")]
)
def test_columns_without_a_name_are_let_be(log, head, row):
    """A frame writes its index without a name, and a spreadsheet its empty columns."""
    evidence = from_events(log(row, head=head))

    assert evidence.count("EDU-KX-002", "numerator") == 2
    assert codes(evidence) == set()


def test_unparsable_timestamps_are_counted_and_their_events_still_count(log):
    """As in the notebook the row stays; it is just nobody's first event."""
    evidence = from_events(
        log(
            ROW,
            "u2,A,Togo,m1,start,yesterday,1,1",
            "u2,A,Togo,m1,start,2026-13-01T00:00:00Z,0,0",
            "u3,A,Togo,m1,start,infinity,0,0",
            "u4,A,Togo,m1,start,,0,0",
        )
    )

    assert (
        evidence.count("EDU-KX-001", "denominator"),
        evidence.count("EDU-KX-001", "numerator"),
        evidence.count("EDU-KX-002", "numerator"),
    ) == (4, 2, 3)
    assert "Values of timestamp that are no UTC timestamps, read as missing: 3." in said(evidence)
    assert "Events without a timestamp, which count but are nobody's first: 4." in said(evidence)


def test_offsets_are_heard(log):
    """10:00+02:00 is before 09:00Z, so that cohort is the user's first."""
    evidence = from_events(
        log(
            "u1,A,Togo,m1,start,2026-01-01T09:00:00Z,0,0",
            "u1,B,Togo,m1,start,2026-01-01T10:00:00+02:00,0,0",
        )
    )

    assert list(evidence.groups[0].values) == ["B"]
    assert {"user_in_two_cohorts"} == codes(evidence)


def test_negative_fractional_and_unreadable_counters(log):
    """Each kind is counted apart, and none becomes a zero that nobody hears of."""
    evidence = from_events(
        log(
            "u1,A,Togo,m1,start,2026-01-01T00:00:00Z,-4,1",
            "u2,A,Togo,m1,start,2026-01-01T00:00:00Z,1.9,true",
            "u3,A,Togo,m1,start,2026-01-01T00:00:00Z,many,0.5",
            "u4,A,Togo,m1,start,2026-01-01T00:00:00Z,inf,NA",
            "u5,A,Togo,m1,start,2026-01-01T00:00:00Z,1e300,0",
        )
    )

    assert (
        evidence.count("EDU-KX-002", "numerator"),
        evidence.count("EDU-KX-001", "numerator"),
        evidence.count("EDU-KX-001", "denominator"),
    ) == (1, 2, 5)
    for line in (
        "Values of support_ticket_count that are no numbers, read as missing: 2.",
        "Values of support_ticket_count that are negative or beyond counting, left out: 2.",
        "Fractional values of support_ticket_count, cut to the whole number below: 1.",
        "Fractional values of validated_m1, cut to the whole number below: 1.",
        "Events without a value of validated_m1, which leave the largest as it is: 1.",
    ):
        assert line in said(evidence)
    assert "validated_m1 that are no numbers" not in said(evidence)


def test_duplicate_events_are_counted_and_change_nothing(log):
    """A row that is there three times is two too many."""
    once = from_events(log(ROW))
    evidence = from_events(log(ROW, ROW, ROW))

    assert values(once) == values(evidence)
    assert "Events that repeat another one in every column and change no value: 2." in said(
        evidence
    )
    assert set() == codes(once)


def values(evidence: Evidence) -> list:
    return [result.value for result in evidence.results.values()]


def test_events_of_the_future_are_left_out_and_counted(log):
    """A clock that runs ahead does not decide what counts."""
    evidence = from_events(log(ROW, "u2,A,Togo,m1,start,2999-01-01T00:00:00Z,5,1"))

    assert evidence.count("EDU-KX-001", "denominator") == 1
    assert "Events that lie in the future, left out: 1." in said(evidence)


def test_lines_that_are_no_rows_are_left_out_and_counted(log):
    """Too few cells, too many, or a quote that never ends."""
    evidence = from_events(log(ROW, "u2,A", f"{ROW},extra", 'u3,"A'))

    assert evidence.count("EDU-KX-001", "denominator") == 1
    assert "Lines that are no rows, left out (the first is line 3): 3." in said(evidence)


def test_events_that_differ_in_a_column_that_nobody_reads_are_no_repeats(log):
    """Every column of the file is compared: unread ones, and those the school does not know."""
    head = f"{HEAD},step_id,event_id"
    evidence = from_events(
        log(f"{ROW},s1,1", f"{ROW},s1,2", f"{ROW},s2,2", f"{ROW},s2,2", head=head)
    )

    assert "Events that repeat another one in every column and change no value: 1." in said(
        evidence
    )


def test_the_audit_of_a_table_says_what_it_compared():
    """The school's columns that the table has; two events that differ in one of them are two."""
    rows = [f"{ROW},web", f"{ROW},app", f"{ROW},app"]
    frame = pd.read_csv(
        io.StringIO("\n".join([f"{HEAD},device", *rows])), parse_dates=["timestamp"]
    )
    evidence = from_source({"school_events": frame})

    assert (
        "Events that repeat another one in all of user_id, cohort_id, country, device, module_id, "
        "event_type, timestamp, support_ticket_count, validated_m1 and change no value: 1."
    ) in said(evidence)

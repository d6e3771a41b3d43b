"""What each form of a window means, and how everything else is refused."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from kpisdk.errors import DefinitionError, UsageError
from kpisdk.windows import (
    ACCEPTED_WINDOWS,
    CalendarBucket,
    EmptyWindowError,
    Last,
    OutOfCalendarError,
    Range,
    Step,
    UnparsableInstantError,
    UnparsableWindowError,
    parse_instant,
    parse_window,
    range_label,
    shift,
)

AS_OF = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)  # a Tuesday


def at(text: str) -> datetime:
    """An instant as the tables below write it, read by the standard library."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end", "label"),
    [
        ("last 30 days", "2026-03-01T12:30", "2026-03-31T12:30", "last 30 days"),
        ("last 1 day", "2026-03-30T12:30", "2026-03-31T12:30", "last 1 day"),
        ("last 1 days", "2026-03-30T12:30", "2026-03-31T12:30", "last 1 day"),
        ("past 2 weeks", "2026-03-17T12:30", "2026-03-31T12:30", "last 2 weeks"),
        ("30d", "2026-03-01T12:30", "2026-03-31T12:30", "last 30 days"),
        ("12W", "2026-01-06T12:30", "2026-03-31T12:30", "last 12 weeks"),
        ("6m", "2025-09-30T12:30", "2026-03-31T12:30", "last 6 months"),
        ("1 m", "2026-02-28T12:30", "2026-03-31T12:30", "last 1 month"),
        ("2y", "2024-03-31T12:30", "2026-03-31T12:30", "last 2 years"),
        ("last 36 hours", "2026-03-30T00:30", "2026-03-31T12:30", "last 36 hours"),
        ("last 1 month", "2026-02-28T12:30", "2026-03-31T12:30", "last 1 month"),
        ("last 25 months", "2024-02-29T12:30", "2026-03-31T12:30", "last 25 months"),
        ("last 2 quarters", "2025-09-30T12:30", "2026-03-31T12:30", "last 2 quarters"),
        ("last 1 year", "2025-03-31T12:30", "2026-03-31T12:30", "last 1 year"),
        ("this week", "2026-03-30", "2026-04-06", "this week"),
        ("this month", "2026-03-01", "2026-04-01", "this month"),
        ("this quarter", "2026-01-01", "2026-04-01", "this quarter"),
        ("this year", "2026-01-01", "2027-01-01", "this year"),
        ("last week", "2026-03-23", "2026-03-30", "last week"),
        ("last month", "2026-02-01", "2026-03-01", "last month"),
        ("last quarter", "2025-10-01", "2026-01-01", "last quarter"),
        ("last year", "2025-01-01", "2026-01-01", "last year"),
        ("wtd", "2026-03-30", "2026-03-31T12:30", "wtd"),
        ("mtd", "2026-03-01", "2026-03-31T12:30", "mtd"),
        ("qtd", "2026-01-01", "2026-03-31T12:30", "qtd"),
        ("ytd", "2026-01-01", "2026-03-31T12:30", "ytd"),
    ],
)
def test_relative_forms_are_counted_from_as_of(text, start, end, label):
    """A relative form needs as_of, and calendar units clamp to the month's last day."""
    rule = parse_window(text)
    window = rule.resolve(AS_OF)

    assert (at(start), at(end), label) == (window.start, window.end, window.label)
    assert label == rule.label


@pytest.mark.parametrize(
    ("text", "start", "end", "label"),
    [
        ("2025", "2025-01-01", "2026-01-01", "2025"),
        ("0001", "0001-01-01", "0002-01-01", "0001"),
        ("2025-Q1", "2025-01-01", "2025-04-01", "2025-Q1"),
        ("2025-q4", "2025-10-01", "2026-01-01", "2025-Q4"),
        ("2025-03", "2025-03-01", "2025-04-01", "2025-03"),
        ("2024-02", "2024-02-01", "2024-03-01", "2024-02"),
        ("2025-W07", "2025-02-10", "2025-02-17", "2025-W07"),
        ("2025-w01", "2024-12-30", "2025-01-06", "2025-W01"),
        ("2020-W53", "2020-12-28", "2021-01-04", "2020-W53"),
        ("2025-03-14", "2025-03-14", "2025-03-15", "2025-03-14"),
        ("2025-01-01..2025-06-30", "2025-01-01", "2025-07-01", "2025-01-01..2025-06-30"),
        ("2025-01-01 .. 2025-01-01", "2025-01-01", "2025-01-02", "2025-01-01..2025-01-01"),
        (
            "2025-01-01T06:00..2025-06-30",
            "2025-01-01T06:00",
            "2025-07-01",
            "2025-01-01T06:00:00Z..2025-07-01T00:00:00Z",
        ),
        (
            "2025-01-01..2025-06-30T00:00+02:00",
            "2025-01-01",
            "2025-06-29T22:00",
            "2025-01-01..2025-06-29T22:00:00Z",
        ),
        (
            "2025-01-01 00:00:00.5Z..2025-01-01 00:00:01z",
            "2025-01-01T00:00:00.500000",
            "2025-01-01T00:00:01",
            "2025-01-01T00:00:00.500000Z..2025-01-01T00:00:01Z",
        ),
    ],
)
def test_absolute_forms_do_not_need_as_of(text, start, end, label):
    """An absolute form is itself at any as_of; a date as end is included, an instant is not."""
    rule = parse_window(text)
    window = rule.resolve(AS_OF)

    assert (at(start), at(end), label) == (window.start, window.end, window.label)
    assert label == rule.label


def test_all_has_no_bounds():
    """``all`` is open on both sides and needs no as_of."""
    rule = parse_window(" ALL ")
    window = rule.resolve(AS_OF)

    assert (window.start, window.end, window.label) == (None, None, "all")
    assert rule.label == "all"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("  LAST   30\tDays ", "last 30 days"),
        ("last30days", "last 30 days"),
        ("ThisMonth", "this month"),
        ("MTD", "mtd"),
        ("2025 - 03", "2025-03"),
        ("2025-01-01  ..2025-06-30\n", "2025-01-01..2025-06-30"),
    ],
)
def test_case_and_blanks_do_not_matter(text, same):
    """A text spelt with other capitals and blanks is the same rule."""
    assert parse_window(same) == parse_window(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "yesterday",
        "last",
        "past week",
        "last day",
        "last 30",
        "last 0 days",
        "last -1 days",
        "last 1.5 days",
        "last 999999999 days",
        "next 30 days",
        "30 days",
        "last 3 fortnights",
        "dtd",
        "25",
        "20255",
        "0000",
        "9999",
        "9999-12-31",
        "9999-Q4",
        "9999-W52",
        "2025-00",
        "2025-13",
        "2025-1",
        "2025-Q0",
        "2025-Q5",
        "2025-W00",
        "2025-W53",
        "2025-02-29",
        "2025-06-31",
        "2025-01-01..",
        "..2025-01-01",
        "2025-01-01...2025-01-02",
        "2025-01-01..2025-01-02..2025-01-03",
        "2025-01..2025-06",
        "2025-06-30..2025-01-01",
        "2025-01-01T12:00..2025-01-01T12:00",
        "2025-01-01..9999-12-31",
        "0001-01-01T00:00+05:00..0001-02-01",
        "2025-01-01T24:00..2025-01-03",
        "'; DROP TABLE triggers; --",
        "all\x00",
        "last ٣ days",
        "２０２５",
        "last\u00a030 days",
    ],
)
def test_anything_else_is_refused_with_the_accepted_forms(text):
    """What is not an accepted form raises the typed error, which shows text and forms."""
    with pytest.raises(UnparsableWindowError) as caught:
        parse_window(text)

    message = str(caught.value)
    assert text == caught.value.value
    assert repr(text)[1:-1] in message
    assert all(form in message for form in ACCEPTED_WINDOWS)
    assert isinstance(caught.value, UsageError)
    assert caught.value.exit_code == 2
    assert message == str(pickle.loads(pickle.dumps(caught.value)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2025-06-30..2025-01-01", "its start is not before its end"),
        ("9999", "it ends after the year 9999"),
        ("last 0 days", "it covers no time; the number must be at least 1"),
        ("2025-01-01..2025-13-01", "'2025-13-01' is neither a date nor an instant"),
    ],
)
def test_a_form_with_impossible_bounds_says_why(text, reason):
    """Where the form is right and the bounds are not, the error names what is wrong with them."""
    with pytest.raises(UnparsableWindowError) as caught:
        parse_window(text)

    assert reason == caught.value.reason
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "text", ["9" * 1_000_000, " " * 1_000_000, "last " * 200_000, "\x00" * 10**6]
)
def test_a_huge_text_is_cut_in_the_error(text):
    """A megabyte of anything is refused, and the error shows eighty characters of it."""
    with pytest.raises(UnparsableWindowError) as caught:
        parse_window(text)

    assert len(str(caught.value)) < 800
    assert "characters)" in str(caught.value)


def test_a_window_that_would_leave_the_calendar_is_refused_when_resolved():
    """``last 9000 years`` is a form, and there is no such window: a typed error, no overflow."""
    for text in ("last 9000 years", "last 99999999 hours", "last 99999999 months"):
        with pytest.raises(OutOfCalendarError, match="outside the years 0001 to 9999"):
            parse_window(text).resolve(AS_OF)
    with pytest.raises(OutOfCalendarError):
        parse_window("this year").resolve(at("9999-06-01"))
    with pytest.raises(OutOfCalendarError):
        parse_window("last week").resolve(at("0001-01-03"))


def test_a_period_to_date_needs_some_elapsed_time():
    """``mtd`` at the first instant of a month is empty: refused, never last month instead."""
    with pytest.raises(EmptyWindowError, match="starts at that very instant"):
        parse_window("mtd").resolve(at("2026-03-01"))


def test_rules_refuse_what_they_cannot_mean():
    """A rule made by hand is checked as strictly as one that was parsed."""
    with pytest.raises(ValueError, match="count"):
        Last(0, Step.DAY)
    with pytest.raises(DefinitionError, match="start"):
        Range(at("2026-01-02"), at("2026-01-01"))
    with pytest.raises(DefinitionError, match="first instant"):
        CalendarBucket(at("2026-01-02"), "month")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01", "2026-03-01T00:00:00"),
        (" 2026-03-01 ", "2026-03-01T00:00:00"),
        ("2026-03-01T12:00", "2026-03-01T12:00:00"),
        ("2026-03-01 12:00:05", "2026-03-01T12:00:05"),
        ("2026-03-01t12:00:05.25z", "2026-03-01T12:00:05.250000"),
        ("2026-03-01T00:30+02:00", "2026-02-28T22:30:00"),
        ("2026-03-01 00:30 -0530", "2026-03-01T06:00:00"),
    ],
)
def test_instants_are_utc_unless_they_say_otherwise(text, instant):
    """ISO dates and date-times are read; a naive one is UTC, an offset is converted."""
    assert at(instant) == parse_instant(text)
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026",
        "20260301",
        "2026-W07-1",
        "2026-02-30",
        "2026-03-01T",
        "2026-03-01T25:00",
        "2026-03-01T24:00",
        "2026-03-01T12:60",
        "2026-03-01T12:00:00.1234567",
        "2026-03-01T12:00+25:00",
        "2026-03-01Z",
        "0000-01-01",
        "0001-01-01T00:00+01:00",
        "9999-12-31T23:59-01:00",
        "٢٠٢٦-03-01",
        "2026-03-01\x00",
        "1" * 1_000_000,
    ],
)
def test_other_instants_are_refused(text):
    """What is no ISO date or date-time within the calendar raises its own typed error."""
    with pytest.raises(
        UnparsableInstantError, match=r"cannot be read\. Accepted: a date"
    ) as caught:
        parse_instant(text)

    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2000-01-31", 1, "2000-02-29"),
        ("1900-01-31", 1, "1900-02-28"),
        ("2024-12-31", 2, "2025-02-28"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2025-05-31", 1, "2025-06-30"),
        ("2025-12-31", -13, "2024-11-30"),
    ],
)
def test_months_clamp_to_their_last_day(start, months, end):
    """The Gregorian leap rule holds: 2000 has a 29 February, 1900 has none."""
    assert at(end) == shift(at(start), months, Step.MONTH)


FORMS = st.one_of(
    st.builds(
        "{} {} {}s".format,
        st.sampled_from(["last", "past"]),
        st.integers(1, 500),
        st.sampled_from([step.value for step in Step]),
    ),
    st.builds(
        "{} {}".format,
        st.sampled_from(["this", "last"]),
        st.sampled_from(["week", "month", "quarter", "year"]),
    ),
    st.sampled_from(["wtd", "mtd", "qtd", "ytd", "all"]),
    st.builds("{:04d}".format, st.integers(1, 9998)),
    st.builds("{:04d}-{:02d}".format, st.integers(1, 9998), st.integers(1, 12)),
    st.builds("{:04d}-Q{}".format, st.integers(1, 9998), st.integers(1, 4)),
    st.builds("{:04d}-W{:02d}".format, st.integers(1, 9998), st.integers(1, 52)),
    st.dates(max_value=datetime(9999, 12, 30).date()).map(str),
    st.tuples(
        st.datetimes(max_value=datetime(9999, 1, 1)),
        st.timedeltas(timedelta(microseconds=1), timedelta(99)),
    ).map(lambda pair: f"{pair[0].isoformat()}..{(pair[0] + pair[1]).isoformat()}"),
)


@given(FORMS)
def test_every_accepted_form_parses_and_its_label_is_the_same_rule(text):
    """The label of a rule is its normal form: parsing it gives the rule back."""
    rule = parse_window(text)

    assert rule == parse_window(rule.label)
    assert rule.label == rule.resolve(at("2600-05-17T10:00")).label


@given(st.one_of(st.text(), st.from_regex(r"[0-9lastpast wmqytd.:TZ+-]{0,40}", fullmatch=True)))
def test_parsing_raises_nothing_but_its_own_error(text):
    """Any text either parses or raises the typed error: no ValueError, no OverflowError."""
    try:
        rule = parse_window(text)
    except UnparsableWindowError:
        return
    assert rule == parse_window(rule.label)


@given(st.text(st.sampled_from("0123456789-:TZ+. "), max_size=40))
def test_reading_an_instant_raises_nothing_but_its_own_error(text):
    """Any text either is an instant in UTC or raises the typed error."""
    try:
        instant = parse_instant(text)
    except UnparsableInstantError:
        return
    assert instant.tzinfo is UTC


INSTANTS = st.datetimes(datetime(1600, 1, 1), datetime(2600, 1, 1), timezones=st.just(UTC))


@given(
    INSTANTS,
    st.integers(1, 400),
    st.sampled_from(["hour", "day", "week"]),
    st.timedeltas(timedelta(-10_000), timedelta(10_000)),
)
def test_shifting_as_of_shifts_a_trailing_window(as_of, count, step, by):
    """A trailing window of fixed units moves with as_of, by as much, at both ends."""
    rule = parse_window(f"last {count} {step}s")

    assert rule.resolve(as_of).start + by == rule.resolve(as_of + by).start
    assert rule.resolve(as_of).end + by == rule.resolve(as_of + by).end


@given(INSTANTS, st.integers(-1500, 1500), st.sampled_from(["month", "quarter", "year"]))
def test_calendar_steps_keep_the_day_or_take_the_last_of_the_month(instant, count, step):
    """Moving by months lands in the right month, on the same day or on that month's last."""
    moved = shift(instant, count, Step(step))
    months = count * {"month": 1, "quarter": 3, "year": 12}[step]

    assert months == (moved.year - instant.year) * 12 + moved.month - instant.month
    assert instant.timetz() == moved.timetz()
    assert moved.day == instant.day or (moved.day < instant.day and (moved + timedelta(1)).day == 1)


@given(INSTANTS, st.timedeltas(timedelta(microseconds=1), timedelta(4000)))
def test_a_range_label_reads_back_as_the_range(start, length):
    """``range_label`` and ``parse_window`` are inverse."""
    window = parse_window(range_label(start, start + length)).resolve(AS_OF)

    assert (start, start + length) == (window.start, window.end)

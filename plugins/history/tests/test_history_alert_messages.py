"""What a digest says: plain text in few words, out of which no name of a slice can break."""

from datetime import UTC, datetime

import pytest

from kpisdk_history.alerts.digests import AlertChange, Digest, in_order

AT = datetime(2026, 3, 10, 7, tzinfo=UTC)
CHANGE = AlertChange(
    alert="late",
    event="opened",
    kinds=("critical",),
    kpi_id="A-1",
    name="Rate",
    slice={"branch": "north"},
    filters={"kind": ["bread", None]},
    value=0.25,
    status="critical",
    window="2026-03",
    decided=False,
    since=AT,
    why="the critical bound is 0.500.",
)


def digest(*changes, **facts):
    """A digest of a run at seven."""
    return Digest(**{"run_key": "r", "at": AT, "source": "shop", "changes": changes, **facts})


def named(name):
    """The change, in a slice of that name."""
    return AlertChange(alert="a", event="opened", kinds=("stale",), kpi_id="A", slice={"b": name})


def test_a_line_says_what_where_how_much_since_when_and_why():
    """Slice and filters, the value with its unit, whether it is decided, the rule."""
    assert CHANGE.text == (
        "Opened (critical): A-1 Rate, branch=north, where kind=bread|(null): "
        "0.250, critical (not decided); window 2026-03; since 2026-03-10 07:00 UTC. "
        "Why: the critical bound is 0.500. [late]"
    )


def test_a_title_counts_what_happened():
    """What got worse is said first, and told first."""
    events = ("cleared", "opened", "happened", "worsened", "opened", "reminded")
    changes = [AlertChange(alert="a", event=each, kinds=(), kpi_id=each) for each in events]
    told = digest(*in_order(changes))

    assert told.title == "KPI alerts: 1 worsened, 2 opened, 1 still open, 1 told, 1 cleared"
    assert [each.event for each in told.changes] == [
        *("worsened", "opened", "opened", "reminded", "happened", "cleared")
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>alert(1)</script>", "b=<script>alert(1)</script>"),
        ("two\nlines\rthree", r"b=two\nlines\rthree"),
        ("\x1b[31mred\x07", r"b=\x1b[31mred\x07"),
        ("\u202egnp.exe", r"b=\u202egnp.exe"),
        ("nul\x00", r"b=nul\x00"),
        ("\ud800", r"b=\ud800"),
        (None, "b=(null)"),
        ("", "b=(empty)"),
    ],
)
def test_what_does_not_print_is_escaped_and_stays_on_its_line(name, shown):
    """Markup stays text: the message is sent as text, and services escape that."""
    told = digest(named(name))

    assert shown in told.text
    assert len(told.text.split("\n")) == 3
    assert told.text.encode("utf-8")


def test_a_long_name_is_cut():
    """A message has room for others."""
    (line,) = digest(named("x" * 5000)).text.split("\n")[2:]

    assert len(line) < 400


def test_a_thousand_slices_are_no_book():
    """Twenty are told one by one."""
    lines = digest(*(named(str(each)) for each in range(1000))).text.split("\n")

    assert len(lines) == 23
    assert lines[-1] == "And 980 more: kpisdk alerts list tells all of them."


def test_a_digest_is_the_same_after_the_outbox():
    """Whatever a slice is called."""
    one = digest(CHANGE, named("\ud800\x00"), run_key="ü")

    assert Digest.from_json(one.to_json()) == one
    assert one.to_json().isascii()


def test_a_repeated_message_says_so():
    """Who reads it twice knows why."""
    assert digest(CHANGE, repeated=True).text.endswith(
        "This may have been delivered before: the program was stopped meanwhile."
    )

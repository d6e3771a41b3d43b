"""When an alert opens, gets worse, is told again and is cleared, worked out run by run."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from kpisdk import Reason, Result, Status, Unit
from kpisdk_history.alerts.conditions import held, worst_first
from kpisdk_history.alerts.rules import AlertRule
from kpisdk_history.alerts.states import AlertState, after_run

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
FOUND = {
    "C": frozenset({"critical", "warning"}),
    "W": frozenset({"warning"}),
    "U": frozenset({"unknown"}),
    "S": frozenset({"stale"}),
    ".": frozenset(),
    "?": None,
}
EVENTS = {"opened": "O", "worsened": "W", "reminded": "R", "cleared": "C", None: "-"}


def lived(runs, rule, state=None, first=0):
    """The states after runs, a letter each and a day apart, and a letter for what happened."""
    now, told = state or AlertState(), ""
    for day, letter in enumerate(runs, first):
        now, event = after_run(now, FOUND[letter], rule, BEGIN + timedelta(days=day))
        told += EVENTS[event]
    return now, told


@pytest.mark.parametrize(
    ("runs", "after", "clear_after", "told"),
    [
        ("CCCC", 2, 2, "-O--"),
        ("C.C.C.", 2, 2, "------"),
        ("CC.C.C", 2, 2, "-O----"),
        ("CC..CC", 2, 2, "-O-C-O"),
        ("C", 1, 1, "O"),
        ("C.C.", 1, 1, "OCOC"),
        ("C.C.C..", 1, 2, "O-----C"),
        ("CCC..", 3, 1, "--OC-"),
    ],
)
def test_an_alert_opens_and_clears_after_so_many_runs_in_a_row(runs, after, clear_after, told):
    """A flapping KPI opens none, or opens one that stays open."""
    assert lived(runs, AlertRule(kpis=("A",), after=after, clear_after=clear_after))[1] == told


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ("C?C", "--O"),
        ("CC???", "-O---"),
        ("CC.?.", "-O--C"),
        ("????", "----"),
    ],
)
def test_a_run_that_could_not_tell_is_passed_over(runs, told):
    """It neither opens nor clears: a source that is away ends no alert."""
    assert lived(runs, AlertRule(kpis=("A",)))[1] == told


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ("WW", "-O"),
        ("WWCC", "-O-W"),
        ("WWCWC", "-O---"),
        ("WWCCWWCC", "-O-W----"),
        ("CCWW", "-O--"),
        ("UUWW", "-O-W"),
        ("UUSS", "-O--"),
        ("SSUUWWCC", "-O-W-W-W"),
        ("UWUW", "-O--"),
    ],
)
def test_an_open_alert_that_gets_worse_is_told_once(runs, told):
    """Worse means beyond the worst that was told, for as many runs as it takes to open one."""
    assert lived(runs, AlertRule(kpis=("A",)))[1] == told


def test_since_is_the_first_run_of_those_in_a_row():
    """Not the one that opened the alert; a quiet run between them begins anew."""
    rule = AlertRule(kpis=("A",))

    assert lived("C.CC", rule)[0].since == BEGIN + timedelta(days=2)
    assert lived("CC.C", rule)[0].since == BEGIN
    assert lived("C.", rule)[0].since is None
    assert lived("CC..", rule)[0] == AlertState()


def acknowledged(state, days):
    """The state, with nothing to be said of it until so many days after the beginning."""
    return attrs.evolve(state, acked_until=BEGIN + timedelta(days=days))


def test_what_was_acknowledged_is_silent_until_the_date_and_then_told_again():
    """Runs on days 2 to 6, acknowledged until day 5."""
    rule = AlertRule(kpis=("A",))
    opened, _ = lived("CC", rule)
    state, told = lived("CCCCC", rule, acknowledged(opened, 5), first=2)

    assert told == "---R-"
    assert state.acked_until is None
    assert acknowledged(opened, 5).is_silent(BEGIN + timedelta(days=4))
    assert not acknowledged(opened, 5).is_silent(BEGIN + timedelta(days=5))


def test_what_gets_worse_ends_an_acknowledgement():
    """It was given for less."""
    rule = AlertRule(kpis=("A",))
    opened, _ = lived("WW", rule)
    state, told = lived("CC", rule, acknowledged(opened, 30), first=2)

    assert (told, state.acked_until) == ("-W", None)


def test_an_acknowledgement_outlives_a_flapping_kpi_until_its_date():
    """Opened again before the date it is silent; after it, it is not."""
    rule = AlertRule(kpis=("A",))
    opened, _ = lived("CC", rule)
    state, told = lived("..CC", rule, acknowledged(opened, 30), first=2)

    assert (told, state.is_silent(BEGIN + timedelta(days=5))) == ("-C-O", True)
    late, told = lived("..CC", rule, acknowledged(opened, 3), first=2)
    assert (told, late.acked_until) == ("-C-O", None)


def result(status="good", **facts):
    """A result of that status."""
    value = None if facts.get("reason") else 0.5
    known = {"kpi_id": "A", "name": "A", "workstream": "w", "unit": Unit.RATIO, "value": value}
    return Result(**{**known, "status": Status(status), **facts})


@pytest.mark.parametrize(
    ("on", "found", "holds"),
    [
        (("critical",), result("critical"), {"critical"}),
        (("critical",), result("warning"), set()),
        (("warning",), result("critical"), {"warning"}),
        (("critical", "warning"), result("critical"), {"critical", "warning"}),
        (("stale",), result("critical"), set()),
        (("stale",), result("good", stale=True), {"stale"}),
        (("critical", "stale"), result("critical", stale=True), {"critical", "stale"}),
        (("unknown",), result("good"), set()),
        (("unknown",), result("unknown", reason=Reason.NO_ROWS), {"unknown"}),
        (("unknown",), result("unknown", reason=Reason.SOURCE_UNAVAILABLE), {"unknown"}),
        (("unknown",), result("unknown", reason=Reason.NO_TARGET, value=0.5), set()),
        (("critical",), result("unknown", reason=Reason.NO_ROWS), None),
        (("critical",), result("unknown", reason=Reason.SOURCE_UNAVAILABLE), None),
        (("stale",), result("unknown", reason=Reason.SOURCE_UNAVAILABLE), None),
        (("stale",), result("unknown", reason=Reason.NO_ROWS), set()),
        (("restated", "changed"), result("critical"), set()),
    ],
)
def test_conditions_hold_or_do_not_or_cannot_be_told(on, found, holds):
    """Whatever is critical is a warning, too; a source that is away says nothing of a status."""
    assert held(AlertRule(kpis=("A",), on=on), found) == holds


@pytest.mark.parametrize(
    ("found", "holds"),
    [
        (result("critical", decided=True), {"critical"}),
        (result("critical", decided=False), None),
        (result("critical"), None),
        (result("good", decided=True), set()),
        (result("good", decided=False), None),
    ],
)
def test_what_is_not_decided_neither_raises_nor_ends_an_alert_on_decided_ones(found, holds):
    """The interval reaches over the bound, or nobody knows it."""
    assert held(AlertRule(kpis=("A",), only_decided=True), found) == holds


def test_an_undecided_status_leaves_other_conditions_alone():
    """Old rows are old rows."""
    rule = AlertRule(kpis=("A",), on=("critical", "stale"), only_decided=True)

    assert held(rule, result("critical", decided=False, stale=True)) == {"stale"}


def test_kinds_are_told_the_worst_first():
    """A warning that is critical is told as that alone."""
    assert worst_first({"stale", "warning", "critical"}) == ("critical", "stale")
    assert worst_first({"stale", "unknown", "warning"}) == ("warning", "unknown", "stale")

"""Alerts of recorded runs: what opens, clears and is told, each once, on SQLite and PostgreSQL.

The bakery's KPI is the share of punctual orders in the last 7 days: 0.9 with 9 of 10 a day; below
0.5 is critical. Runs are a day apart.
"""

from datetime import UTC, datetime

import attrs
import pytest
import sqlalchemy as sa

from kpisdk import KpisdkError, Workspace
from kpisdk_history.alerts.acknowledging import acknowledge
from kpisdk_history.alerts.listing import listed_alerts
from kpisdk_history.alerts.window_words import window_words
from kpisdk_history.errors import NothingOpenError
from kpisdk_history.recording import record
from kpisdk_history.store.tables import ALERT_STATES, ALERTS, OUTBOX

BEGIN, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC)
RULE = {"kpis": ["BAKERY-001"], "notify": ["json://127.0.0.1:1/nobody-listens"]}


def happened(made):
    """What happened to alerts in a run, in short."""
    return [(each.alert, each.event, each.kinds) for each in made.alerts]


def posted(bakery):
    """Titles and bodies in the outbox."""
    with bakery.store.reading() as reading:
        statement = sa.select(OUTBOX.c.title, OUTBOX.c.body).order_by(OUTBOX.c.id)
        return [tuple(row) for row in reading.connection.execute(statement)]


def spoil(bakery):
    """Make the KPI critical: 63 punctual orders of 270 are 0.233."""
    bakery.run_sql(
        "INSERT INTO orders SELECT TIMESTAMP '2026-03-09 13:00', 'north', false FROM range(200)"
    )


def mend(bakery):
    """Take the late orders back."""
    bakery.run_sql("DELETE FROM orders WHERE placed_at = TIMESTAMP '2026-03-09 13:00'")


def run(bakery, **arguments):
    """Record once more, an hour later."""
    bakery.wait(hours=1)
    return bakery.record(as_of="2026-03-10", **arguments)


def test_an_alert_opens_once_and_clears_once(bakery):
    """Two runs in a row each, and one message each."""
    bakery.alerts = {"late": RULE}
    spoil(bakery)
    seen = [happened(run(bakery)) for _ in range(4)]
    mend(bakery)
    seen += [happened(run(bakery)) for _ in range(3)]

    opened, cleared = ("late", "opened", ("critical",)), ("late", "cleared", ("critical",))
    assert seen == [[], [opened], [], [], [], [cleared], []]
    assert [title for title, _ in posted(bakery)] == [
        "KPI alerts: 1 opened",
        "KPI alerts: 1 cleared",
    ]


def test_a_message_tells_the_kpi_its_value_and_why(bakery):
    """In words, with the unit, the window, since when, and which rule it was."""
    bakery.alerts = {"late": {**RULE, "after": 1}}
    spoil(bakery)
    run(bakery, run_key="the run")

    ((_, body),) = posted(bakery)
    head, blank, line = body.splitlines()
    assert head.startswith("Run the run of ")
    assert head.endswith(", 2026-03-10 07:00 UTC")
    assert blank == ""
    assert line == (
        "Opened (critical): BAKERY-001 On-time Rate: 0.233, critical (decided); "
        "window last 7 days; since 2026-03-10 07:00 UTC. Why: the critical bound is 0.500. [late]"
    )


def test_the_same_run_again_neither_judges_nor_sends(bakery):
    """A scheduler that starts a job twice opens nothing."""
    bakery.alerts = {"late": RULE}
    spoil(bakery)
    run(bakery, run_key="once")
    again = run(bakery, run_key="once")

    assert (again.is_new, again.alerts, again.delivery) == (False, (), None)
    assert happened(run(bakery, run_key="twice")) == [("late", "opened", ("critical",))]


def test_each_slice_has_an_alert_of_its_own(bakery):
    """And one digest tells them all."""
    bakery.alerts = {"late": {**RULE, "after": 1, "clear_after": 1}}
    bakery.sell("2026-03-09", late=90, branch="south")
    bakery.sell("2026-03-09", late=90, branch="<b>west</b>\n@channel")
    made = run(bakery, by="branch")

    assert [each.slice["branch"] for each in made.alerts] == ["<b>west</b>\n@channel", "south"]
    ((title, body),) = posted(bakery)
    assert title == "KPI alerts: 2 opened"
    assert [line.split(":")[1] for line in body.splitlines()[2:]] == [
        " BAKERY-001 On-time Rate, branch=<b>west</b>\\n@channel",
        " BAKERY-001 On-time Rate, branch=south",
    ]


def test_a_slice_that_is_gone_is_cleared_and_says_so(bakery):
    """Nobody would be told otherwise, ever."""
    bakery.alerts = {"late": {**RULE, "after": 1, "clear_after": 1}}
    bakery.sell("2026-03-09", late=90, branch="south")
    run(bakery, by="branch")
    bakery.run_sql("DELETE FROM orders WHERE branch = 'south'")
    (cleared,) = run(bakery, by="branch").alerts

    assert (cleared.event, cleared.slice) == ("cleared", {"branch": "south"})
    assert cleared.why == "it is not among the results any more: no row of it is left."


def test_an_outage_is_an_alert_where_that_is_watched_and_ends_no_other(bakery):
    """What was critical before is still so after it."""
    bakery.alerts = {
        "late": {**RULE, "clear_after": 1},
        "away": {**RULE, "on": ["unknown"], "after": 1, "clear_after": 1},
    }
    spoil(bakery)
    run(bakery, by="branch")
    run(bakery, by="branch")
    away = bakery.file.rename(bakery.file.with_suffix(".away"))
    first, second = run(bakery, by="branch"), run(bakery, by="branch")
    away.rename(bakery.file)
    third = run(bakery, by="branch")

    assert happened(first) == [("away", "opened", ("unknown",))]
    assert first.alerts[0].reason == "source_unavailable"
    assert happened(second) == []
    assert happened(third) == [("away", "cleared", ("unknown",))]
    mend(bakery)
    assert happened(run(bakery, by="branch")) == [("late", "cleared", ("critical",))]


def test_restated_periods_are_told_once_for_a_kpi(bakery):
    """The figures of two days moved; nothing moves in the run after that."""
    bakery.alerts = {"moved": {**RULE, "on": ["restated"]}}
    days = {"grain": "day", "window": "2026-03-01..2026-03-08"}
    bakery.wait(hours=1)
    bakery.record(run_key="a", **days)
    bakery.sell("2026-03-05", late=5)
    bakery.sell("2026-03-06", late=10)
    bakery.wait(hours=1)
    (told,) = bakery.record(run_key="b", **days).alerts
    bakery.wait(hours=1)

    assert (told.event, told.kinds) == ("happened", ("restated",))
    assert told.why == (
        "a closed period came out differently: 2026-03-05 0.9 -> 0.6 (late rows); "
        "2026-03-06 0.9 -> 0.45 (late rows)."
    )
    assert bakery.record(run_key="c", **days).alerts == ()


def test_a_restated_window_is_told_by_its_bounds(bakery):
    """Of 30 orders of three days 27 were on time; then there were 40 more."""
    bakery.alerts = {"late": {**RULE, "after": 1, "on": ["critical", "restated"]}}
    stated = {"window": "2026-03-05..2026-03-07"}
    bakery.record(run_key="a", **stated)
    bakery.sell("2026-03-05", late=40)
    bakery.wait(hours=1)
    opened, moved = bakery.record(run_key="b", **stated).alerts

    assert (opened.window, moved.window) == ("2026-03-05..2026-03-07",) * 2
    assert moved.why == (
        "a closed period came out differently: 2026-03-05..2026-03-07 0.9 -> 0.385714 (late rows)."
    )


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (("last 7 days", BEGIN, END), "last 7 days"),
        ((None, BEGIN, END), "2026-03-01..2026-03-02 06:00"),
        ((None, None, END), "..2026-03-02 06:00"),
        ((None, None, None), None),
    ],
)
def test_a_window_without_a_name_is_told_by_its_bounds(window, words):
    """The end is excluded."""
    assert window_words(*window) == words


def test_another_definition_is_told_once(bakery, bakeries):
    """Of the KPI, whatever it is cut by."""
    bakery.alerts = {"other": {**RULE, "on": ["changed"]}}
    bakery.sell("2026-03-09", punctual=4, branch="south")
    assert run(bakery, by="branch").alerts == ()
    bakery.kpis = (bakeries.punctuality(strict=True),)
    (told,) = run(bakery, by="branch").alerts

    assert (told.event, told.kinds, told.slice) == ("happened", ("changed",), {})
    assert told.text.startswith("Told (changed): BAKERY-001 On-time Rate. Why: it is defined other")
    assert run(bakery, by="branch").alerts == ()


def test_a_rule_on_a_removed_kpi_makes_no_run_fail_and_is_told(bakery):
    """The rest of the rule is watched; its open alert is still listed, and says why."""
    bakery.alerts = {"late": {**RULE, "after": 1, "kpis": ["BAKERY-001", "BAKERY-002"]}}
    spoil(bakery)
    bakery.kpis = (*bakery.kpis, attrs.evolve(bakery.kpis[0], id="BAKERY-002"))
    record(bakery.workspace(), "BAKERY-002", store=bakery.store, as_of="2026-03-10")
    bakery.kpis = bakery.kpis[:1]
    made = run(bakery)

    assert happened(made) == [("late", "opened", ("critical",))]
    assert made.notes[0].message == (
        "Alert 'late' names the KPI 'BAKERY-002', which is not installed (did you mean "
        "'BAKERY-001'?); the others are watched."
    )
    with bakery.store.reading() as reading:
        found = listed_alerts(reading, bakery.now, rules=["late"], kpi_ids=["BAKERY-001"])
    remarks = {each.change.kpi_id: each.remark for each in found.alerts}
    assert remarks == {"BAKERY-001": "", "BAKERY-002": "the KPI is not installed any more"}


def test_a_clock_that_goes_back_counts_runs_all_the_same(bakery):
    """Runs are counted in the order in which they were recorded."""
    bakery.alerts = {"late": RULE}
    spoil(bakery)
    run(bakery)
    bakery.wait(days=-20)

    assert happened(run(bakery)) == [("late", "opened", ("critical",))]


def acknowledged(bakery, **until):
    """Silence the alerts of the rule."""
    with bakery.store.writing() as writing:
        moment = bakery.workspace().now() + type(bakery.now - bakery.now)(**until)
        return acknowledge(writing, "late", moment, bakery.now)


def test_an_acknowledged_alert_is_silent_and_told_again_after_the_date(bakery):
    """Judged and listed meanwhile; three hours are three runs."""
    bakery.alerts = {"late": RULE}
    spoil(bakery)
    run(bakery), run(bakery)
    (silenced,) = acknowledged(bakery, hours=3)
    during = [happened(run(bakery)) for _ in range(2)]
    with bakery.store.reading() as reading:
        (listed,) = listed_alerts(reading, bakery.now).alerts
    after = [happened(run(bakery)) for _ in range(2)]

    assert silenced.kpi_id == "BAKERY-001"
    assert (during, listed.state) == ([[], []], "acknowledged")
    assert after == [[("late", "reminded", ("critical",))], []]
    assert [title for title, _ in posted(bakery)] == [
        "KPI alerts: 1 opened",
        "KPI alerts: 1 still open",
    ]


def test_an_acknowledged_alert_that_clears_is_listed_and_not_sent(bakery):
    """Whoever said to be silent knows of it."""
    bakery.alerts = {"late": {**RULE, "after": 1, "clear_after": 1}}
    spoil(bakery)
    run(bakery)
    acknowledged(bakery, days=3)
    mend(bakery)

    assert happened(run(bakery)) == [("late", "cleared", ("critical",))]
    assert len(posted(bakery)) == 1
    with pytest.raises(NothingOpenError, match="No alert of 'late' is open"):
        acknowledged(bakery, days=3)


def test_a_target_of_several_rules_gets_one_digest_a_run(bakery):
    """With the lines of both, the worst first."""
    bakery.alerts = {
        "late": {**RULE, "after": 1},
        "any": {
            **RULE,
            "on": ["warning", "stale"],
            "after": 1,
        },
        "listed": {"kpis": ["BAKERY-001"], "after": 1},
    }
    spoil(bakery)
    made = run(bakery)

    assert len(made.alerts) == 3
    ((title, body),) = posted(bakery)
    assert (title, body.count("\n")) == ("KPI alerts: 2 opened", 3)


def test_different_questions_of_one_kpi_are_counted_apart(bakery):
    """A week that is critical twice is not a week and a day."""
    bakery.alerts = {"late": RULE}
    spoil(bakery)
    run(bakery)

    assert happened(run(bakery, window="last 9 days")) == []
    assert happened(run(bakery, where={"branch": "north"})) == []
    assert happened(run(bakery)) == [("late", "opened", ("critical",))]


def test_a_trend_is_judged_by_its_newest_period(bakery):
    """Older periods are history."""
    bakery.alerts = {"late": {**RULE, "after": 1}}
    days = {"grain": "day", "window": "last 5 days"}
    bakery.sell("2026-03-06", late=90)
    assert run(bakery, **days).alerts == ()
    spoil(bakery)
    (opened,) = run(bakery, **days).alerts

    assert (opened.event, opened.window) == ("opened", "2026-03-09")


def test_nothing_is_stored_of_what_never_fired(bakery):
    """A state a slice and run would be as much as the results."""
    bakery.alerts = {"late": RULE}
    run(bakery)

    with bakery.store.reading() as reading:
        for table in (ALERT_STATES, ALERTS, OUTBOX):
            assert reading.connection.execute(sa.select(table)).all() == []


def test_a_workspace_records_with_alerts_too(bakery):
    """The command is not the only door."""
    bakery.alerts = {"late": {**RULE, "after": 1}}
    spoil(bakery)
    made = bakery.workspace().record("BAKERY-001", store=bakery.store, as_of="2026-03-10")

    assert happened(made) == [("late", "opened", ("critical",))]


def test_wrong_settings_are_told_before_anything_is_computed(bakery):
    """Neither a run nor a store is made."""
    bakery.alerts = {"late": {"kpis": ["BAKERY-001"], "after": 0}}

    with pytest.raises(KpisdkError, match=r"plugins\.history\.alerts\.late\.after: must be 1 run"):
        bakery.record()


def test_the_page_of_a_kpi_lists_its_alerts(bakery):
    """Through the hook of kpisdk-web, from the store of the settings."""
    from kpisdk_history.plugin import kpisdk_web_events

    bakery.alerts = {"late": {**RULE, "after": 1}}
    spoil(bakery)
    run(bakery)
    (tell,) = kpisdk_web_events()
    settings = bakery.folder / "kpisdk.toml"
    settings.write_text(f'[plugins.history]\nstore = "{bakery.url}"\n')
    workspace = bakery.workspace(settings)

    (event,) = tell(workspace, "BAKERY-001")
    assert (event.kind, event.at, event.period) == ("alert", "2026-03-10 07:00", "last 7 days")
    assert event.text == "open: critical, 0.233; the critical bound is 0.500. [late]"
    assert list(tell(workspace, "BAKERY-002")) == []
    settings.write_text('[plugins.history]\nstore = "nowhere.sqlite"\n')
    assert list(tell(bakery.workspace(settings), "BAKERY-001")) == []
    assert isinstance(workspace, Workspace)

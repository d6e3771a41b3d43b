"""EDU-KX-001 to EDU-KX-006: how the school's module 1 goes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from kpisdk import (
    AsOf,
    Derived,
    Direction,
    Frequency,
    Governance,
    Guardrail,
    Kpi,
    Measure,
    Median,
    Metric,
    Ratio,
    Unit,
    ValueRange,
    Window,
    count,
    minimum,
    sample,
)
from kpisdk_edu_dkt.koryxa.datasets import SCHOOL_EVENTS, SEGMENTS
from kpisdk_edu_dkt.koryxa.french import FRENCH
from kpisdk_edu_dkt.koryxa.per_user import PerUser
from kpisdk_edu_dkt.koryxa.remarks import Remark, Remarked, about_counter, about_users, users_where
from kpisdk_edu_dkt.koryxa.users import (
    EXECUTION_USERS,
    NOT_YET_THERE,
    NOTEBOOK_USERS,
    PROJECT,
    PROJECT_USERS,
    THEME_USERS,
    THEME_WAITS,
    TICKETS,
    TO_THEME,
    VALIDATED,
)

WORKSTREAM = "edu_dkt"
_HALF = 0.5 + 1e-9
"""Half of the users, and what a product of shares is off by."""
EARLY_HOURS = 48.0
"""How long after the first event the notebook counts as run early."""

_CHANGES_WITH_EVENTS = tuple(
    column.name
    for column in SCHOOL_EVENTS.columns
    if column.name not in ("user_id", "cohort_id", *SEGMENTS)
)


@attrs.frozen
class EveryUser:
    """The default window: all users, whenever they began.

    Attributes:
        label: what reports call the window.
    """

    label: str = "all"

    def resolve(self, as_of: datetime) -> Window:  # noqa: ARG002 - the instant changes nothing
        """A window without bounds; rows at or after as_of still do not count."""
        return Window()


def _kpi(number: int, slug: str, relation: Derived, metric: Metric, **facts: Any) -> Kpi:
    kpi_id = f"EDU-KX-{number:03}"
    remarks: tuple[Remark, ...] = facts.pop("remarks", ())
    beside: Mapping[str, Measure] = facts.pop("beside", {})
    governance: Governance = facts.pop("governance")
    return Kpi(
        id=kpi_id,
        name=facts.pop("name", slug.replace("_", " ").capitalize()),
        slug=slug,
        workstream=WORKSTREAM,
        calculation=Remarked(metric, (*about_users(relation), *remarks), beside),
        sampling=sample("user_id"),
        frequency=Frequency.WEEKLY,
        window=EveryUser(),
        refuses=dict.fromkeys(
            _CHANGES_WITH_EVENTS,
            "it changes from one event of a user to the next, and the KPI counts users",
        ),
        governance=attrs.evolve(
            governance,
            granularity="cohort",
            segment="newly enrolled in module m1",
            source="school_events",
            owner="KORYXA",
        ),
        translations={"fr": FRENCH[kpi_id]},
        **facts,
    )


_ran_early = (
    EXECUTION_USERS["notebook_first_exec_time"].hours_since(EXECUTION_USERS["timestamp"])
    <= EARLY_HOURS
)
_may_still_run = EXECUTION_USERS["notebook_first_exec_time"].is_null() & (
    AsOf().hours_since(EXECUTION_USERS["timestamp"]) < EARLY_HOURS
)
_completed_theme = (
    (THEME_USERS["theme_completed"] > 0)
    & THEME_USERS["theme_id"].not_null()
    & THEME_USERS["event_type"].not_null()
)

KPIS = (
    _kpi(
        1,
        "completion_rate_m1",
        NOTEBOOK_USERS,
        Ratio(
            count(NOTEBOOK_USERS, NOTEBOOK_USERS[VALIDATED].equals(1)),
            count(NOTEBOOK_USERS),
        ),
        name="Completion rate of module 1",
        definition="Share of the enrolled users who validated module 1.",
        calculation_type="derived",
        formula="validated_users / enrolled_users",
        unit=Unit.RATIO,
        guardrails=(Guardrail("EDU-KX-002", Direction.LOWER, SEGMENTS),),
        remarks=about_counter(NOTEBOOK_USERS, VALIDATED),
        governance=Governance(
            objective="Bring more of those who enrol through module 1",
            numerator="users whose largest validated_m1 is 1",
            denominator="users with an event in module m1",
            gaming_risk="validation without learning",
            controls="read beside support_ticket_rate, quizzes and submitted projects",
        ),
    ),
    _kpi(
        2,
        "support_ticket_rate",
        NOTEBOOK_USERS,
        PerUser(NOTEBOOK_USERS, NOTEBOOK_USERS[TICKETS]),
        name="Support tickets per user",
        definition="Support tickets for each enrolled user (the log holds a running total).",
        calculation_type="derived",
        formula="support_tickets / enrolled_users",
        unit=Unit.RATIO,
        direction=Direction.LOWER,
        value_range=ValueRange(0),
        remarks=about_counter(NOTEBOOK_USERS, TICKETS),
        governance=Governance(
            objective="Notice friction: the guardrail of completion",
            numerator="sum over users of their largest support_ticket_count",
            denominator="users with an event in module m1",
            gaming_risk="tickets closed and not resolved",
            controls="watch tickets that are opened again, and satisfaction",
        ),
    ),
    _kpi(
        3,
        "notebook_opened_48h_rate",
        EXECUTION_USERS,
        Ratio(count(EXECUTION_USERS, _ran_early), count(EXECUTION_USERS)),
        name="Notebook run within 48 hours",
        definition="Share of the enrolled users who ran the notebook within 48 h of beginning.",
        calculation_type="derived",
        formula="users_notebook_48h / enrolled_users",
        unit=Unit.RATIO,
        remarks=(
            users_where(
                EXECUTION_USERS,
                _may_still_run,
                "may_still_run",
                "incomplete_follow_up",
                "Users who began less than 48 h before the data end and may still run it: {n}.",
            ),
        ),
        governance=Governance(
            objective="See early who engages (a leading indicator)",
            numerator="users whose first notebook_first_exec_time is at most 48 h later",
            denominator="users with an event in module m1",
            gaming_risk="the notebook is opened and nothing is done in it",
            controls="look at executed cells and their outputs",
        ),
    ),
    _kpi(
        4,
        "theme2_completion_rate",
        THEME_USERS,
        Ratio(count(THEME_USERS, _completed_theme), count(THEME_USERS)),
        name="Completion rate of theme 2",
        definition="Share of the enrolled users with a complete event in theme 2.",
        calculation_type="derived",
        formula="users_completed_theme2 / enrolled_users",
        unit=Unit.RATIO,
        governance=Governance(
            objective="Find where many are lost",
            numerator="users with a complete event in theme-2",
            denominator="users with an event in module m1",
            gaming_risk="one completed step is enough to count",
            controls="write down what completing theme 2 means",
        ),
    ),
    _kpi(
        5,
        "median_time_to_theme2_hours",
        THEME_USERS,
        Median(THEME_USERS, TO_THEME),
        name="Median time to theme 2",
        definition="Median number of hours from a user's first event to the first one in theme 2.",
        calculation_type="direct",
        formula="median(t_theme2_first_event - t_first_event)",
        unit=Unit.HOURS,
        direction=Direction.LOWER,
        remarks=(
            users_where(
                THEME_USERS,
                (THEME_USERS["theme_seen"] > 0) & THEME_USERS["theme_first_seen"].is_null(),
                "untimed_theme",
                "theme_without_time",
                "Users with untimed events in theme 2 only, left out of the median: {n}.",
            ),
            # The school's own figure is the median of those who arrived; who has not may still.
            users_where(
                THEME_USERS,
                NOT_YET_THERE,
                "not_yet_there",
                "waiting_censored",
                "Users who have not reached theme 2 yet, and are not in the median: {n}.",
            ),
        ),
        beside={
            "kaplan_meier_median_hours": minimum(
                THEME_WAITS, THEME_WAITS["waited"], THEME_WAITS["still_waiting"] <= _HALF
            )
        },
        governance=Governance(
            objective="Diagnose a slow start",
            numerator="hours from the first event to the first one in theme-2",
            gaming_risk="timestamps that are missing or incomplete",
            controls="check event tracking and time zones",
        ),
    ),
    _kpi(
        6,
        "project_submission_rate_m1",
        PROJECT_USERS,
        Ratio(
            count(PROJECT_USERS, PROJECT_USERS[PROJECT].equals(1)),
            count(PROJECT_USERS),
        ),
        name="Project submission rate of module 1",
        definition="Share of the enrolled users who submitted the project.",
        calculation_type="derived",
        formula="users_project_submitted / enrolled_users",
        unit=Unit.RATIO,
        remarks=about_counter(PROJECT_USERS, PROJECT),
        governance=Governance(
            objective="Judge quality by work that was done",
            numerator="users whose largest project_submitted is 1",
            denominator="users with an event in module m1",
            gaming_risk="empty submissions",
            controls="read what was submitted against fixed criteria",
        ),
    ),
)
"""The school's six KPIs, in the order of its dictionary."""

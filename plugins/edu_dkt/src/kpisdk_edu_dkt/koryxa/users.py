"""Users: the events of a module gathered into one row a user, placed by the user's first event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from kpisdk import Column, Derived, LogicalType, Scope, WindowUse
from kpisdk_edu_dkt.koryxa.datasets import MODULE, SCHOOL_EVENTS, THEME

PLACE = ("user_id", "cohort_id", "country", "module_id", "timestamp")
"""The columns by which events become users and a user gets a cohort and a country."""

LARGEST_COUNTER = 2**53
"""Counters above this are no counts: a floating-point number cannot even hold them exactly."""

Gathered = Callable[[Any], Mapping[str, Any]]
"""From the columns of events to aggregates by name: SQL's ``max``, ``min`` and ``sum`` alone, which
can be taken of parts first and of the parts' aggregates then."""


def users(
    name: str, columns: tuple[str, ...], adds: tuple[Column, ...], gathered: Gathered
) -> Derived:
    """The users of the module, with what ``gathered`` makes of their events.

    A user is one ``user_id`` that has an event in the module. Slice columns are those of the user's
    first event by time; events without a time come last, and among simultaneous ones the smallest
    values of the slice columns are taken. A window holds the users whose first event lies in it,
    with everything that they did before as_of; one without a start keeps the users without any
    known time as well.

    Args:
        name: of the relation.
        columns: what is read of the events beside :data:`PLACE`.
        adds: the columns that ``gathered`` yields.
        gathered: the aggregates.
    """
    own = (
        Column("timestamp", LogicalType.TIMESTAMP),
        Column("has_two_cohorts", LogicalType.INT),
        Column("untimed_events", LogicalType.INT),
    )
    return Derived(
        name,
        base=SCHOOL_EVENTS.only(*dict.fromkeys((*PLACE, *columns))),
        build=partial(_build, gathered=gathered),
        adds=(*own, *adds),
        window_use=WindowUse.OWN,
        grouped=True,
    )


def _build(scope: Scope, *, gathered: Gathered) -> Any:
    from sqlalchemy import and_, case, func, select

    pieces, aggregated = _pieces(scope, gathered)
    combined = {
        label: getattr(func, how)(pieces.c[label])
        for label, how in aggregated.items()
        if label not in (_LEAST, _GREATEST)
    }
    several = func.min(pieces.c[_LEAST]) != func.max(pieces.c[_GREATEST])
    combined["has_two_cohorts"] = case((several, 1), else_=0)
    people = (
        select(pieces.c.user_id, *(each.label(label) for label, each in combined.items()))
        .group_by(pieces.c.user_id)
        .subquery("people")
    )
    own = [people.c[label] for label in combined]
    slices = scope.slice_columns(pieces)
    if not slices:
        return select(*own).where(_is_in_window(scope, people))
    first = _first_pieces(scope, pieces, slices)
    chosen = and_(_is_in_window(scope, people), scope.passes(first), first.c.place == 1)
    joined = people.join(first, first.c.user_id == people.c.user_id)
    return select(*scope.partition(first), *own).select_from(joined).where(chosen)


_LEAST, _GREATEST = "least_cohort", "greatest_cohort"


def _pieces(scope: Scope, gathered: Gathered) -> tuple[Any, dict[str, str]]:
    """Events gathered by user and slice columns in one scan, and how pieces are put together.

    Nearly every user is one piece, so that whatever is done to pieces costs next to nothing.
    """
    from sqlalchemy import func, select

    events = scope.everyone()
    aggregates = {
        "timestamp": func.min(events.c.timestamp),
        "untimed_events": _number_of(events.c.timestamp.is_(None)),
        _LEAST: func.min(events.c.cohort_id),
        _GREATEST: func.max(events.c.cohort_id),
        **gathered(events.c),
    }
    keys = [events.c.user_id, *scope.slice_columns(events)]
    pieces = (
        select(*keys, *(each.label(label) for label, each in aggregates.items()))
        .where(_counts(scope, events))
        .group_by(*keys)
        .cte("pieces")
    )
    return pieces, {label: each.name for label, each in aggregates.items()}


def _counts(scope: Scope, events: Any) -> Any:
    """The events that count: of the module, by somebody, and not at or after as_of."""
    from sqlalchemy import and_, or_

    known = events.c.timestamp
    return and_(
        events.c.module_id == MODULE,
        events.c.user_id.is_not(None),
        or_(known.is_(None), scope.before(known, scope.as_of)),
    )


def _first_pieces(scope: Scope, pieces: Any, slices: list[Any]) -> Any:
    """The pieces of each user, the one that begins first with ``place`` 1."""
    from sqlalchemy import func, select

    order = [
        pieces.c.timestamp.nulls_last(),
        *(scope.byte_order(column).nulls_last() for column in slices),
    ]
    place = func.row_number().over(partition_by=pieces.c.user_id, order_by=order)
    return select(pieces.c.user_id, *slices, place.label("place")).subquery("first_pieces")


def _is_in_window(scope: Scope, people: Any) -> Any:
    from sqlalchemy import or_

    inside = scope.in_window(people.c.timestamp)
    if scope.window.start is None:
        return or_(people.c.timestamp.is_(None), inside)
    return inside


def _number_of(condition: Any) -> Any:
    from sqlalchemy import case, func

    return func.sum(case((condition, 1), else_=0))


def _counter(column: Any) -> dict[str, Any]:
    """A running total: the user's largest, and how many of its values are not what they should be.

    Missing, negative and impossibly large values do not enter; a fractional one is cut to the whole
    number below it, as the school does.
    """
    from sqlalchemy import BigInteger, and_, case, cast, func

    name = column.name
    is_count = and_(column >= 0, column <= LARGEST_COUNTER)
    nearest = cast(column, BigInteger())
    # Engines round a cast in different ways (or cut); one step down from above is right for all.
    whole = case((nearest > column, nearest - 1), else_=nearest)
    return {
        name: func.max(case((is_count, whole))),
        f"{name}_missing": _number_of(column.is_(None)),
        f"{name}_outside": _number_of(and_(column.is_not(None), ~is_count)),
        f"{name}_fractional": func.sum(
            case((is_count, case((nearest != column, 1), else_=0)), else_=0)
        ),
    }


def counter_columns(name: str) -> tuple[Column, ...]:
    """The columns that a counter of the events becomes for a user."""
    names = (name, f"{name}_missing", f"{name}_outside", f"{name}_fractional")
    return tuple(Column(each, LogicalType.INT) for each in names)


def _notebook(columns: Any) -> dict[str, Any]:
    return {**_counter(columns["support_ticket_count"]), **_counter(columns["validated_m1"])}


def _execution(columns: Any) -> dict[str, Any]:
    from sqlalchemy import func

    return {"notebook_first_exec_time": func.min(columns["notebook_first_exec_time"])}


def _themes(columns: Any) -> dict[str, Any]:
    from sqlalchemy import and_, case, func

    is_theme = columns["theme_id"] == THEME
    is_complete = and_(is_theme, columns["event_type"] == "complete")
    return {
        # What is known at all, so that a column without a value is told from a theme nobody saw.
        "theme_id": func.max(case((columns["theme_id"].is_not(None), 1))),
        "event_type": func.max(case((columns["event_type"].is_not(None), 1))),
        "theme_seen": func.max(case((is_theme, 1), else_=0)),
        "theme_completed": func.max(case((is_complete, 1), else_=0)),
        "theme_first_seen": func.min(case((is_theme, columns["timestamp"]))),
    }


def _project(columns: Any) -> dict[str, Any]:
    return _counter(columns["project_submitted"])


TICKETS, VALIDATED, PROJECT = "support_ticket_count", "validated_m1", "project_submitted"

NOTEBOOK_USERS = users(
    "notebook_users",
    ("event_type", TICKETS, VALIDATED),
    (*counter_columns(TICKETS), *counter_columns(VALIDATED)),
    _notebook,
)
"""Users with their tickets and validation: what the school's own notebook reads."""

EXECUTION_USERS = users(
    "execution_users",
    ("notebook_first_exec_time",),
    (Column("notebook_first_exec_time", LogicalType.TIMESTAMP),),
    _execution,
)
"""Users with the first time that they ran the notebook."""

THEME_USERS = users(
    "theme_users",
    ("theme_id", "event_type"),
    (
        Column("theme_id", LogicalType.INT),
        Column("event_type", LogicalType.INT),
        Column("theme_seen", LogicalType.INT),
        Column("theme_completed", LogicalType.INT),
        Column("theme_first_seen", LogicalType.TIMESTAMP),
    ),
    _themes,
)
"""Users with what they did in the theme."""

PROJECT_USERS = users("project_users", (PROJECT,), counter_columns(PROJECT), _project)
"""Users with whether they handed in the project."""

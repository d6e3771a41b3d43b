"""Users: the events of a module gathered into one row a user, placed by the user's first event."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol

from kpisdk import AsOf, Column, Derived, LogicalType, Scope, WindowUse
from kpisdk_edu_dkt.koryxa.counters import EVENTS, Counter
from kpisdk_edu_dkt.koryxa.datasets import MODULE, SCHOOL_EVENTS, THEME

PLACE = ("user_id", "cohort_id", "country", "module_id", "timestamp")
"""The columns by which events become users and a user gets a cohort and a country."""

_COMBINING = {"max": "max", "min": "min", "sum": "sum", "count": "sum"}
"""How aggregates of parts are put together to that of the whole."""


class Gathered(Protocol):
    """What is made of a user's events."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that users get."""
        ...

    def aggregates(self, events: Any) -> Mapping[str, Any]:
        """From the columns of events to ``max``, ``min``, ``sum`` and ``count`` alone, by label.

        These can be taken of parts first and be put together then.
        """
        ...

    def finished(self, people: Any) -> Mapping[str, Any]:
        """From the aggregates of a user to :attr:`columns`, by name."""
        ...


def users(name: str, columns: tuple[str, ...], *gathered: Gathered) -> Derived:
    """The users of the module, with what ``gathered`` makes of their events.

    A user is one ``user_id`` that has an event in the module. Slice columns are those of the user's
    first event by time; events without a time come last, and among simultaneous ones the smallest
    values of the slice columns are taken. A window holds the users whose first event lies in it,
    with everything that they did before as_of; one without a start keeps the users without any
    known time as well.

    Args:
        name: of the relation.
        columns: what is read of the events beside :data:`PLACE`.
        gathered: what is made of them.
    """
    own = (
        Column("user_id", LogicalType.TEXT),
        Column("timestamp", LogicalType.TIMESTAMP),
        Column("has_two_cohorts", LogicalType.INT),
        Column("untimed_events", LogicalType.INT),
    )
    return Derived(
        name,
        base=SCHOOL_EVENTS.only(*dict.fromkeys((*PLACE, *columns))),
        build=partial(_build, gathered=gathered),
        adds=(*own, *(column for each in gathered for column in each.columns)),
        window_use=WindowUse.OWN,
        grouped=True,
    )


def _build(scope: Scope, *, gathered: tuple[Gathered, ...]) -> Any:
    from sqlalchemy import and_, case, select, union_all

    pieces, combining = _pieces(scope, gathered)
    slices = scope.slice_columns(pieces)
    if not slices:  # every user is one piece
        people = pieces
    else:
        whole, parted = _by_number_of_pieces(pieces)
        keys = [pieces.c.user_id, *slices]
        alone = select(*keys, *(pieces.c[label] for label in combining)).where(whole)
        people = union_all(alone, _united(scope, parted, combining)).subquery("people")
    several = people.c[_LEAST] != people.c[_GREATEST]
    own = {
        "user_id": people.c.user_id,
        "timestamp": people.c.timestamp,
        "has_two_cohorts": case((several, 1), else_=0),
        "untimed_events": people.c[EVENTS] - people.c[_TIMED],
    }
    for each in gathered:
        own.update(each.finished(people.c))
    named = [each.label(label) for label, each in own.items()]
    if not slices:
        return select(*named).where(_is_in_window(scope, people))
    chosen = and_(_is_in_window(scope, people), scope.passes(people))
    return select(*scope.partition(people), *named).where(chosen)


_LEAST, _GREATEST, _TIMED = "least_cohort", "greatest_cohort", "timed_events"


def _pieces(scope: Scope, gathered: tuple[Gathered, ...]) -> tuple[Any, dict[str, str]]:
    """Events gathered by user and slice columns in one scan, and how pieces are put together."""
    from sqlalchemy import func, select

    events = scope.everyone()
    aggregates = {
        "timestamp": func.min(events.c.timestamp),
        _LEAST: func.min(events.c.cohort_id),
        _GREATEST: func.max(events.c.cohort_id),
        EVENTS: func.count(),
        _TIMED: func.count(events.c.timestamp),
    }
    for each in gathered:
        aggregates.update(each.aggregates(events.c))
    keys = [events.c.user_id, *scope.slice_columns(events)]
    pieces = (
        select(*keys, *(each.label(label) for label, each in aggregates.items()))
        .where(_counts(scope, events))
        .group_by(*keys)
        .cte("pieces")
    )
    return pieces, {label: _COMBINING[each.name] for label, each in aggregates.items()}


def _counts(scope: Scope, events: Any) -> Any:
    """The events that count: of the module, by somebody, and not at or after as_of."""
    from sqlalchemy import and_, or_

    known = events.c.timestamp
    return and_(
        events.c.module_id == MODULE,
        events.c.user_id.is_not(None),
        or_(known.is_(None), scope.before(known, scope.as_of)),
    )


def _by_number_of_pieces(pieces: Any) -> tuple[Any, Any]:
    """The condition that a piece is a whole user, and the pieces of all other users.

    Nearly every user is one piece, and needs neither be put together nor placed.
    """
    from sqlalchemy import func, select

    crowd = (
        select(pieces.c.user_id)
        .group_by(pieces.c.user_id)
        .having(func.count() > 1)
        .cte("users_in_pieces")
    )
    parted = select(pieces).where(pieces.c.user_id.in_(select(crowd.c.user_id))).cte("parted")
    return pieces.c.user_id.not_in(select(crowd.c.user_id)), parted


def _united(scope: Scope, parted: Any, combining: Mapping[str, str]) -> Any:
    """Users put together from their pieces, each in the slice of the piece that begins first."""
    from sqlalchemy import func, select

    slices = scope.slice_columns(parted)
    whole = (
        select(
            parted.c.user_id,
            *(getattr(func, how)(parted.c[label]).label(label) for label, how in combining.items()),
        )
        .group_by(parted.c.user_id)
        .subquery("united")
    )
    order = [
        parted.c.timestamp.nulls_last(),
        *(scope.byte_order(column).nulls_last() for column in slices),
    ]
    place = func.row_number().over(partition_by=parted.c.user_id, order_by=order)
    keys = [parted.c.user_id, *slices]
    placed = select(*keys, place.label("place")).subquery("placed")
    first = [placed.c[column.name] for column in keys]
    return (
        select(*first, *(whole.c[label] for label in combining))
        .join_from(whole, placed, placed.c.user_id == whole.c.user_id)
        .where(placed.c.place == 1)
    )


def _is_in_window(scope: Scope, people: Any) -> Any:
    from sqlalchemy import or_

    inside = scope.in_window(people.c.timestamp)
    if scope.window.start is None:
        return or_(people.c.timestamp.is_(None), inside)
    return inside


class _Execution:
    """The first time that the notebook was run."""

    columns = (Column("notebook_first_exec_time", LogicalType.TIMESTAMP),)

    def aggregates(self, events: Any) -> Mapping[str, Any]:
        from sqlalchemy import func

        return {"notebook_first_exec_time": func.min(events.notebook_first_exec_time)}

    def finished(self, people: Any) -> Mapping[str, Any]:
        return {"notebook_first_exec_time": people.notebook_first_exec_time}


class _Theme:
    """What was done in the theme; ``theme_id`` and ``event_type`` say whether any is known.

    So a column without a value is told from a theme that nobody saw.
    """

    columns = (
        Column("theme_id", LogicalType.INT),
        Column("event_type", LogicalType.INT),
        Column("theme_seen", LogicalType.INT),
        Column("theme_completed", LogicalType.INT),
        Column("theme_first_seen", LogicalType.TIMESTAMP),
    )

    def aggregates(self, events: Any) -> Mapping[str, Any]:
        from sqlalchemy import and_, case, func

        is_theme = events.theme_id == THEME
        is_complete = and_(is_theme, events.event_type == "complete")
        return {
            "theme_id": func.max(case((events.theme_id.is_not(None), 1))),
            "event_type": func.max(case((events.event_type.is_not(None), 1))),
            "theme_seen": func.max(case((is_theme, 1), else_=0)),
            "theme_completed": func.max(case((is_complete, 1), else_=0)),
            "theme_first_seen": func.min(case((is_theme, events.timestamp))),
        }

    def finished(self, people: Any) -> Mapping[str, Any]:
        return {column.name: people[column.name] for column in self.columns}


TICKETS, VALIDATED, PROJECT = "support_ticket_count", "validated_m1", "project_submitted"

NOTEBOOK_USERS = users(
    "notebook_users", ("event_type", TICKETS, VALIDATED), Counter(TICKETS), Counter(VALIDATED)
)
"""Users with their tickets and validation: what the school's own notebook reads."""

EXECUTION_USERS = users("execution_users", ("notebook_first_exec_time",), _Execution())
"""Users with the first time that they ran the notebook."""

THEME_USERS = users("theme_users", ("theme_id", "event_type"), _Theme())
"""Users with what they did in the theme."""

TO_THEME = THEME_USERS["theme_first_seen"].hours_since(THEME_USERS["timestamp"])
"""Hours from a user's first event to the first one in the theme."""

NOT_YET_THERE = THEME_USERS["theme_seen"].equals(0) & THEME_USERS["theme_id"].not_null()
"""Users who have not reached the theme, of events that name themes at all."""


def _waits(scope: Scope) -> Any:
    """Hours after the first event, and the share of users who are not in the theme by then."""
    from sqlalchemy import case, select

    people = THEME_USERS.build(scope).subquery("theme_users")
    began = AsOf().hours_since(THEME_USERS["timestamp"])
    waits = select(
        *scope.partition(people),
        scope.expression(TO_THEME, people).label("reached"),
        case((scope.expression(NOT_YET_THERE, people), scope.expression(began, people))).label(
            "not_reached"
        ),
    )
    return scope.still_waiting(waits.subquery("waits"), "reached", "not_reached")


THEME_WAITS = Derived(
    "theme_waits",
    base=THEME_USERS.base,
    build=_waits,
    adds=(Column("waited", LogicalType.FLOAT), Column("still_waiting", LogicalType.FLOAT)),
    window_use=WindowUse.OWN,
    grouped=True,
)
"""Hours after the first event, each with the share of users who reach the theme later or never."""

PROJECT_USERS = users("project_users", (PROJECT,), Counter(PROJECT))
"""Users with whether they handed in the project."""

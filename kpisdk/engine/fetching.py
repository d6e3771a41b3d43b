"""Runs the statements of a plan, and sorts the numbers by the query that they belong to."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from kpisdk.contracts.engine_traits import FusionRule
from kpisdk.contracts.plans import Slicing, StatementPlan
from kpisdk.contracts.requests import MOST_GROUPS
from kpisdk.contracts.source_kinds import Session
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.failures import TooManyGroupsError
from kpisdk.errors import (
    BadValueError,
    ConnectionLostError,
    KpisdkError,
    QueryError,
    StatementTimeoutError,
)
from kpisdk.planner.planning import MeasureRequest, Plan, plan
from kpisdk.sql import statements

Cell: TypeAlias = tuple[tuple[Any, ...], date | None]
"""Where a number belongs: the values of the slice columns, and the bucket's first day."""


@attrs.define
class Answer:
    """The values of one measure by cell. ``names`` are the slice columns that it follows."""

    names: tuple[str, ...]
    values: dict[Cell, float | None] = attrs.field(factory=dict)


@attrs.define
class Answers:
    """What was read: answers by (owner, name), and the error of each owner that failed."""

    found: dict[tuple[Hashable, str], Answer] = attrs.field(factory=dict)
    errors: dict[Hashable, KpisdkError] = attrs.field(factory=dict)


def bounded(select: Any, slicing: Slicing, most: int) -> Any:
    """A statement that reads one group more than allowed at most, so that too many are noticed."""
    return select.limit(most + 1) if slicing.by else select


def fetch(
    requests: Iterable[MeasureRequest], rule: FusionRule, catalog: Catalog, most: int = MOST_GROUPS
) -> Answers:
    """Plan the requests, run the statements, and sort the numbers by who asked.

    A statement that fails is run again owner by owner, so that one KPI's fault stays its own. A
    time-out is not tried again: it would only take as long. ``most`` is how many groups a statement
    may give.

    Raises:
        ConnectionLostError: the whole execution is void.
    """
    requests = list(requests)
    answers = Answers()
    planned = plan(requests, rule)
    failed: dict[Hashable, KpisdkError] = {}
    for position, statement in enumerate(planned.statements):
        try:
            with catalog.log.of(_kpis(planned.owners[position])):
                rows = run(statement, catalog, most)
            _place(planned, position, statement, rows, answers)
        except ConnectionLostError:
            raise
        except (QueryError, StatementTimeoutError, TooManyGroupsError) as error:
            for owner in planned.owners[position]:
                failed[owner] = error
    for owner, fault in failed.items():
        alone = [each for each in requests if each.owner == owner]
        shared = any(owner in owners and len(owners) > 1 for owners in planned.owners)
        if not shared or isinstance(fault, StatementTimeoutError | TooManyGroupsError):
            answers.errors[owner] = fault
            continue
        again = fetch(alone, rule, catalog, most)
        answers.found.update(again.found)
        answers.errors.update(again.errors)
    return answers


def _kpis(owners: Iterable[Hashable]) -> set[str]:
    """The KPIs that a statement is run for; an owner is a part of a KPI, whose id comes first."""
    return {str(owner[0]) for owner in owners if isinstance(owner, tuple)}


def run(
    statement: StatementPlan, catalog: Catalog, most: int = MOST_GROUPS
) -> list[tuple[Any, ...]]:
    """The rows of one planned statement.

    Raises:
        TooManyGroupsError: they are more groups than ``most``.
    """
    session: Session = catalog.session
    select = statements.statement(statement, catalog.table, session.dialect)
    rows = session.rows(bounded(select, statement.slicing, most))
    if statement.slicing.by and len(rows) > most:
        raise TooManyGroupsError([each.name for each in statement.slicing.by], most)
    return rows


def _place(
    planned: Plan,
    position: int,
    statement: StatementPlan,
    rows: list[tuple[Any, ...]],
    answers: Answers,
) -> None:
    slicing = statement.slicing
    names = tuple(dimension.name for dimension in slicing.by)
    width = len(names)
    bucketed = slicing.grain is not None
    columns = {task.label: width + bucketed + each for each, task in enumerate(statement.tasks)}
    keys = [(row[:width], as_day(row[width]) if bucketed else None) for row in rows]
    for key, places in planned.places.items():
        for place in places:
            if place.statement != position:
                continue
            answer = answers.found.setdefault(key, Answer(names))
            column = columns[place.label]
            for (slice_values, bucket), row in zip(keys, rows, strict=True):
                cell = (slice_values, place.period if place.period is not None else bucket)
                answer.values[cell] = number(row[column])


def as_day(value: Any) -> date | None:
    """A bucket as engines return it, as a day."""
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value)[:10])


def number(value: Any) -> float | None:
    """A measure as a float; decimals and booleans too. ``None`` stays ``None``."""
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, int | Decimal):
        return float(value)
    raise BadValueError("the source", f"{value!r:.80} was read where a number was expected")


def projected(cell: Cell, all_names: tuple[str, ...], answer: Answer) -> Cell:
    """The cell of an answer that follows fewer slice columns than the request has."""
    if answer.names == all_names:
        return cell
    values = dict(zip(all_names, cell[0], strict=True))
    return tuple(values[name] for name in answer.names), cell[1]

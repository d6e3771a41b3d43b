"""Runs the statements of a plan, and sorts the numbers by the query that they belong to."""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from kpisdk.contracts.engine_traits import FusionRule
from kpisdk.contracts.plans import Slicing, StatementPlan
from kpisdk.contracts.requests import MOST_GROUPS
from kpisdk.contracts.source_kinds import Session
from kpisdk.contracts.unit_moments import SharedProducts, UnitMoments
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.failures import TooManyGroupsError
from kpisdk.errors import (
    BadValueError,
    ConnectionLostError,
    KpisdkError,
    QueryError,
    StatementTimeoutError,
)
from kpisdk.planner.planning import MeasureRequest, Plan, RowCount, plan
from kpisdk.sql import statements
from kpisdk.sql.unit_layout import UnitLayout

Cell: TypeAlias = tuple[tuple[Any, ...], date | None]
"""Where a number belongs: the values of the slice columns, and the bucket's first day."""


@attrs.define
class Answer:
    """The values of one measure by cell. ``names`` are the slice columns that it follows."""

    names: tuple[str, ...]
    values: dict[Cell, float | None] = attrs.field(factory=dict)


@attrs.define
class UnitAnswer:
    """The moments over units that one statement gave for one family of measures, by cell.

    Attributes:
        names: the slice columns that they follow.
        labels: for each owner of the family, the label of each of its measures in the statement.
        values: the moments by cell; ``None`` where they cannot be told.
        shared: the products of a cell's parts with those of the calendar bucket that it is compared
            with, where they were read.
    """

    names: tuple[str, ...]
    labels: Mapping[Hashable, Mapping[str, str]]
    values: dict[Cell, UnitMoments | None] = attrs.field(factory=dict)
    shared: dict[Cell, SharedProducts] = attrs.field(factory=dict)


@attrs.define
class Answers:
    """What was read: answers by (owner, name), and the error of each owner that failed.

    Attributes:
        found: the values of each measure.
        errors: of the owners that failed.
        moments: the moments over units, by owner: one per statement.
    """

    found: dict[tuple[Hashable, str], Answer] = attrs.field(factory=dict)
    errors: dict[Hashable, KpisdkError] = attrs.field(factory=dict)
    moments: dict[Hashable, list[UnitAnswer]] = attrs.field(factory=dict)

    def add(self, other: Answers) -> None:
        """Take what was read later."""
        self.found.update(other.found)
        self.errors.update(other.errors)
        self.moments.update(other.moments)


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
    families = {each.owner: each.family for each in requests if each.family is not None}
    failed: dict[Hashable, KpisdkError] = {}
    for position, statement in enumerate(planned.statements):
        try:
            with catalog.log.of(_kpis(planned.owners[position])):
                rows = run(statement, catalog, most)
            keys = _place(planned, position, statement, rows, answers)
            if statement.products:
                _place_moments(planned, position, statement, rows, keys, families, answers)
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
        answers.add(fetch(alone, rule, catalog, most))
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
) -> list[Cell]:
    """Hand the values of a statement to those who asked; the cells of its rows, in order."""
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
    return keys


def _place_moments(
    planned: Plan,
    position: int,
    statement: StatementPlan,
    rows: list[tuple[Any, ...]],
    keys: list[Cell],
    families: Mapping[Hashable, Hashable],
    answers: Answers,
) -> None:
    """Hand the moments of each family of a statement to its owners."""
    layout = UnitLayout.of(statement)
    names = tuple(dimension.name for dimension in statement.slicing.by)
    read = [layout.read(row) for row in rows]
    shared = [layout.read_shared(row) for row in rows] if layout.shared else []
    for family, places in planned.moments.items():
        owners = {owner for owner, each in families.items() if each == family}
        for place in places:
            if place.statement != position:
                continue
            labels = _labels(planned, position, owners, statement.products[place.group])
            answer = UnitAnswer(names, labels)
            for (slice_values, bucket), moments in zip(keys, read, strict=True):
                cell = (slice_values, place.period if place.period is not None else bucket)
                answer.values[cell] = moments[place.group]
            if shared:
                of_group = (each[place.group] for each in shared)
                answer.shared.update(zip(keys, of_group, strict=True))
            for owner in labels:
                answers.moments.setdefault(owner, []).append(answer)


def _labels(
    planned: Plan, position: int, owners: Container[Hashable], group: tuple[str, ...]
) -> dict[Hashable, dict[str, str]]:
    """The labels of a family's measures in a statement, by owner and name."""
    found: dict[Hashable, dict[str, str]] = {}
    for (owner, name), places in planned.places.items():
        if owner not in owners or isinstance(name, RowCount):
            continue
        for place in places:
            if place.statement == position and place.label in group:
                found.setdefault(owner, {})[name] = place.label
    return found


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


def projected(cell: Cell, all_names: tuple[str, ...], answer: Answer | UnitAnswer) -> Cell:
    """The cell of an answer that follows fewer slice columns than the request has."""
    if answer.names == all_names:
        return cell
    values = dict(zip(all_names, cell[0], strict=True))
    return tuple(values[name] for name in answer.names), cell[1]

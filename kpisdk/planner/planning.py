"""Which measures share a statement, and where each answer will be found."""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.engine_traits import FusionRule
from kpisdk.contracts.expression_tree import AsOf, Expression
from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.plans import Shape, Slicing, StatementPlan, Task, UnitColumn
from kpisdk.contracts.relations import Derived, Relation, WindowUse
from kpisdk.contracts.time_windows import Window


class RowCount(str):
    """Name under which every query also learns how many rows its slice and window hold.

    It is known by its type: a measure of a metric may have any name, ``rows`` among them.
    """

    __slots__ = ()

    @classmethod
    def beside(cls, names: Container[str], position: int) -> RowCount:
        """The name for the relation at that position, which is none of ``names``."""
        name = f"rows:{position}"
        while name in names:
            name += "_"
        return cls(name)


@attrs.frozen
class MeasureRequest:
    """One measure that is asked for: by whom, under which name, in which slice and window.

    ``window`` is the resolved window (``None``: the measure has no time filter); ``period`` fixes
    the bucket that the answer belongs to, where a relation cannot be bucketed in one scan. With a
    ``unit``, the measures of one ``family`` share a statement that returns their moments over units
    too: those of a KPI, in its own window and in the one that it is compared with. ``back`` is how
    many days earlier the calendar bucket begins whose units are wanted beside (see
    :class:`~kpisdk.contracts.plans.StatementPlan`).
    """

    owner: Hashable
    name: str
    measure: Measure
    slicing: Slicing
    window: Window | None
    as_of: datetime
    parameters: Mapping[str, Any] = attrs.field(factory=dict)
    period: date | None = None
    unit: UnitColumn | None = None
    family: Hashable = None
    back: tuple[int, int] | None = None


@attrs.frozen
class Place:
    """Where an answer is found: the statement's position, the column's label, a fixed bucket."""

    statement: int
    label: str
    period: date | None = None


@attrs.frozen
class MomentsPlace:
    """Where moments are found: the statement's position, the group in its ``products``."""

    statement: int
    group: int
    period: date | None = None


@attrs.frozen
class Plan:
    """Statements, and for each (owner, name) the places of its answer."""

    statements: tuple[StatementPlan, ...]
    places: Mapping[tuple[Hashable, str], tuple[Place, ...]]
    owners: tuple[frozenset[Hashable], ...] = ()
    """The owners that each statement answers: who is affected when it fails."""
    moments: Mapping[Hashable, tuple[MomentsPlace, ...]] = attrs.field(factory=dict)
    """Where each family's moments are: one place per relation (and bucket read by itself)."""


@attrs.define
class _Group:
    plan: StatementPlan
    tasks: dict[tuple[Measure, Window | None], str] = attrs.field(factory=dict)
    owners: set[Hashable] = attrs.field(factory=set)
    families: dict[tuple[Hashable, date | None], dict[str, None]] = attrs.field(factory=dict)
    """The labels of each family's measures, in the order in which they were asked for."""


_COLUMNS_WITH_UNITS = 5
"""How many times as many columns a measure takes whose products with its family's are summed."""


def plan(requests: Iterable[MeasureRequest], rule: FusionRule) -> Plan:
    """Group requests into statements by the rule; equal measures are computed once."""
    groups: dict[Hashable, list[_Group]] = {}
    found: dict[tuple[Hashable, str], list[tuple[_Group, str, date | None]]] = {}
    ordered: list[_Group] = []
    requests = tuple(requests)
    lone = _lone_distinct_counts(requests, rule)
    landed: dict[Hashable, _Group] = {}
    entities = _entities(requests)
    for request in requests:
        place = (request.owner, request.measure.relation, request.slicing, request.period)
        is_row_count = isinstance(request.name, RowCount)
        companion = landed.get(place) if is_row_count else None
        entity = entities.get(place[:2])
        group = companion or _group_for(request, rule, groups, ordered, entity)
        if place[:2] in lone and request.unit is None:
            landed.setdefault(place, group)
        window = _outer_window(request)
        label = group.tasks.setdefault((request.measure, window), f"m{len(group.tasks)}")
        group.owners.add(request.owner)
        if request.unit is not None and request.family is not None and not is_row_count:
            group.families.setdefault((request.family, request.period), {})[label] = None
        found.setdefault((request.owner, request.name), []).append((group, label, request.period))
    position = {id(group): index for index, group in enumerate(ordered)}
    statements = tuple(
        attrs.evolve(
            group.plan,
            tasks=tuple(
                Task(label, measure, window) for (measure, window), label in group.tasks.items()
            ),
            products=tuple(tuple(labels) for labels in group.families.values()),
        )
        for group in ordered
    )
    places = {
        key: tuple(Place(position[id(group)], label, period) for group, label, period in entries)
        for key, entries in found.items()
    }
    moments: dict[Hashable, tuple[MomentsPlace, ...]] = {}
    for index, group in enumerate(ordered):
        for number, (family, period) in enumerate(group.families):
            found_at = MomentsPlace(index, number, period)
            moments[family] = (*moments.get(family, ()), found_at)
    return Plan(statements, places, tuple(frozenset(group.owners) for group in ordered), moments)


def _group_for(
    request: MeasureRequest,
    rule: FusionRule,
    groups: dict[Hashable, list[_Group]],
    ordered: list[_Group],
    entity: Expression | None,
) -> _Group:
    """The group that a request belongs to: one of its key that still has room, or a new one.

    Measures of one family stay together: the products of two statements' measures are in neither.
    """
    if request.unit is None:
        shape = rule.shape(request.measure.aggregate)
        key, why = _key(request, rule, shape)
    else:
        shape = Shape.FUSED
        key, why = _key(request, rule, shape)
        key, why = (key, request.unit, entity), f"{why}; by units of {request.unit.name}"
    chunks = groups.setdefault(key, [])
    for chunk in chunks:
        if (request.family, request.period) in chunk.families:
            return chunk
    most = rule.limit if request.unit is None else max(1, rule.limit // _COLUMNS_WITH_UNITS)
    if not chunks or (rule.limit > 1 and len(chunks[-1].tasks) >= most):
        chunks.append(_Group(_empty(request, shape, why)))
        ordered.append(chunks[-1])
    return chunks[-1]


def _lone_distinct_counts(
    requests: tuple[MeasureRequest, ...], rule: FusionRule
) -> set[tuple[Hashable, Relation]]:
    """Where an owner asks a relation for distinct counts of one entity only.

    How many rows there are is then learnt in the same statement instead of one more scan.
    """
    if rule.distinct is not Shape.TWO_LEVEL:
        return set()
    found: dict[tuple[Hashable, Relation], set[Expression | None]] = {}
    for request in requests:
        if not isinstance(request.name, RowCount):
            distinct = request.measure.aggregate is Aggregate.DISTINCT
            entity = request.measure.value if distinct else None
            found.setdefault((request.owner, request.measure.relation), set()).add(entity)
    return {key for key, entities in found.items() if len(entities) == 1 and None not in entities}


def _entities(
    requests: tuple[MeasureRequest, ...],
) -> dict[tuple[Hashable, Relation], Expression | None]:
    """What each owner counts distinct values of in a relation, among requests with a unit."""
    return {
        (request.owner, request.measure.relation): request.measure.value
        for request in requests
        if request.unit is not None and request.measure.aggregate is Aggregate.DISTINCT
    }


def uses_as_of(measure: Measure) -> bool:
    """Whether a measure's own expressions name the instant of the request."""
    return any(
        isinstance(node, AsOf)
        for expression in (measure.value, measure.where)
        if expression is not None
        for node in expression.walk()
    )


def _empty(request: MeasureRequest, shape: Shape, why: str) -> StatementPlan:
    relation = request.measure.relation
    return StatementPlan(
        relation=relation,
        slicing=request.slicing,
        tasks=(),
        shape=shape,
        as_of=request.as_of,
        window=_inner_window(request),
        parameters=request.parameters,
        why=why,
        unit=request.unit,
        back=request.back if request.unit is not None else None,
    )


def _inner_window(request: MeasureRequest) -> Window | None:
    relation = request.measure.relation
    if isinstance(relation, Derived) and relation.window_use is not WindowUse.OUTSIDE:
        return request.window
    return None


def _outer_window(request: MeasureRequest) -> Window | None:
    relation = request.measure.relation
    if _inner_window(request) is not None or relation.base.time is None:
        return None
    return request.window


def _key(request: MeasureRequest, rule: FusionRule, shape: Shape) -> tuple[Hashable, str]:
    """What must be equal for two requests to share a statement, and the words for it."""
    measure, relation = request.measure, request.measure.relation
    identity: Hashable
    words = [f"relation {relation.name}"]
    if isinstance(relation, Dataset):
        identity = (relation.name, relation.time)
        as_of = request.as_of if uses_as_of(measure) else None
    else:
        identity, as_of = relation, request.as_of
    # By their texts: a parameter may be a mapping, which is no key.
    used = tuple(sorted((name, repr(request.parameters.get(name))) for name in measure.parameters))
    if used:
        words.append("parameters " + ", ".join(f"{name}={value}" for name, value in used))
    inner = _inner_window(request)
    if inner is not None:
        words.append(f"rows chosen within {inner.label}")
    entity = measure.value if shape is Shape.TWO_LEVEL else None
    if shape is Shape.TWO_LEVEL:
        words.append("exact distinct count, grouped by the entity first")
    alone = request.owner if request.unit is None else request.family
    owner = None if rule.fuse else alone
    if owner is not None:
        words.append("not fused, as asked")
    across = measure.across
    if across:
        words.append(f"over all values of {', '.join(across)}")
    key = (identity, request.slicing, used, as_of, inner, shape, entity, owner)
    return key, "; ".join(words)

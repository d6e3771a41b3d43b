"""Plans with units over the visits, and how their statements' rows are read."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from unit_rows import VISITS

from kpisdk import count
from kpisdk.contracts.plans import Shape, Slicing, StatementPlan, Task
from kpisdk.contracts.unit_moments import UnitMoments
from kpisdk.sql.statements import statement
from kpisdk.sql.unit_buckets import unit_column
from kpisdk.sql.unit_layout import UnitLayout

good = VISITS["good"]
AS_OF = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
COUNTED = {
    "good": (count(VISITS, good.is_true()), lambda row: row["good"] is True),
    "known": (count(VISITS, good.not_null()), lambda row: row["good"] is not None),
    "rows": (count(VISITS), lambda row: True),
}


def planned(desk, measures, *, relation=VISITS, unit="person", groups=None, **facts):
    """A plan whose tasks are the measures, by label; all of them one group by default."""
    windows = facts.pop("windows", {})
    by_day = facts.pop("by_day", False)
    tasks = tuple(
        Task(label, attrs.evolve(each, relation=relation), windows.get(label))
        for label, each in measures.items()
    )
    found = unit_column(relation, unit, desk.catalog.table, by_day=by_day)
    assert found is not None
    slicing = facts.pop("slicing", Slicing())
    return StatementPlan(
        relation, slicing, tasks, Shape.FUSED, AS_OF, unit=found,
        products=groups or (tuple(measures),), **facts,
    )  # fmt: skip


def read(desk, plan):
    """The statement's rows: keys, values by label, moments of each group."""
    width = len(plan.slicing.by) + (plan.slicing.grain is not None)
    layout = UnitLayout.of(plan)
    found = {}
    for row in desk.session.rows(statement(plan, desk.catalog.table, desk.dialect)):
        labels = [task.label for task in plan.tasks]
        values = dict(zip(labels, row[width : layout.start], strict=True))
        found[tuple(row[:width])] = (values, layout.read(row))
    return found


def expected(buckets, functions):
    """The moments of numbers by name, each a function of a bucket's rows."""
    return UnitMoments.of(
        [{name: function(rows) for name, function in functions.items()} for rows in buckets]
    )


def counts(holds):
    """How many of a bucket's rows hold."""
    return lambda rows: sum(map(holds, rows))


def same(found, wanted):
    """Whether moments are equal, but for the numbers of units."""
    assert found.names == wanted.names
    assert (found.buckets, found.filled) == (wanted.buckets, wanted.filled)
    assert found.sums == pytest.approx(wanted.sums, rel=1e-9, abs=1e-6)
    assert found.products == pytest.approx(wanted.products, rel=1e-9, abs=1e-6)

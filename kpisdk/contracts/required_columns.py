"""The datasets, columns and types that a calculation requires of a source."""

from __future__ import annotations

from collections.abc import Iterable

from kpisdk.contracts.calculators import Calculator, FrameInput
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.expression_tree import column_names
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.relations import Relation, WindowUse
from kpisdk.contracts.vocabulary import LogicalType

Columns = dict[str, dict[str, LogicalType]]
"""Dataset name -> column name -> declared type."""


def required_columns(
    calculation: Metric | Calculator, frame_inputs: Iterable[FrameInput], *, windowed: bool
) -> Columns:
    """The columns that a calculation reads where nothing is sliced.

    Args:
        calculation: a metric, or a calculator.
        frame_inputs: what the calculator reads.
        windowed: whether a window applies, so that time columns are needed too.
    """
    if isinstance(calculation, Calculator):
        return columns_of_inputs(frame_inputs, windowed=windowed)
    return columns_of_measures(calculation.measures().values(), windowed=windowed)


def columns_of_measures(
    measures: Iterable[Measure], *, windowed: bool, sliced: Iterable[str] = ()
) -> Columns:
    """The columns that measures read.

    Args:
        measures: the measures.
        windowed: whether a window applies, so that time columns are needed too.
        sliced: the columns that the request filters or groups by: where a relation binds one of
            them, the tables that it reads need it as well.
    """
    found: Columns = {}
    for measure in measures:
        _relation(found, measure.relation, measure.columns, frozenset(sliced), windowed=windowed)
    return found


def columns_of_inputs(
    frame_inputs: Iterable[FrameInput], *, windowed: bool, sliced: Iterable[str] = ()
) -> Columns:
    """The columns that the inputs of a calculator hold; arguments as for measures."""
    found: Columns = {}
    for each in frame_inputs:
        names = {*each.columns, *(() if each.where is None else column_names(each.where))}
        is_windowed = windowed and each.windowed
        _relation(found, each.relation, names, frozenset(sliced), windowed=is_windowed)
    return found


def _relation(
    found: Columns,
    relation: Relation,
    names: Iterable[str],
    sliced: frozenset[str],
    *,
    windowed: bool,
) -> None:
    if isinstance(relation, Dataset):
        wanted = set(names)
        if windowed and relation.time is not None:
            wanted.add(relation.time)
        _add(found, relation, wanted)
        return
    # A derived relation reads everything that it declares, whatever the measure asks of it; only
    # what it passes on unread is needed by those alone who name it.
    unread = set(relation.passes).difference(names)
    own = (column.name for column in relation.base.columns)
    _add(found, relation.base, (name for name in own if name not in unread))
    spared = set(relation.passes) - sliced.intersection(relation.binds)
    for dataset in relation.reads:
        read = (column.name for column in dataset.columns)
        _add(found, dataset, (name for name in read if name not in spared))
    if relation.window_use is WindowUse.OUTSIDE and windowed and relation.base.time is not None:
        _add(found, relation.base, (relation.base.time,))


def _add(found: Columns, dataset: Dataset, names: Iterable[str]) -> None:
    columns = found.setdefault(dataset.name, {})
    for name in names:
        columns[name] = dataset.column(name).type

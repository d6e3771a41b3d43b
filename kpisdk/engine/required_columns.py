"""The datasets, columns and types that a calculation requires of a source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
    calculation: Metric | Calculator,
    asked: Iterable[FrameInput],
    *,
    windowed: bool,
    sliced: Iterable[str] = (),
) -> Columns:
    """The columns that a calculation reads; its time columns too, where a window applies.

    ``sliced`` are the columns that the request filters or groups by: where a relation binds one of
    them, the tables that it reads need it as well.
    """
    found: Columns = {}
    cut = frozenset(sliced)
    if isinstance(calculation, Calculator):
        for frame_input in asked:
            names = {
                *frame_input.columns,
                *(() if frame_input.where is None else column_names(frame_input.where)),
            }
            _relation(
                found, frame_input.relation, names, cut, windowed=windowed and frame_input.windowed
            )
    else:
        measures: Mapping[str, Measure] = calculation.measures()
        for measure in measures.values():
            _relation(found, measure.relation, measure.columns, cut, windowed=windowed)
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

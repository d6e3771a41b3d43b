"""What a calculation needs of a source: datasets, columns and types, before anything is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kpisdk.contracts.calculators import Calculator, FrameInput
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.expressions import column_names
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.metrics import Metric
from kpisdk.contracts.relations import Relation, WindowUse
from kpisdk.contracts.vocabulary import LogicalType

Columns = dict[str, dict[str, LogicalType]]
"""Dataset name -> column name -> declared type."""


def needed_columns(
    calculation: Metric | Calculator, asked: Iterable[FrameInput], *, windowed: bool
) -> Columns:
    """The columns that a calculation reads; its time columns too, where a window applies."""
    found: Columns = {}
    if isinstance(calculation, Calculator):
        for ask in asked:
            _relation(found, ask.relation, ask.columns, windowed=windowed and ask.windowed)
            if ask.where is not None:
                _relation(found, ask.relation, column_names(ask.where), windowed=False)
    else:
        measures: Mapping[str, Measure] = calculation.measures()
        for measure in measures.values():
            _relation(found, measure.relation, measure.columns, windowed=windowed)
    return found


def _relation(found: Columns, relation: Relation, names: Iterable[str], *, windowed: bool) -> None:
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
    for dataset in relation.reads:
        _add(found, dataset, (column.name for column in dataset.columns))
    if relation.window_use is WindowUse.OUTSIDE and windowed and relation.base.time is not None:
        _add(found, relation.base, (relation.base.time,))


def _add(found: Columns, dataset: Dataset, names: Iterable[str]) -> None:
    columns = found.setdefault(dataset.name, {})
    for name in names:
        columns[name] = dataset.column(name).type

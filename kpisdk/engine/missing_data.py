"""Tables without a row and columns without a value, the why behind zeros and absences.

A count of zero over a column that holds no value anywhere is no zero: the source does not record
what is counted. Which columns that concerns is worked out here; whether they hold a value is asked
of the source by the caller, and only once a zero or an absence makes it necessary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kpisdk.contracts.datasets import Column, Dataset
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.plans import Slicing
from kpisdk.contracts.relations import Derived
from kpisdk.engine.source_probes import SourceProbes


def missing_data(measures: Iterable[Measure], held: SourceProbes) -> tuple[str, ...]:
    """A sentence for each empty table and blank column that the measures cannot do without."""
    found: dict[str, None] = {}
    for dataset, columns in _needed(measures):
        if not held.table_holds_rows(dataset):
            found[f"Table {dataset.name!r} holds no rows."] = None
            continue
        for column in columns:
            found.update(dict.fromkeys(blank_column(dataset.name, column, held)))
    return tuple(found)


def blank_column(dataset: str, column: Column, held: SourceProbes) -> tuple[str, ...]:
    """A sentence if the column holds no value in any row, else nothing."""
    if held.column_holds_values(dataset, column):
        return ()
    return (f"Column {column.name!r} of {dataset!r} holds no value in any row.",)


def blank_filters(base: Dataset, slicing: Slicing, held: SourceProbes) -> tuple[str, ...]:
    """A sentence for each column that a filter wants a value of and that holds none anywhere."""
    found: list[str] = []
    for dimension, wanted in slicing.filters:
        if None not in wanted:
            column = Column(dimension.name, dimension.type)
            found += blank_column(dimension.table or base.name, column, held)
    return tuple(found)


def unmatched_filters(base: Dataset, slicing: Slicing, held: SourceProbes) -> tuple[str, ...]:
    """A sentence for each filter that no row passes, whatever its time: a misspelt value, often."""
    found = []
    for dimension, values in slicing.filters:
        table = dimension.table or base.name
        if not held.any_match(table, dimension, values):
            asked = " or ".join("no value" if each is None else repr(each) for each in values)
            found.append(
                f"No row of {table!r} has {asked} as its {dimension.name}; group by "
                f"{dimension.name} to see the values that there are."
            )
    return tuple(found)


def _needed(measures: Iterable[Measure]) -> Iterator[tuple[Dataset, list[Column]]]:
    """Datasets with the columns that the measures, or the relations under them, read.

    A column through which only slices are bound can be blank without harm, and so can one that a
    relation just passes on, unless a measure reads it.
    """
    for measure in measures:
        relation, base = measure.relation, measure.relation.base
        if not isinstance(relation, Derived):
            yield base, [base.column(name) for name in sorted(measure.columns)]
            continue
        spared = {*relation.passes, *relation.binds} - measure.columns
        yield base, [each for each in base.columns if each.name not in spared]
        for other in relation.reads:
            yield other, [each for each in other.columns if each.name not in spared]

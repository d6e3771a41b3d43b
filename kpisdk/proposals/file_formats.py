"""How the files of proposed tables are written, so far as their cells prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.text_formats import ColumnFormat, TableFormat
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.proposals.matching import TableProposal
from kpisdk.proposals.tables_seen import ColumnSeen, TableSeen
from kpisdk.proposals.written_forms import column_format, nulls_in, numbers, proven_order


@attrs.frozen
class FormatProposal:
    """The format of a table's file, and what no cell of it proves, column by column."""

    how: TableFormat
    left_open: tuple[tuple[str, str], ...] = ()


def format_of(table: TableSeen, proposal: TableProposal, dataset: Dataset) -> FormatProposal:
    """The format of one table: its layout, and the marks and dates of the columns that are read."""
    sample = table.sample
    if sample is None:
        return FormatProposal(TableFormat())
    types = {each.name: each.type for each in dataset.columns}
    read = {each.physical: types[each.column] for each in proposal.columns}
    texts = {name: _values(table.columns[name]) for name in read}
    marks, order = _proven(texts, read)
    columns, left_open = {}, []
    for name, declared in read.items():
        how, opened = column_format(texts[name], declared, marks, order)
        nulls = nulls_in(table.columns[name].texts)
        if declared in (LogicalType.TEXT, LogicalType.JSON):
            nulls = ()  # a text may be what it is
        columns[name] = attrs.evolve(how, nulls=nulls)
        if opened is not None:
            left_open.append((name, opened))
    shared = _shared(columns, read, texts)
    own = {name: _beside(how, shared) for name, how in columns.items()}
    layout = TableFormat(
        decimal=shared.decimal,
        thousands=shared.thousands,
        dates=shared.dates,
        delimiter=sample.delimiter if sample.delimiter not in (None, ",") else None,
        encoding=sample.encoding,
        header=sample.header if sample.header > 1 else None,
        footer=sample.footer or None,
        columns={name: how for name, how in own.items() if how != ColumnFormat()},
    )
    return FormatProposal(layout, tuple(left_open))


def _values(column: ColumnSeen) -> list[str]:
    nulls = nulls_in(column.texts)
    return [text for text in column.texts if text not in nulls]


def _proven(
    texts: Mapping[str, Sequence[str]], read: Mapping[str, LogicalType]
) -> tuple[tuple[str, str] | None, str | None]:
    """Marks of numbers, and the order of day and month, that some columns prove and none denies."""
    marks: dict[str, set[str]] = {}
    orders = set()
    for name, declared in read.items():
        if declared.is_numeric and (found := numbers(texts[name])) and found.is_proven:
            decimal, mark = found.kinds[0]
            marks.setdefault(decimal, set()).update({mark} - {""})
        if declared.is_temporal and (order := proven_order(texts[name])) is not None:
            orders.add(order)
    one = next(iter(marks)) if len(marks) == 1 else None
    between = marks[one] if one is not None else set()
    mark = next(iter(between)) if len(between) == 1 else ""
    return (None if one is None else (one, mark)), orders.pop() if len(orders) == 1 else None


def _shared(
    columns: Mapping[str, ColumnFormat],
    read: Mapping[str, LogicalType],
    texts: Mapping[str, Sequence[str]],
) -> ColumnFormat:
    """What all numbers and all dates of a table have in common."""
    marks = {
        (how.decimal, how.thousands)
        for name, how in columns.items()
        if read[name].is_numeric and how.decimal is not None
    }
    decimals = {decimal for decimal, _ in marks}
    between = {thousands for _, thousands in marks if thousands is not None}
    dates = {how.dates for name, how in columns.items() if read[name].is_temporal and texts[name]}
    one = decimals.pop() if len(decimals) == 1 and len(between) < 2 else None
    if one == "." and not between:
        one = None  # as it is without a word
    return ColumnFormat(
        decimal=one,
        thousands=between.pop() if one is not None and between else None,
        dates=dates.pop() if len(dates) == 1 else (),
    )


def _beside(how: ColumnFormat, shared: ColumnFormat) -> ColumnFormat:
    """What a column says that its table does not say already."""
    return attrs.evolve(
        how,
        decimal=None if how.decimal == shared.decimal else how.decimal,
        thousands=None if how.thousands == shared.thousands else how.thousands,
        dates=() if how.dates == shared.dates else how.dates,
    )

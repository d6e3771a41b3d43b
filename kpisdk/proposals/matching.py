"""Which tables and columns of a source are those that the installed KPIs read, and how surely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.proposals.field_words import alike
from kpisdk.proposals.tables_seen import ColumnSeen, TableSeen
from kpisdk.proposals.written_forms import fits, nulls_in


class Sureness(StrEnum):
    """How sure a proposal is."""

    SURE = "sure"
    """The same name in another spelling, and values that fit."""
    LIKELY = "likely"
    """The same words in another order or language."""
    UNSURE = "unsure"
    """Some of the words; never taken without being asked."""


@attrs.frozen
class ColumnProposal:
    """A column of a dataset, and the one of the source that seems to be it."""

    column: str
    physical: str
    sureness: Sureness


@attrs.frozen
class TableProposal:
    """A dataset, the table of the source that seems to be it, and its columns."""

    dataset: str
    table: str
    sureness: Sureness
    columns: tuple[ColumnProposal, ...]
    missing: tuple[str, ...]


_SAME_WORDS, _LIKELY, _UNSURE = 0.9, 0.75, 0.5
_MOST_COLUMNS = 0.5
"""The share of a dataset's columns that make a table of another name a likely one."""


def proposals(
    tables: Sequence[TableSeen], contract: Mapping[str, Dataset], named: Mapping[str, str]
) -> list[TableProposal]:
    """A table for each dataset that seems to be there, each table once, the best fits first.

    Args:
        tables: what the source has.
        contract: the datasets that installed KPIs read.
        named: the tables of datasets that the user has said.
    """
    ranked = []
    for dataset in contract.values():
        for table in tables:
            said = named.get(dataset.name)
            if said is not None and said != table.name:
                continue
            found = _proposal(dataset, table, is_said=said is not None)
            if found is not None:
                ranked.append((_rank(found, table), found))
    taken: set[str] = set()
    chosen: dict[str, TableProposal] = {}
    for _, found in sorted(ranked, key=lambda each: each[0], reverse=True):
        if found.dataset not in chosen and found.table not in taken:
            chosen[found.dataset] = found
            taken.add(found.table)
    return [chosen[name] for name in contract if name in chosen]


def _rank(found: TableProposal, table: TableSeen) -> tuple[float, int, float]:
    share = len(found.columns) / max(1, len(found.columns) + len(found.missing))
    name = alike(table.name.rpartition(".")[2], found.dataset)
    return (name + share, len(found.columns), name)


def _proposal(dataset: Dataset, table: TableSeen, *, is_said: bool) -> TableProposal | None:
    columns = tuple(_columns(dataset, table))
    share = len(columns) / len(dataset.columns)
    name = alike(table.name.rpartition(".")[2], dataset.name)
    is_named = name > 0 or share >= _LIKELY
    if is_said or name >= 1:
        sureness = Sureness.SURE
    elif len(columns) > 2 and (name >= _SAME_WORDS or (share >= _MOST_COLUMNS and is_named)):
        sureness = Sureness.LIKELY
    elif name >= _LIKELY or (name >= _UNSURE and columns) or share >= _MOST_COLUMNS:
        sureness = Sureness.UNSURE
    else:
        return None
    if not columns and not is_said:
        return None
    found = {each.column for each in columns}
    missing = tuple(each.name for each in dataset.columns if each.name not in found)
    return TableProposal(dataset.name, table.name, sureness, columns, missing)


def _columns(dataset: Dataset, table: TableSeen) -> Iterator[ColumnProposal]:
    ranked = []
    for column in dataset.columns:
        for seen in table.columns.values():
            score = max(alike(seen.name, column.name), _within(seen.name, column.name, dataset))
            if score >= _UNSURE and _may_be(seen, column.type):
                ranked.append((score, column.name, seen.name))
    columns: dict[str, ColumnProposal] = {}
    taken: set[str] = set()
    best = sorted(ranked, key=lambda each: -each[0])
    for score, name, physical in best:
        if name in columns or physical in taken:
            continue
        rivals = [each for each in best if each[1] == name and each[0] == score]
        sureness = Sureness.SURE if score >= 1 else Sureness.LIKELY
        if score < _LIKELY or (score < 1 and len(rivals) > 1):
            sureness = Sureness.UNSURE
        columns[name] = ColumnProposal(name, physical, sureness)
        taken.add(physical)
    yield from (columns[each.name] for each in dataset.columns if each.name in columns)


_TRIED = 200
"""How many values from the beginning and the end of a column are tried on a type."""


def _within(name: str, wanted: str, dataset: Dataset) -> float:
    """A table of triggers may call its ``trigger_type`` plainly ``type``."""
    one = dataset.name.removesuffix("s")
    return 0.85 if alike(f"{one}_{name}", wanted) >= 1 else 0.0


def _may_be(seen: ColumnSeen, declared: LogicalType) -> bool:
    """Whether the values of a column can be of a type."""
    kind = seen.logical
    some = (*seen.texts[:_TRIED], *seen.texts[-_TRIED:])
    nulls = nulls_in(some)
    texts = [text for text in some if text not in nulls]
    if kind is None or kind in (LogicalType.TEXT, LogicalType.JSON):
        if not seen.texts:
            return kind is None or declared in (LogicalType.TEXT, LogicalType.JSON)
        return fits(texts, declared) if texts else True
    if declared in (LogicalType.TEXT, LogicalType.JSON):
        return not kind.is_temporal and kind is not LogicalType.BOOL
    if declared.is_numeric:
        return kind.is_numeric
    return kind.is_temporal if declared.is_temporal else kind in (declared, LogicalType.INT)

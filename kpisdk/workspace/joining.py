"""From the tables of several sources, and where each lies, to the source that has them all."""

from __future__ import annotations

from collections.abc import Mapping

from kpisdk.builtin.sources.joined_source import JoinedSource, PlacedTable
from kpisdk.contracts.source_kinds import Source, SourceOptions
from kpisdk.registry import Registry
from kpisdk.settings import TableMapping


def joined(
    options: SourceOptions,
    sources: Mapping[str, Source],
    tables: Mapping[str, TableMapping],
    places: Mapping[str, str],
    columns: frozenset[str],
    registry: Registry,
) -> Source:
    """The source that has the tables of all these datasets.

    Args:
        options: name, time limit and retries of the whole.
        sources: the sources that they lie in, by name.
        tables: the datasets, with what their tables are called there.
        places: the datasets, with the name of the source of each.
        columns: columns that are read although no plugin declares them.
        registry: whose data contract says what columns are read as.
    """
    found = {}
    for name, mapping in tables.items():
        called = mapping.columns
        dataset = registry.contract.get(name)
        declared = () if dataset is None else dataset.columns
        found[name] = PlacedTable(
            places[name],
            mapping.table or name,
            {called.get(each.name, each.name): each.type for each in declared},
            frozenset(called.get(each, each) for each in columns),
        )
    return JoinedSource(sources, found, options)

"""What a source has of the tables and columns that the installed KPIs declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.source_kinds import Session
from kpisdk.settings import Settings, TableMapping


@attrs.frozen
class TableFinding:
    """One declared dataset in a source: what it is called there, and what is wrong with it.

    ``table`` is ``None`` where the source has none; ``declared`` counts the columns that KPIs read.
    """

    dataset: str
    table: str | None
    declared: int
    faults: tuple[str, ...] = ()


def mapping_of(settings: Settings, source: str | None) -> Mapping[str, TableMapping]:
    """The table mappings of a source: those of the settings, where its name is known there."""
    known = settings.sources.get(source or settings.default_source or "")
    return {} if known is None else known.tables


def findings(
    session: Session,
    source: str,
    contract: Mapping[str, Dataset],
    mapping: Mapping[str, TableMapping],
) -> Iterator[TableFinding]:
    """What a source has of each dataset, in order; nothing but its catalogue is read.

    Args:
        session: an open session on the source.
        source: its name, for the settings that faults propose.
        contract: the datasets by name.
        mapping: what the source calls them.
    """
    from kpisdk.engine.catalog import Catalog  # brings SQLAlchemy, which a listing never needs

    catalog = Catalog(session, source, contract, mapping)
    for name, dataset in contract.items():
        wanted = {column.name: column.type for column in dataset.columns}
        faults = tuple(fault.message for fault in catalog.faults({name: wanted}))
        table = catalog.find(name)
        yield TableFinding(name, None if table is None else table.physical, len(wanted), faults)

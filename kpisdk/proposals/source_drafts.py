"""A draft of the settings of one source: its tables looked at, mapped, and their formats found."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from kpisdk.errors import UnknownNameError
from kpisdk.proposals.file_formats import FormatProposal, format_of
from kpisdk.proposals.matching import TableProposal, proposals
from kpisdk.proposals.tables_seen import look_at
from kpisdk.registry import Registry
from kpisdk.settings import Settings
from kpisdk.settings.secrets import passwords_of
from kpisdk.workspace.opening import open_source

SECRET = "KPISDK_SOURCE_PASSWORD"  # noqa: S105 - the name of a variable
"""The variable that stands for a password of a URL, which no file should hold."""


@attrs.frozen
class Draft:
    """What was found: proposals, the names of all tables, and what could not be read."""

    url: str
    proposals: dict[TableProposal, FormatProposal]
    tables: tuple[str, ...]
    unread: tuple[str, ...]
    secret: str | None = None


def draft(location: str, registry: Registry, tables: Sequence[str] = ()) -> Draft:
    """Look at a source.

    Args:
        location: a folder, a file, a pattern or a URL.
        registry: what the installed plugins read.
        tables: ``dataset=table``, or a dataset alone for a source with one table.

    Raises:
        UnknownNameError: no plugin reads that dataset, or there is no such table.
        SourceUnavailableError: the source cannot be opened.
    """
    source = open_source(location, Settings(), registry).source
    look = look_at(source)
    names = tuple(table.name for table in look.tables)
    named = {}
    for each in tables:
        dataset, _, table = each.partition("=")
        if dataset not in registry.contract:
            raise UnknownNameError("dataset", dataset, tuple(registry.contract))
        if not table and len(names) == 1:
            table = names[0]
        if table not in names:
            raise UnknownNameError("table", table, names)
        named[dataset] = table
    seen = {table.name: table for table in look.tables}
    found = proposals(look.tables, registry.contract, named)
    formats = {
        each: format_of(seen[each.table], each, registry.contract[each.dataset]) for each in found
    }
    url, secret = location, None
    for password in passwords_of(location):
        url, secret = url.replace(password, f"${{{SECRET}}}"), SECRET
    return Draft(url, formats, names, look.unread, secret)

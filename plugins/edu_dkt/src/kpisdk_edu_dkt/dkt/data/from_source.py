"""Interactions from any source that kpisdk opens: databases, folders of files, frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kpisdk import Problem, Workspace, command_workspace
from kpisdk_edu_dkt.dkt.data.checking import SUBJECT, OnFault
from kpisdk_edu_dkt.dkt.data.columns import BY_NAME
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.data.reading import from_frame
from kpisdk_edu_dkt.dkt.errors import InteractionsError

TABLE = "interactions"
"""What the table is called where the settings give it no other name."""


def is_source(location: str) -> bool:
    """Whether a text names a source (a URL, a folder, a name of the settings), and not one file."""
    path = Path(location)
    if path.is_file():
        return False
    if "://" in location or path.is_dir():
        return True
    with command_workspace() as workspace:
        return location in workspace.settings.sources


def read_source(location: Any, *, on_fault: OnFault = "error") -> Interactions:
    """The interactions of a source's table, with the names that the settings map.

    Rows are numbered in the order of ``student_id``, ``t`` and the further columns.

    Args:
        location: A name from the settings, a SQLAlchemy URL or a folder, opened as the running
            command opens sources (with the settings of its ``--config``); or whatever else
            :class:`kpisdk.Workspace` takes, such as a mapping of table names to frames.
        on_fault: As for :func:`~kpisdk_edu_dkt.dkt.data.checking.check`.

    Raises:
        InteractionsError: There is no such table, or its rows break the contract.
        SourceUnavailableError: The source does not exist or refuses connections.
    """
    import sqlalchemy

    with _opened(location) as workspace:
        settings = workspace.settings.sources.get(str(location))
        mapping = None if settings is None else settings.tables.get(TABLE)
        table = TABLE if mapping is None or mapping.table is None else mapping.table
        physical = {} if mapping is None else dict(mapping.columns)
        source = workspace.open_source()
        with source.session() as session:
            found = session.columns(table)
            if found is None:
                where = f"{source.identity.name}, table {table}"
                raise InteractionsError(SUBJECT, [Problem(where, "there is no such table")])
            there = {column.name for column in found}
            wanted = {name: physical.get(name, name) for name in BY_NAME}
            read = [(name, column) for name, column in wanted.items() if column in there]
            chosen: list[Any] = [sqlalchemy.column(column).label(name) for name, column in read]
            # a table has no order; a row's place in messages and predictions needs one
            order: list[Any] = [sqlalchemy.column(column) for _, column in read]
            schema, _, name = table.rpartition(".")
            if getattr(session, "whole_names", False):
                schema, name = "", table
            rows = sqlalchemy.table(name, schema=schema or None)
            frame = session.frame(sqlalchemy.select(*chosen).select_from(rows).order_by(*order))
    return from_frame(frame, source=f"{source.identity.name}, table {table}", on_fault=on_fault)


def _opened(location: Any) -> Workspace:
    return command_workspace(location) if isinstance(location, str) else Workspace(location)

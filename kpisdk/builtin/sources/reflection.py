"""What reflection finds, in our words: columns with their types, views with their kinds."""
# ruff: noqa: TID253
# The whole job of this file is SQLAlchemy; the plugin imports it when a source is opened.

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
import sqlalchemy.exc

from kpisdk.contracts.source_kinds import ZONED, PhysicalColumn
from kpisdk.contracts.table_names import in_quotes
from kpisdk.sql.rendering import traits_of
from kpisdk.sql.types import logical_type


class NoSuchSchemaError(LookupError):
    """There is no schema, or no catalog, of that name."""


def schema_of(connection: sa.Connection, places: tuple[str, ...]) -> str | None:
    """Catalog and schema as reflection takes them.

    Raises:
        NoSuchSchemaError: tables of that catalog cannot be read.
    """
    traits = traits_of(connection.dialect.name)
    if not places:
        return None
    if traits.schema_as_sql:
        return in_quotes(places)
    if len(places) > 1:
        # The one catalog whose tables can be read is that of the connection.
        own = traits.own_catalog and connection.exec_driver_sql(traits.own_catalog).scalar_one()
        if own != places[0]:
            raise NoSuchSchemaError(places[0])
    return places[-1]


@contextmanager
def no_such_schema() -> Iterator[None]:
    """SQLite raises an error of the driver where PostgreSQL and DuckDB find no table."""
    try:
        yield
    except sqlalchemy.exc.OperationalError as error:
        if "unknown database" in str(error.orig):
            raise NoSuchSchemaError(str(error.orig)) from error
        raise


def views_of(connection: sa.Connection) -> dict[str, str]:
    """The views of a database by name, each with its kind."""
    found = sa.inspect(connection)
    kinds = dict.fromkeys(found.get_view_names(), "view")
    if traits_of(connection.dialect.name).materialized_views:
        kinds |= dict.fromkeys(found.get_materialized_view_names(), "materialized view")
    return kinds


def tables_of(connection: sa.Connection) -> list[str]:
    """The tables and views of a database, those of other schemas as ``schema.table``."""
    found = sa.inspect(connection)
    own = found.default_schema_name
    names = [*found.get_table_names(), *views_of(connection)]
    for schema in found.get_schema_names():
        # DuckDB lists schemas with their catalogs, and those of other catalogs as well.
        plain = schema.rpartition(".")[2].strip('"')
        if plain in (own, *_SYSTEM) or plain.startswith("pg_"):
            continue
        if "." in schema and schema.partition(".")[0].strip('"') in ("system", "temp"):
            continue
        tables = [*found.get_table_names(schema), *found.get_view_names(schema)]
        names += [f"{plain}.{table}" for table in tables]
    return sorted(dict.fromkeys(names))


_SYSTEM = ("information_schema", "main")
"""Schemas of the engines themselves, and the one that engines of a single file begin with."""


def physical_column(column: Mapping[str, Any]) -> PhysicalColumn:
    """A column as SQLAlchemy describes it, in our words: that of a domain is of its base type."""
    native, collation = column["type"], None
    while (base := getattr(native, "data_type", None)) is not None:
        collation, native = collation or getattr(native, "collation", None), base
    return PhysicalColumn(column["name"], logical_type(native), _word(native, collation))


def _word(native: Any, collation: str | None) -> str:
    """The engine's word for a type, with what SQLAlchemy's own word leaves out.

    An enumeration would go by the length of its longest word, an instant without its zone, a domain
    without its collation.
    """
    if isinstance(native, sa.Enum):
        return f"ENUM {native.name or ''}".rstrip()
    if collation is not None and "COLLATE" not in str(native):
        return f'{native} COLLATE "{collation}"'
    zoned = getattr(native, "timezone", False) and ZONED not in str(native)
    return f"{native} {ZONED}" if zoned else str(native)

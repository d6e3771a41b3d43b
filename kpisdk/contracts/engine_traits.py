"""What the core must know of a database beside SQLAlchemy's dialect, a record per database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from kpisdk.contracts.measures import Aggregate
from kpisdk.contracts.plans import Shape

Rendering: TypeAlias = str | Callable[..., str]
"""How an engine words a construct.

A text in which ``{0}``, ``{1}`` … stand for the construct's arguments and ``{all}`` for all of
them, separated by commas; or a function ``(element, compiler, **keywords) -> str`` as SQLAlchemy's
``compiles`` takes it.
"""


@attrs.frozen
class FusionRule:
    """What may share a statement on one engine.

    Attributes:
        fuse: measures of several KPIs share a statement.
        distinct: the shape of exact distinct counts.
        limit: the measures of a statement (PostgreSQL allows 1 664 columns, SQLite 2 000).
    """

    fuse: bool = True
    distinct: Shape = Shape.TWO_LEVEL
    limit: int = 400

    def shape(self, aggregate: Aggregate) -> Shape:
        """The shape of the statement that computes such a measure."""
        return self.distinct if aggregate is Aggregate.DISTINCT else Shape.FUSED


@attrs.frozen
class EngineTraits:
    """In what an engine differs from others, beside its words.

    Attributes:
        title: what people call the engine.
        loose_types: a column may hold other values than its type says, so that every value is
            checked as it is read (the ``Checked…`` constructs), and a column without a type is read
            by its values.
        exact_text: columns that compare by code point as they are; all others are wrapped in
            ``ExactText``. It is given the engine's word for the column's type, collation included.
        quote: what stands on both sides of a name.
        json_as_text: the driver would parse documents, so that they are cast to text first.
        holds_nul: a text may hold the character NUL.
        materialized_views: views that keep their rows until they are refreshed, and a table's
            state (``xmin``) that tells when they are out of date.
        snapshot: a query for one text that is another one whenever anything was written meanwhile;
            NULL where the engine cannot tell.
        savepoints: a failed statement would take the transaction with it, so that each statement
            gets a savepoint of its own.
        lists_columns_at_once: the catalogue gives the columns of all tables at the cost of one.
        driver: the driver that a URL which names none is opened with, where it is installed.
        schema_as_sql: reflection takes a schema as SQL text, a catalog before it included.
        own_catalog: a query for the name of the only catalog whose tables can be read.
        isolation: SQLAlchemy's execution options of a session: one read-only snapshot.
        set_up: statements at the begin of a session; ``{milliseconds}`` is the time limit of a
            statement.
        connect_timeout: the name of the driver's argument for it, in seconds.
        begin_writing: the statement that opens a transaction in which views are made, where the
            driver opens none.
        oldest: the oldest version that answers every construct (as ``server_version_info``).
        by_column: rows are stored by column, so that a second scan of few columns costs little, and
            one for rows that the statistics rule out nothing. Of an engine that stores whole rows,
            everything is read in one scan.
        fusion: what may share a statement.
    """

    title: str
    loose_types: bool = False
    exact_text: Callable[[str], bool] = lambda native: False  # noqa: ARG005 - wrap all
    quote: str = '"'
    json_as_text: bool = False
    holds_nul: bool = True
    materialized_views: bool = False
    snapshot: str | None = None
    savepoints: bool = False
    lists_columns_at_once: bool = False
    driver: str | None = None
    schema_as_sql: bool = False
    own_catalog: str | None = None
    isolation: Mapping[str, Any] = attrs.field(factory=dict)
    set_up: tuple[str, ...] = ()
    connect_timeout: str | None = None
    begin_writing: str | None = None
    oldest: tuple[int, ...] = ()
    by_column: bool = False
    fusion: FusionRule = FusionRule()


@attrs.frozen
class Engine:
    """A database that statements can be compiled for: its traits, and its words.

    Attributes:
        dialect: the name of the SQLAlchemy dialect.
        traits: in what it differs, beside its words.
        renderings: construct (a class of :mod:`kpisdk.engines`) to how the engine words it. What is
            not in it, the engine is refused for.
        standalone: the same for statements that stand in a view, where functions of ours are not
            there; ``None`` for what no view can hold. What is not in it is worded as ever.
        proven_on: versions on which the contract of engines was kept, and when.
    """

    dialect: str
    traits: EngineTraits
    renderings: Mapping[type[Any], Rendering]
    standalone: Mapping[type[Any], Rendering | None] = attrs.field(factory=dict)
    proven_on: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The dialect, by which the registry knows it."""
        return self.dialect

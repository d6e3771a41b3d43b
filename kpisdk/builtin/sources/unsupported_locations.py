"""The report on a location whose engine nothing installed supports, and what to do instead."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from kpisdk.contracts.engine_traits import Engine
from kpisdk.contracts.source_kinds import SourceOptions
from kpisdk.contracts.text_formats import FileFormat
from kpisdk.errors import SourceUnavailableError, nearest

_EXPORT = "have it write Parquet or CSV files, and name their folder"
_COPY = "copy the files to a folder of this machine, and name that"
_ADVICE = {
    "bigquery": f"BigQuery: {_EXPORT} (EXPORT DATA)",
    "snowflake": f"Snowflake: {_EXPORT} (COPY INTO)",
    "redshift": f"Redshift: {_EXPORT} (UNLOAD)",
    "mysql": f"MySQL compares texts by a collation of its own: {_EXPORT}",
    "mariadb": f"MariaDB compares texts by a collation of its own: {_EXPORT}",
    "file": "name the path itself, without file://",
    **dict.fromkeys(
        ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "hdfs", "http", "https", "ftp"), _COPY
    ),
}
_OLD = (".xls", ".xlsb", ".numbers")


@attrs.define(eq=False)
class UnsupportedEngineError(SourceUnavailableError):
    """A database URL whose engine has no renderings; nothing was sent to it.

    Attributes:
        engine: the first part of the URL.
        known: what the supported engines are called, with the URL that each takes.
    """

    engine: str
    known: tuple[str, ...]

    template = (
        "Source {source!r} cannot be opened: the engine {engine:quoted} is not supported, since "
        "nothing installed says how it words what KPIs need. {detail} Supported are {known:listed}."
    )


def refusal(
    source: str, drivername: str, engines: Mapping[str, Engine], *, exists: bool
) -> UnsupportedEngineError:
    """The error for a URL of an engine that is not one of ``engines``.

    ``exists`` says that there is such a database, so that its name is hardly a misspelt one.
    """
    backend = drivername.partition("+")[0].lower()
    known = tuple(f"{each.traits.title} ({url_of(each)})" for each in engines.values())
    advice = _ADVICE.get(backend)
    if advice is None and backend == "postgres":
        advice = "write postgresql+psycopg://"
    if advice is None:
        close = () if exists else nearest(backend, engines, 1)
        advice = (
            f"Did you mean {url_of(engines[close[0]])}?"
            if close
            else f"A plugin may bring it; without one, {_EXPORT}"
        )
    detail = advice[0].upper() + advice[1:]
    return UnsupportedEngineError(
        source, detail if detail.endswith("?") else f"{detail}.", backend, known
    )


def url_of(engine: Engine) -> str:
    """How a URL of an engine begins."""
    return _URLS.get(engine.dialect, f"{engine.dialect}://")


_URLS = {
    "duckdb": "duckdb:///FILE",
    "sqlite": "sqlite:///FILE",
    "postgresql": "postgresql+psycopg://",
}


def old_workbook(source: str, location: str) -> SourceUnavailableError | None:
    """The error for a workbook of a kind that is not read; ``None`` for other paths."""
    if not location.lower().endswith(_OLD):
        return None
    detail = (
        f"{location!r} is a workbook of a kind whose errors and percentages cannot be told from "
        "numbers: save it as .xlsx or .ods, or each sheet as CSV"
    )
    return SourceUnavailableError(source, detail)


def require_no_text_format(options: SourceOptions) -> None:
    """Refuse settings of files for a database, which would say nothing there.

    Raises:
        SourceUnavailableError: there are some.
    """
    if options.csv != FileFormat():
        detail = f"sources.{options.name}.csv is for files, and this is a database; take it out"
        raise SourceUnavailableError(options.name, detail)

"""Where the reader of definition files is found: a distribution of its own, or none yet."""

from __future__ import annotations

from importlib import import_module
from os import PathLike
from typing import Any

from kpisdk.contracts.kpis import Kpi
from kpisdk.errors import MissingDependencyError

DISTRIBUTION = "kpisdk-definitions"
PACKAGE = "kpisdk_definitions"


def missing(purpose: str) -> MissingDependencyError:
    """What to say where the reader is needed and not installed."""
    return MissingDependencyError(DISTRIBUTION, purpose, "pip install 'kpisdk[definitions]'")


def read_kpis(*paths: str | PathLike[str]) -> tuple[Kpi, ...]:
    """The KPIs that definition files (``.yaml``, ``.yml``, ``.toml``) define, in their order.

    A plugin needs no more than this in its hook ``kpisdk_kpis``::

        return read_kpis(Path(__file__).with_name("kpis.yaml"))

    Args:
        *paths: the files; the datasets of one are known in all of them.

    Raises:
        DefinitionFileError: all faults of all files, each with file, line and column.
        MissingDependencyError: ``kpisdk-definitions`` is not installed.
    """
    found: tuple[Kpi, ...] = _room("file_reader", "read_kpis").read_kpis(*paths)
    return found


def schema_text() -> str:
    """The JSON Schema of definition files.

    Raises:
        MissingDependencyError: ``kpisdk-definitions`` is not installed.
    """
    text: str = _room("schema", "The schema of definition files").schema_text()
    return text


def _room(name: str, purpose: str) -> Any:
    try:
        return import_module(f"{PACKAGE}.{name}")
    except ModuleNotFoundError as error:
        if error.name != PACKAGE:
            raise
        raise missing(purpose) from error

"""What plugin authors import in their tests: the contracts, and one data set on every engine.

``PluginContract``, ``SourceContract``, ``CacheContract`` and ``ReportContract`` are classes of
tests to be inherited. Installing the core makes its fixtures available to pytest (entry point
``pytest11``):

``source_on``
    ``source_on(engine, frames, datasets)`` puts frames on an engine and returns a source that
    :class:`kpisdk.Workspace` takes.
``workspace_on``
    ``workspace_on(engine)`` is a workspace on the module's ``TABLES``, put there once a module.
``postgresql_url``
    A SQLAlchemy URL of an empty database on a PostgreSQL server that the tests start themselves.
``shared_data``
    The folder of shared data sets, or a skip with the reason.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpisdk.examples.example_engines import ENGINES
    from kpisdk.testing.cache_contract import CacheContract
    from kpisdk.testing.engine_data import put
    from kpisdk.testing.plugin_contract import PluginContract
    from kpisdk.testing.report_contract import ReportContract
    from kpisdk.testing.source_contract import SourceContract
    from kpisdk.testing.tolerance import close, same_interval

__all__ = [
    "ENGINES",
    "CacheContract",
    "PluginContract",
    "ReportContract",
    "SourceContract",
    "close",
    "put",
    "same_interval",
]

# Looked up when they are first used: pytest imports this package in every run of every project.
_HOMES = {
    "CacheContract": "kpisdk.testing.cache_contract",
    "ENGINES": "kpisdk.examples.example_engines",
    "PluginContract": "kpisdk.testing.plugin_contract",
    "ReportContract": "kpisdk.testing.report_contract",
    "SourceContract": "kpisdk.testing.source_contract",
    "close": "kpisdk.testing.tolerance",
    "put": "kpisdk.testing.engine_data",
    "same_interval": "kpisdk.testing.tolerance",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'kpisdk.testing' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value

"""What plugin authors import in their tests: one data set on every engine, and a real PostgreSQL.

Installing the core makes its fixtures available to pytest (entry point ``pytest11``):

``source_on``
    ``source_on(engine, frames, datasets)`` puts frames on an engine and returns a source that
    :class:`kpisdk.Workspace` takes.
``postgresql_url``
    A SQLAlchemy URL of an empty database on a PostgreSQL server that the tests start themselves.
``shared_data``
    The folder of shared data sets, or a skip with the reason.
"""

from kpisdk.examples.engines import ENGINES
from kpisdk.testing.comparing import close, same_interval
from kpisdk.testing.engines import put

__all__ = ["ENGINES", "close", "put", "same_interval"]

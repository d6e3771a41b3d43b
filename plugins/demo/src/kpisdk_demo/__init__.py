"""A synthetic commercial data set: sixteen tables that hang together, at any scale.

>>> from datetime import datetime
>>> from kpisdk_demo import generate
>>> next(generate(0.01, 7, datetime(2026, 1, 1))).table
'hcp_profiles'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpisdk_demo.framing import frames
    from kpisdk_demo.generator import Batch, generate
    from kpisdk_demo.marks import NotADemoError, is_demo_file
    from kpisdk_demo.plan import DemoPlanError
    from kpisdk_demo.writing import (
        DemoWriteError,
        write_csv_folder,
        write_duckdb,
        write_parquet_folder,
    )

__all__ = [
    "Batch",
    "DemoPlanError",
    "DemoWriteError",
    "NotADemoError",
    "frames",
    "generate",
    "is_demo_file",
    "write_csv_folder",
    "write_duckdb",
    "write_parquet_folder",
]

_HOMES = {
    "Batch": "generator",
    "DemoPlanError": "plan",
    "DemoWriteError": "writing",
    "NotADemoError": "marks",
    "frames": "framing",
    "generate": "generator",
    "is_demo_file": "marks",
    "write_csv_folder": "writing",
    "write_duckdb": "writing",
    "write_parquet_folder": "writing",
}


def __getattr__(name: str) -> Any:
    # Every command of kpisdk loads this plugin; NumPy is imported only by those that generate.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)

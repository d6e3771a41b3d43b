"""What DuckDB imports for its own sake, and need not: pandas, to bind a value.

DuckDB asks of every value that it binds whether it is one of pandas' (``NaT``, ``NA``), and imports
pandas to ask: half of what a computation of one KPI takes. Where pandas is not imported, no value
can be one of its own, so DuckDB is told that there is none, as where it is not installed. This
holds for what DuckDB itself imports in the thread that runs a statement: calculators, and functions
in Python that a statement calls, import pandas as ever.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType

UNNEEDED = "pandas"


class _Binding(threading.local):
    """Whether this thread runs a statement."""

    active = False


_binding = _Binding()


class _Refusing:
    """A finder that finds nothing, and knows of no pandas while a statement is run."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """``None``, so that the next finder is asked.

        Raises:
            ModuleNotFoundError: it is pandas, and this thread runs a statement.
        """
        if _binding.active and name == UNNEEDED and _is_the_driver():
            raise ModuleNotFoundError("No value can be of it, since it is not imported.", name=name)
        return None


def _is_the_driver() -> bool:
    """Whether DuckDB imports: the nearest code in Python is what called it, and no function."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no other way to ask
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name != __name__ and not name.startswith("importlib"):
            return name.partition(".")[0] in _CALLERS
        frame = frame.f_back
    return False


_CALLERS = ("sqlalchemy", "duckdb_sqlalchemy", "kpisdk")
_refusing = _Refusing()


@contextmanager
def without_pandas() -> Iterator[None]:
    """A block in which this thread imports no pandas; where it is imported, it stays so."""
    if _refusing not in sys.meta_path:
        sys.meta_path.insert(0, _refusing)
    before = _binding.active
    _binding.active = True
    try:
        yield
    finally:
        _binding.active = before

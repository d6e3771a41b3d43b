"""Whether a gzip file is whole: every member ends, and holds what its checksum says."""

from __future__ import annotations

import gzip
import zlib

from kpisdk.builtin.sources.csv_headers import reason
from kpisdk.errors import QueryError

_STEP = 1 << 20
"""How many bytes are inflated at a time; none of them is kept."""


def require_whole(source: str, file: str) -> None:
    """Read a gzip file to its end; DuckDB would take a stream that is cut for one that ends.

    Raises:
        QueryError: it is cut off, damaged, or followed by what is no gzip.
    """
    try:
        with gzip.open(file, "rb") as stream:
            while stream.read(_STEP):
                pass
    except (OSError, EOFError, zlib.error) as error:
        detail = f"{file!r} cannot be read: {reason(error)}"
        raise QueryError(source, f"{detail}; it is cut off or damaged: make it anew") from error

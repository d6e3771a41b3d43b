"""Whether a gzip file is whole: every member ends, and holds what its checksum says."""

from __future__ import annotations

import gzip
import zlib

from kpisdk.builtin.sources.csv_headers import reason
from kpisdk.errors import QueryError

_STEP = 1 << 20
"""How many bytes are inflated at a time; none of them is kept."""


def require_whole(source: str, file: str) -> bytes:
    """Read a gzip file to its end; DuckDB would take a stream that is cut for one that ends.

    Returns:
        The last bytes that it holds, a MiB at least where there are as many.

    Raises:
        QueryError: it is cut off, damaged, or followed by what is no gzip.
    """
    try:
        with gzip.open(file, "rb") as stream:
            last, before = b"", b""
            while held := stream.read(_STEP):
                last, before = before + held, held
    except (OSError, EOFError, zlib.error) as error:
        detail = f"{file!r} cannot be read: {reason(error)}"
        raise QueryError(source, f"{detail}; it is cut off or damaged: make it anew") from error
    return last

"""The bytes of a file, its compression undone: gz and zst, each read to its end."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

from kpisdk.builtin.sources.workbooks import INSTALL
from kpisdk.errors import MissingDependencyError

_STEP = 1 << 20
"""How many bytes are read at a time."""


def chunks_of(file: str) -> Iterator[bytes]:
    """The bytes of a file, chunk by chunk; the last one is empty.

    Raises:
        MissingDependencyError: the library that undoes the compression is not installed.
        OSError: the file cannot be read, or is damaged.
        EOFError: it is cut off.
    """
    if file.lower().endswith(".zst"):
        yield from _zst(file)
    else:
        is_gz = file.lower().endswith(".gz")
        with gzip.open(file, "rb") if is_gz else Path(file).open("rb") as stream:
            while held := stream.read(_STEP):
                yield held
    yield b""


def _zst(file: str) -> Iterator[bytes]:
    try:
        import zstandard
    except ImportError as error:
        raise MissingDependencyError("zstandard", f"Reading {file!r}", INSTALL) from error
    # The library's own streams take a file that is cut off for one that ends.
    frame = zstandard.ZstdDecompressor().decompressobj()
    with Path(file).open("rb") as stream:
        while held := stream.read(_STEP):
            while held:
                if frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                try:
                    inflated = frame.decompress(held)
                except zstandard.ZstdError as error:
                    raise OSError(str(error)) from error
                if inflated:
                    yield inflated
                held = frame.unused_data if frame.eof else b""
    if not frame.eof:
        raise EOFError("it ends within its compressed data")

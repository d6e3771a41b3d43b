"""The arrays of an ``.npz`` file, in time and memory that its size bounds, without unpickling."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.artefact.bounded_file import MIB, read_bounded
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.exchange.object_array import RefusedPickleError, texts_of_pickled_array

_LARGEST_FILE, _LARGEST_ARRAY = 64 * MIB, 16 * MIB
_KINDS = "iufUS"
"""Integers, fractions and texts: what ids and scales are."""


class _NotAnArrayError(ValueError):
    """Bytes that are no array of numbers or texts."""


def arrays_of(path: Path, names: Iterable[str]) -> dict[str, AnyArray | tuple[str, ...]]:
    """Some arrays of one dimension; arrays of objects as tuples of text.

    Args:
        path: The ``.npz`` file.
        names: Which arrays; others are not even looked at, and absent ones are left out.

    Raises:
        ArtefactError: The file is missing, damaged, hostile or too large; nothing of it is run.
    """
    content = read_bounded(path, _LARGEST_FILE)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            there = set(archive.namelist())
            return {
                name: _array(_member(archive, f"{name}.npy"))
                for name in names
                if f"{name}.npy" in there
            }
    except RefusedPickleError as error:
        raise ArtefactError(str(path), f"it holds a pickle that is refused: {error}.") from error
    except Exception as error:
        # what a parser of foreign bytes raises is not listed anywhere; whatever it is, the file is
        # not what it should be
        reason = str(error) or type(error).__name__
        raise ArtefactError(str(path), f"it is not an .npz file ({reason[:200]}).") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """One entry, unpacked up to a bound: what it says of its size may be untrue."""
    with archive.open(name) as entry:
        content = entry.read(_LARGEST_ARRAY + 1)
    if len(content) > _LARGEST_ARRAY:
        raise _NotAnArrayError(f"{name} unpacks to more than {_LARGEST_ARRAY} bytes")
    return content


def _array(content: bytes) -> AnyArray | tuple[str, ...]:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read: Any = np.lib.format.read_array_header_1_0
    if version != (1, 0):
        read = np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    body = stream.read()
    if dtype.hasobject:
        return texts_of_pickled_array(body)
    if dtype.kind not in _KINDS or len(shape) != 1 or not dtype.itemsize:
        raise _NotAnArrayError(f"an array of {dtype} in {len(shape)} dimensions")
    if math.prod(shape) * dtype.itemsize != len(body):
        raise _NotAnArrayError(f"an array of shape {shape} in {len(body)} bytes")
    return np.frombuffer(body, dtype=dtype)

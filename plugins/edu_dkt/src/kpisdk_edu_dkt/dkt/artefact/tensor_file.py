"""Tensors in one file, in the safetensors format, read and written with NumPy alone.

The format: 8 bytes with the length of a JSON header (little endian), the header (name -> dtype,
shape, byte range), then the bytes. Reading it executes nothing, which is why it is used here;
https://github.com/huggingface/safetensors describes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.artefact.bounded_file import (
    LARGEST_TENSORS,
    MIB,
    json_object,
    read_bounded,
)
from kpisdk_edu_dkt.dkt.errors import ArtefactError, FileWriteError

_TYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}
_LARGEST_HEADER = 16 * MIB
_LARGEST_SIZE, _MOST_DIMENSIONS = 1 << 40, 8
SEAL = "sha256"
"""Key of the metadata under which a sealed file holds the checksum of all the rest of it."""


@attrs.frozen(eq=False)
class TensorFile:
    """Tensors by name, and text by key.

    Attributes:
        tensors: Name -> values.
        metadata: Key -> text.
    """

    tensors: Mapping[str, AnyArray]
    metadata: Mapping[str, str] = attrs.Factory(dict)


def to_bytes(file: TensorFile) -> bytes:
    """The bytes of a file; equal content gives equal bytes."""
    header: dict[str, Any] = {}
    if file.metadata:
        header["__metadata__"] = dict(sorted(file.metadata.items()))
    blocks, at = [], 0
    for name in sorted(file.tensors):
        tensor = np.asarray(file.tensors[name])
        stored = tensor.astype(tensor.dtype.newbyteorder("<"), copy=False)
        block = stored.tobytes()
        header[name] = {
            "dtype": _NAMES[stored.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [at, at + len(block)],
        }
        blocks.append(block)
        at += len(block)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=True).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *blocks])


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that at any moment either the old or the whole new content is there.

    Args:
        path: The file.
        content: All of its bytes.

    Raises:
        FileWriteError: It cannot be written; one that was there stays as it was.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(16)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("xb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise FileWriteError(str(path), error.strerror or str(error)) from error


def read_tensor_file(path: Path) -> TensorFile:
    """The tensors of a file.

    Raises:
        ArtefactError: It is missing, truncated, of another format, or names a type or range that
            is not possible.
    """
    return from_bytes(read_bounded(path, LARGEST_TENSORS), str(path))


def sealed(file: TensorFile) -> bytes:
    """The bytes of a file that holds its own checksum, for one that no other file vouches for."""
    return to_bytes(TensorFile(file.tensors, {**file.metadata, SEAL: _checksum(file)}))


def require_seal(file: TensorFile, name: str) -> None:
    """Make sure that a file which holds its own checksum is what was sealed.

    Args:
        file: Its tensors and texts.
        name: Its place, for messages.

    Raises:
        ArtefactError: It is not.
    """
    metadata = {key: value for key, value in file.metadata.items() if key != SEAL}
    if file.metadata.get(SEAL) != _checksum(TensorFile(file.tensors, metadata)):
        raise ArtefactError(name, "it does not have its own checksum: it was altered.")


def _checksum(file: TensorFile) -> str:
    return hashlib.sha256(to_bytes(file)).hexdigest()


def from_bytes(content: bytes, name: str) -> TensorFile:
    """The tensors of bytes; ``name`` is their place, for messages.

    Args:
        content: All bytes of a safetensors file.
        name: Their place, for messages.
    """
    header, body = _header(content, name)
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(
        isinstance(value, str) for value in metadata.values()
    ):
        raise ArtefactError(name, "its metadata are not text.")
    spans: list[tuple[int, int]] = []
    tensors = {}
    for key, entry in header.items():
        tensors[key] = _tensor(key, entry, body, name, spans)
    at = 0
    for begin, end in sorted(spans):
        if begin != at:
            raise ArtefactError(name, "its tensors overlap or leave gaps.")
        at = end
    if at != len(body):
        raise ArtefactError(name, f"it holds {len(body)} bytes of tensors, its header says {at}.")
    return TensorFile(tensors, metadata)


def _header(content: bytes, name: str) -> tuple[dict[str, Any], memoryview]:
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(len(content) - 8, _LARGEST_HEADER):
        raise ArtefactError(name, "it is truncated, or not a safetensors file.")
    header = json_object(content[8 : 8 + length], name, "its header")
    return header, memoryview(content)[8 + length :]


def _tensor(
    key: str, entry: Any, body: memoryview, name: str, spans: list[tuple[int, int]]
) -> AnyArray:
    try:
        dtype = np.dtype(_TYPES[entry["dtype"]])
        shape = tuple(_size(size) for size in entry["shape"])
        begin, end = (_size(offset) for offset in entry["data_offsets"])
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(name, f"tensor {key!r} is described in an unknown way.") from error
    if len(shape) > _MOST_DIMENSIONS or (0 in shape and max(shape) > len(body)):
        raise ArtefactError(name, f"tensor {key!r} has no possible shape.")
    count = 1
    for size in shape:
        count *= size
    if min(shape, default=0) < 0 or not 0 <= begin <= end <= len(body):
        raise ArtefactError(name, f"tensor {key!r} lies outside of the file; it may be truncated.")
    if end - begin != count * dtype.itemsize:
        raise ArtefactError(name, f"tensor {key!r} of shape {shape} has {end - begin} bytes.")
    spans.append((begin, end))
    return np.frombuffer(body[begin:end], dtype=dtype).reshape(shape)


def _size(value: Any) -> int:
    # an empty tensor may claim any shape; NumPy takes none beyond what it can index
    if type(value) is not int or abs(value) > _LARGEST_SIZE:
        raise ValueError(value)
    return value

"""The tensors of a ``.pt`` file, in time and memory that its size bounds.

``torch.load(weights_only=True)`` runs nothing, but it inflates a compressed archive, allocates what
a pickle asks for, and does not mind a flipped byte in a tensor. So the archive is looked at first:
stored and not compressed, whole by its own checksums, and a pickle that names nothing but what a
state dict consists of.
"""

from __future__ import annotations

import io
import pickletools
import zipfile
from pathlib import Path
from typing import Any

from kpisdk import MissingDependencyError
from kpisdk_edu_dkt.dkt.arrays import AnyArray
from kpisdk_edu_dkt.dkt.artefact.bounded_file import LARGEST_TENSORS, MIB, read_bounded
from kpisdk_edu_dkt.dkt.errors import ArtefactError

_LARGEST_PICKLE, _MOST_ENTRIES = 4 * MIB, 10_000
_NAMES = frozenset(
    {
        "collections OrderedDict",
        "torch._utils _rebuild_tensor_v2",
        "torch._utils _rebuild_parameter",
        *(f"torch {kind}Storage" for kind in ("Float", "Double", "Half", "BFloat16")),
    }
)
"""All that the pickle of a state dict of floating-point tensors names."""


class _NotPlainError(ValueError):
    """An archive that is more, or less, than a state dict."""


def state_dict(path: Path) -> dict[str, AnyArray]:
    """Name -> values of the tensors of a ``.pt`` file.

    Raises:
        MissingDependencyError: torch is not installed.
        ArtefactError: The file is missing, damaged, hostile or too large; nothing of it is run.
    """
    try:
        import torch
    except ImportError as error:
        install = "pip install 'kpisdk-edu-dkt[train]'"
        raise MissingDependencyError("torch", "Reading a .pt file", install) from error
    content = read_bounded(path, LARGEST_TENSORS)
    try:
        _require_plain(content)
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        is_state = isinstance(state, dict) and all(map(_is_named_tensor, state.items()))
        found = _arrays(state, len(content)) if is_state else None
    except Exception as error:
        # what a parser of foreign bytes raises is not listed anywhere; whatever it is, the file is
        # not what it should be
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ArtefactError(str(path), f"it is not a plain state dict ({reason[:200]}).") from error
    if found is None:
        raise ArtefactError(str(path), "it is not a state dict of tensors.")
    return found


def _require_plain(content: bytes) -> None:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise _NotPlainError("no zip archive, as torch.save writes it since torch 1.6")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > _MOST_ENTRIES or sum(each.file_size for each in entries) > len(content):
            raise _NotPlainError("its entries are larger than the file")
        if any(each.compress_type != zipfile.ZIP_STORED for each in entries):
            raise _NotPlainError("it is compressed, as torch.save never does")
        damaged = archive.testzip()
        if damaged is not None:
            raise _NotPlainError("an entry does not have its checksum")
        for entry in entries:
            if entry.filename.endswith(".pkl"):
                _require_known_names(archive.read(entry))


def _require_known_names(content: bytes) -> None:
    if len(content) > _LARGEST_PICKLE:
        raise _NotPlainError("its pickle is too large for a state dict")
    for operation, argument, _ in pickletools.genops(content):
        if operation.name == "GLOBAL" and argument not in _NAMES:
            raise _NotPlainError(f"it asks for {argument}")
        if operation.name in {"STACK_GLOBAL", "INST", "OBJ", "EXT1", "EXT2", "EXT4"}:
            raise _NotPlainError("it asks for names as no state dict does")


def _is_named_tensor(item: tuple[object, object]) -> bool:
    import torch

    return isinstance(item[0], str) and isinstance(item[1], torch.Tensor)


def _arrays(state: dict[str, Any], size: int) -> dict[str, AnyArray]:
    found: dict[str, AnyArray] = {}
    for name, value in state.items():
        # a view may claim more elements than its storage has: each stands for several
        size -= value.numel() * value.element_size()
        if size < 0:
            raise _NotPlainError("its tensors claim more than the file holds")
        found[name] = value.detach().float().numpy()
    return found

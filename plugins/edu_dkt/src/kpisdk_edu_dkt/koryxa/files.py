"""Files: all of the evidence, each file whole or not at all, and nothing replaced unasked."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from kpisdk_edu_dkt.koryxa.errors import EvidenceExistsError, WriteError


def refuse_existing(folder: Path, names: Mapping[str, bytes] | tuple[str, ...]) -> None:
    """Refuse if any of the files is there.

    Args:
        folder: where they would be written.
        names: what they are called.

    Raises:
        EvidenceExistsError: with all of them.
    """
    there = [str(folder / name) for name in names if (folder / name).exists()]
    if there:
        raise EvidenceExistsError(there)


def write_all(folder: Path, contents: Mapping[str, bytes], *, force: bool) -> list[Path]:
    """Write files into a folder, which is made if need be; the paths in order.

    Everything is written beside its place first and moved there last, so that a full disk leaves
    the old files as they were.

    Args:
        folder: where they are written.
        contents: the bytes by name.
        force: whether files that are there may be replaced.

    Raises:
        EvidenceExistsError: one is there already and ``force`` is not given.
        WriteError: the folder or a file cannot be written.
    """
    if not force:
        refuse_existing(folder, contents)
    waiting: dict[Path, Path] = {}
    place = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            place = folder / name
            waiting[place] = place.with_name(f".{name}.{secrets.token_hex(16)}.part")
            with waiting[place].open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for place, part in waiting.items():
            part.replace(place)
    except OSError as error:
        raise WriteError(str(place), error.strerror or str(error)) from error
    finally:
        for part in waiting.values():
            part.unlink(missing_ok=True)
    return list(waiting)

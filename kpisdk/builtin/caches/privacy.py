"""Who else may read a file of ours, or replace it; and files that are made for their owner alone.

Windows has no permission bits: there the rights of the folder hold, and nothing is said of them.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

OWNER_ONLY = 0o600
"""The permissions of a file that we make; SQLite gives its companions the same."""

FOLDER_OF_OWNER = 0o700
"""The permissions of a folder that we make."""


def make_private(path: Path) -> None:
    """Make a file and the folders above it, for their owner alone; what is there stays as it is.

    Raises:
        OSError: it cannot be made, or is a link to a file that does not exist.
    """
    missing = [each for each in path.parents if not each.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER_OF_OWNER, exist_ok=True)
    if not path.exists():
        with suppress(FileExistsError):  # another process was quicker
            # Exclusive: neither a link that somebody has put here is followed, nor a file reused.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))
    if not path.exists():
        raise FileNotFoundError(f"{path} is a link to a file that does not exist")


def is_link_to_others(path: Path) -> bool:
    """Whether a path is a link that is somebody else's, or leads to somebody else's file."""
    if sys.platform == "win32" or not path.is_symlink():
        return False
    me = os.geteuid()
    if path.lstat().st_uid != me:
        return True
    return path.exists() and path.stat().st_uid != me


def exposures(path: Path) -> tuple[str, ...]:
    """What others can do to a file because of its permissions, or its folder's, a sentence each."""
    if sys.platform == "win32" or not path.exists():
        return ()
    return tuple(_exposures(path))


def _exposures(path: Path) -> Iterator[str]:
    file, folder = path.stat(), path.parent.stat()
    if file.st_uid != os.geteuid():
        yield f"The file {str(path)!r} belongs to another user."
    if file.st_mode & 0o077:
        mode = stat.S_IMODE(file.st_mode)
        yield (
            f"Other users may use the file {str(path)!r} (its permissions are {mode:03o}). If they "
            f"are not meant to: chmod 600 {path}"
        )
    if folder.st_mode & 0o022 and not folder.st_mode & stat.S_ISVTX:
        mode = stat.S_IMODE(folder.st_mode)
        yield (
            f"Other users may replace files in {str(path.parent)!r} (its permissions are "
            f"{mode:03o}). If they are not meant to: chmod 700 {path.parent}"
        )

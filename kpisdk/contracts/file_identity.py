"""What tells one version of a file from every other: the one place where files are looked at."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

CONTENT_BELOW = 1 << 20
"""Files of fewer bytes (1 MiB) go by their content too; see :func:`file_identity`."""

_TICK_NS = 20_000_000
"""The grain of file systems' clocks in nanoseconds (1 to 10 ms), and as much again."""

ABSENT = "absent"
"""The identity of what is not there, so that its coming is a change."""


def file_identity(path: str | Path, *, content: bool = True, ctime: bool = True) -> str:
    """What a file cannot be changed without changing, as a short text.

    Size, times of change, inode and, below :data:`CONTENT_BELOW` bytes, a hash of the content. A
    copy may keep size and time of modification (``cp -p``), so the time of the inode's change and
    the inode count as well; these have the grain of the file system's clock (a few milliseconds,
    two seconds on some), in which a file can be written twice, and some shares have neither: so a
    small file is read. A large one, which takes long to read, has no identity that comes again
    until the clock has moved on.

    Args:
        path: a file, or a folder, which goes by all files in it and below it. What it does not hold
            is part of that too.
        content: whether small files are read; without it a look takes microseconds, and misses what
            is written twice within the grain of the clock.
        ctime: whether the time of the inode's change counts. SQLite, run by root, sets the owner of
            a log whenever it opens one, and that is no change of what it holds.

    Returns:
        64 hexadecimal digits; :data:`ABSENT` where there is nothing of that name.

    Raises:
        OSError: it is there and cannot be looked at.
    """
    try:
        facts = os.stat(path)  # noqa: PTH116 - a path of either type, on the way of every file
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    if stat.S_ISDIR(facts.st_mode):
        parts = [
            f"{each.relative_to(path)}\0{file_identity(each, content=content, ctime=ctime)}"
            for each in _files_in(Path(path))
        ]
        return _hashed("folder", *parts)
    changed = facts.st_ctime_ns if ctime else 0
    newest = max(facts.st_mtime_ns, facts.st_ctime_ns)
    marks = [facts.st_size, facts.st_mtime_ns, changed, facts.st_ino, facts.st_dev]
    if content and facts.st_size >= CONTENT_BELOW and time.time_ns() - newest < _TICK_NS:
        # It may be written again before the file system's clock moves on: not to be told yet.
        marks.append(time.time_ns())
    held = b""
    if content and stat.S_ISREG(facts.st_mode) and facts.st_size < CONTENT_BELOW:
        held = hashlib.sha256(Path(path).read_bytes()).digest()
    return _hashed(*map(str, marks), held.hex())


def _files_in(folder: Path) -> Iterator[Path]:
    """The files in a folder and below it, in order; links to folders are followed once."""
    seen: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        whole = os.path.realpath(place)
        if whole in seen:
            folders.clear()
            continue
        seen.add(whole)
        folders.sort()
        yield from (Path(place, name) for name in sorted(files))


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def file_size(path: str | Path) -> int:
    """The bytes of a file.

    Raises:
        OSError: there is none, or it cannot be looked at.
    """
    return Path(path).stat().st_size

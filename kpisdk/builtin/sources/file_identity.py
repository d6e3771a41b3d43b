"""What tells one version of a file from another, and one source from the next."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.sources import SourceOptions
from kpisdk.errors import SourceUnavailableError


def fingerprint(*facts: object) -> str:
    """A short stable name for what tells one source from another."""
    return hashlib.sha256("\0".join(map(str, facts)).encode()).hexdigest()[:16]


def file_identity(kind: str, path: Path, options: SourceOptions) -> SourceIdentity:
    """The identity of a database file, commits that lie beside it included."""
    try:
        facts = [*traces(path)]
        for beside in (f"{path}-wal", f"{path}.wal"):  # commits that are not in the file yet
            if Path(beside).exists():
                facts += traces(Path(beside))
    except OSError as error:
        raise SourceUnavailableError(options.name, str(error)) from error
    return SourceIdentity(options.name, kind, fingerprint(kind, path.absolute(), *facts))


def traces(path: Path) -> tuple[int, ...]:
    """What a file cannot be changed without leaving: a copy may keep size and time of change."""
    facts = path.stat()
    return (facts.st_mtime_ns, facts.st_size, facts.st_ctime_ns, facts.st_ino)

"""What tells one version of a database file from another, and one source from the next."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kpisdk.contracts import file_identity as files
from kpisdk.contracts.results import SourceIdentity
from kpisdk.contracts.source_kinds import SourceOptions
from kpisdk.errors import SourceUnavailableError

_BESIDE = ("-wal", "-journal", ".wal")
"""Endings of files that hold commits which are not in the database file yet, or not any more."""


def fingerprint(*facts: object) -> str:
    """A short stable name for what tells one source from another."""
    # The name of a file may be no text.
    described = "\0".join(map(str, facts)).encode("utf-8", "surrogateescape")
    return hashlib.sha256(described).hexdigest()[:16]


def file_identity(kind: str, path: Path, options: SourceOptions) -> SourceIdentity:
    """The identity of a database file, commits that lie beside it included."""
    try:
        beside = [f"{path}{ending}" for ending in _BESIDE]
        # A reader may leave one without a byte in it.
        held = [each for each in beside if Path(each).exists() and files.file_size(each)]
        logs = [f"{each} {files.file_identity(each, ctime=False)}" for each in held]
        facts = [files.file_identity(path), *logs]
    except OSError as error:
        raise SourceUnavailableError(options.name, str(error)) from error
    if facts[0] == files.ABSENT:
        raise SourceUnavailableError(options.name, f"there is no file {str(path)!r} any more")
    return SourceIdentity(options.name, kind, fingerprint(kind, path.absolute(), *facts))

"""The kind of source ``kt:FILE``: one file of answers, in any format that the commands read."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import attrs

from kpisdk import (
    KpisdkError,
    Session,
    SourceIdentity,
    SourceKind,
    SourceOptions,
    SourceUnavailableError,
    Workspace,
    file_identity,
)
from kpisdk_edu_dkt.dkt.datasets import INTERACTIONS

PREFIX = "kt:"


@attrs.frozen
class AnswersSource:
    """A CSV file of the notebook's columns, or one of the public three-line or pid format.

    The file is read and checked as ``kpisdk dkt evaluate`` does it, every session anew; its rows
    are the table ``interactions``.

    Attributes:
        path: the file.
        options: how the source is to be opened.
    """

    path: Path
    options: SourceOptions

    @classmethod
    def at(cls, location: str, options: SourceOptions) -> Self:
        """The source that ``kt:FILE`` names.

        Args:
            location: the location.
            options: those of the source's settings.

        Raises:
            SourceUnavailableError: there is no such file.
        """
        path = (options.base or Path()) / Path(location.removeprefix(PREFIX)).expanduser()
        if not path.is_file():
            detail = f"there is no file {str(path)!r}; write kt:FILE, such as kt:test.csv"
            raise SourceUnavailableError(options.name, detail)
        return cls(path, options)

    @property
    def identity(self) -> SourceIdentity:
        try:
            facts = str(self.path.absolute()), file_identity(self.path)
        except OSError as error:
            raise SourceUnavailableError(self.options.name, str(error)) from error
        fingerprint = hashlib.sha256("\0".join(("kt", *facts)).encode()).hexdigest()
        return SourceIdentity(self.options.name, "kt", fingerprint)

    @property
    def retries(self) -> int:
        return 0

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session over what the file holds now.

        Raises:
            SourceUnavailableError: the file breaks the contract of answers; every fault is named.
        """
        from kpisdk_edu_dkt.dkt.data.reading import read
        from kpisdk_edu_dkt.dkt.data.writing import write_csv

        with tempfile.TemporaryDirectory(prefix="kpisdk-kt-") as folder:
            try:
                rows = read(self.path)
            except KpisdkError as error:
                raise SourceUnavailableError(self.options.name, error.message) from error
            table = Path(folder) / f"{INTERACTIONS.name}.csv"
            with table.open("w", encoding="utf-8", newline="") as handle:
                write_csv(rows, handle)
            kinds = Workspace(cache="off").registry.sources
            with kinds["files"].open(folder, self.options).session() as session:
                yield session


def _is_answers(location: Any) -> bool:
    return isinstance(location, str) and location.startswith(PREFIX)


def _open(location: Any, options: SourceOptions) -> AnswersSource:
    return AnswersSource.at(str(location), options)


ANSWERS = SourceKind(
    "kt",
    _is_answers,
    _open,
    "kt:FILE, answers of students: the notebook's CSV, or a public three-line or pid file",
)
"""Answers in a file of their own."""

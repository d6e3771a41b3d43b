"""The kind of source ``koryxa:FILE``: one events log, read as the school's export reads it."""

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

PREFIX = "koryxa:"
HARMLESS = ("other_delimiter",)
"""Notes of reading that cost no row and no value."""

DAMAGED, LEAVE_OUT = "damaged", "leave_out"


@attrs.frozen
class EventsSource:
    """A CSV or Parquet file of events; its rows are the table ``school_events``.

    A log with lines that are no rows, or values that cannot be read, is refused with their number,
    unless the source's option ``damaged`` is ``leave_out``: ``kpisdk koryxa export`` counts them
    in its evidence, and a computation has no place for that.

    Attributes:
        path: the file.
        options: how the source is to be opened.
    """

    path: Path
    options: SourceOptions

    @classmethod
    def at(cls, location: str, options: SourceOptions) -> Self:
        """The source that ``koryxa:FILE`` names.

        Args:
            location: the location.
            options: those of the source's settings.

        Raises:
            SourceUnavailableError: there is no such file, or an option is none.
        """
        known = {DAMAGED: ("refuse", LEAVE_OUT)}
        for name, value in options.options.items():
            if value not in known.get(name, ()):
                detail = f"option {name} = {value!r} is none: damaged is refuse or leave_out"
                raise SourceUnavailableError(options.name, detail)
        path = (options.base or Path()) / Path(location.removeprefix(PREFIX)).expanduser()
        if not path.is_file():
            detail = f"there is no file {str(path)!r}; write koryxa:FILE, such as koryxa:events.csv"
            raise SourceUnavailableError(options.name, detail)
        return cls(path, options)

    @property
    def identity(self) -> SourceIdentity:
        try:
            facts = str(self.path.absolute()), file_identity(self.path)
        except OSError as error:
            raise SourceUnavailableError(self.options.name, str(error)) from error
        how = str(self.options.options.get(DAMAGED, "refuse"))
        fingerprint = hashlib.sha256("\0".join(("koryxa", how, *facts)).encode()).hexdigest()
        return SourceIdentity(self.options.name, "koryxa", fingerprint)

    @property
    def retries(self) -> int:
        return 0

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session over what the file holds now.

        Raises:
            SourceUnavailableError: it is no events log, or a damaged one.
        """
        from kpisdk_edu_dkt.koryxa.staging import stage

        with tempfile.TemporaryDirectory(prefix="koryxa-") as folder:
            try:
                staged = stage(self.path, Path(folder))
            except KpisdkError as error:
                raise SourceUnavailableError(self.options.name, error.message) from error
            lost = [note.message for note in staged.notes if note.code not in HARMLESS]
            if lost and self.options.options.get(DAMAGED) != LEAVE_OUT:
                told = " ".join(lost).rstrip(".")
                advice = (
                    "mend the file, or name it in kpisdk.toml as a source with the option "
                    'damaged = "leave_out"'
                )
                detail = f"{str(self.path)!r} is damaged. {told}: {advice}"
                raise SourceUnavailableError(self.options.name, detail)
            kinds = Workspace(cache="off").registry.sources
            plain = attrs.evolve(self.options, options={})
            with kinds["files"].open(str(staged.folder), plain).session() as session:
                yield session


def _is_log(location: Any) -> bool:
    return isinstance(location, str) and location.startswith(PREFIX)


def _open(location: Any, options: SourceOptions) -> EventsSource:
    return EventsSource.at(str(location), options)


EVENTS = SourceKind(
    "koryxa", _is_log, _open, "koryxa:FILE, an events log of the school: CSV or Parquet"
)
"""The school's events log."""

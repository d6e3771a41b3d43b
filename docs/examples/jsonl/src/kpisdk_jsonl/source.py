"""A folder of JSON lines: ``orders.jsonl`` is the table ``orders``, a line is a row.

The files are read into pandas frames, and the core's own kind of source for frames answers the
statements; what is left to do here is to read, and to say what cannot be read.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self

import attrs

from kpisdk import (
    LogicalType,
    Session,
    SourceIdentity,
    SourceOptions,
    SourceUnavailableError,
    Workspace,
)


@attrs.frozen
class JsonLinesSource:
    """The files ``*.jsonl`` of a folder."""

    folder: Path
    options: SourceOptions

    @classmethod
    def at(cls, location: str, options: SourceOptions) -> Self:
        """The source that ``jsonl:FOLDER`` names.

        Raises:
            SourceUnavailableError: there is no such folder, or no such file in it.
        """
        folder = Path(location.removeprefix("jsonl:")).expanduser()
        source = cls((options.base or Path()) / folder, options)
        if not source.files:
            detail = f"{str(source.folder)!r} is not a folder with files *.jsonl"
            raise SourceUnavailableError(options.name, detail)
        return source

    @property
    def files(self) -> list[Path]:
        """The files, by name."""
        return sorted(self.folder.glob("*.jsonl"))

    @property
    def identity(self) -> SourceIdentity:
        """Equal fingerprints mean equal rows: a cache tells sources apart by them."""
        facts = [
            (file.resolve(), (stat := file.stat()).st_mtime_ns, stat.st_size) for file in self.files
        ]
        fingerprint = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
        return SourceIdentity(self.options.name, "jsonl", fingerprint)

    @property
    def retries(self) -> int:
        """No connection can be lost."""
        return 0

    def session(self) -> AbstractContextManager[Session]:
        """A session over what the files hold now.

        Raises:
            SourceUnavailableError: a line is no JSON object, or a value not of its declared type.
        """
        frames = {file.stem: self._frame(file) for file in self.files}
        kinds = Workspace(cache="off").registry.sources
        return kinds["frames"].open(frames, self.options).session()

    def _frame(self, file: Path) -> Any:
        import pandas as pd

        lines = enumerate(self._text(file).split("\n"), start=1)
        rows = [self._row(file, number, line) for number, line in lines if line.strip()]
        declared = self.options.types.get(file.stem, {})
        # A file without lines is a table without rows, and not one without columns.
        frame = pd.DataFrame(rows, columns=None if rows else list(declared))
        for column in frame.columns.intersection(list(declared)):
            frame[column] = self._typed(file, frame[column], declared[column])
        return frame

    def _text(self, file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise SourceUnavailableError(self.options.name, f"{file}: {error}") from error

    def _row(self, file: Path, number: int, line: str) -> Mapping[str, Any]:
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict):
            detail = f"line {number} of {file} is not a JSON object"
            raise SourceUnavailableError(self.options.name, detail)
        return row

    def _typed(self, file: Path, values: Any, logical: LogicalType) -> Any:
        # JSON has numbers, texts and booleans; instants and days are texts that are read here.
        import pandas as pd

        if not logical.is_temporal:
            return values
        try:
            return pd.to_datetime(values, utc=True, format="ISO8601").dt.tz_localize(None)
        except (ValueError, TypeError) as error:
            told = str(error).partition(".")[0]
            detail = f"column {values.name} of {file}: {told}"
            raise SourceUnavailableError(self.options.name, detail) from error

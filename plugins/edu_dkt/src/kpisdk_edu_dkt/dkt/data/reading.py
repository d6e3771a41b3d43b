"""Interactions from files and frames: CSV, pandas or any mapping of columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from kpisdk import Problem
from kpisdk_edu_dkt.dkt.data.checking import SUBJECT, OnFault, check
from kpisdk_edu_dkt.dkt.data.columns import BY_NAME
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.data.parsing import Values
from kpisdk_edu_dkt.dkt.data.public_formats import looks_public, read_public
from kpisdk_edu_dkt.dkt.errors import InteractionsError


@runtime_checkable
class Frame(Protocol):
    """What is needed of a pandas frame, without importing pandas."""

    @property
    def columns(self) -> Any:
        """The names of the columns."""
        ...

    def __getitem__(self, name: str) -> Any: ...


def read(path: Path | str, *, on_fault: OnFault = "error") -> Interactions:
    """Interactions of a file: a CSV with a header, or the public three-line or pid format.

    Args:
        path: The file.
        on_fault: As for :func:`~kpisdk_edu_dkt.dkt.data.checking.check`.

    Raises:
        InteractionsError: The file is missing, empty, ragged, or breaks the contract.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        fault = error.strerror or str(error)
        raise InteractionsError(SUBJECT, [Problem(str(path), fault)]) from error
    return read_content(content, str(path), on_fault=on_fault)


def read_content(content: bytes, source: str, *, on_fault: OnFault = "error") -> Interactions:
    """Interactions of the bytes of such a file.

    Args:
        content: A CSV with a header, or the public three-line or pid format.
        source: What the file is called, for messages and for students without ids.
        on_fault: As for :func:`~kpisdk_edu_dkt.dkt.data.checking.check`.

    Raises:
        InteractionsError: The content is empty, ragged, or breaks the contract.
    """
    if looks_public(content):
        return read_public(content, source, on_fault=on_fault)
    return _read_csv(content, source, on_fault=on_fault)


def from_frame(
    frame: Frame | Mapping[str, Values], *, source: str = "frame", on_fault: OnFault = "error"
) -> Interactions:
    """Interactions of a pandas frame, or of a mapping from column name to values.

    Args:
        frame: The rows.
        source: Where they come from, for messages.
        on_fault: As for :func:`~kpisdk_edu_dkt.dkt.data.checking.check`.
    """
    names = frame.keys() if isinstance(frame, Mapping) else frame.columns
    columns = {str(name): _plain(frame[name]) for name in names if name in BY_NAME}
    return check(columns, source=source, on_fault=on_fault)


def _plain(values: Any) -> Values:
    """A column of a frame as an array or list that parsing knows."""
    to_numpy = getattr(values, "to_numpy", None)
    array = values if to_numpy is None else to_numpy()
    return array if hasattr(array, "dtype") or isinstance(array, list) else list(array)


def _read_csv(content: bytes, source: str, *, on_fault: OnFault) -> Interactions:
    try:
        # not split at other signs that Python takes for the end of a line
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        header = [name.strip() for name in next(reader, [])]
        rows = [(reader.line_num, row) for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        fault = f"not readable as UTF-8 CSV ({error})"
        raise InteractionsError(SUBJECT, [Problem(source, fault)]) from error
    _check_shape(source, header, rows)
    lines = [line for line, _ in rows]
    fields: Iterable[tuple[str, ...]] = zip(*(row for _, row in rows), strict=True)
    columns: dict[str, Values] = {name: () for name in header if name in BY_NAME}
    # a file without rows gives no fields; its columns stay empty
    columns |= {
        name: values for name, values in zip(header, fields, strict=False) if name in BY_NAME
    }
    return check(columns, source=source, on_fault=on_fault, place=lambda row: f"line {lines[row]}")


def _check_shape(source: str, header: list[str], rows: list[tuple[int, list[str]]]) -> None:
    problems = []
    if not any(header):
        problems.append(Problem(source, "the file is empty; the first line must name columns"))
    doubled = sorted({name for name in header if header.count(name) > 1 and name in BY_NAME})
    problems += [
        Problem(f"{source}, line 1", f"column {name} stands there twice") for name in doubled
    ]
    ragged = [(line, len(row)) for line, row in rows if len(row) != len(header)]
    problems += [
        Problem(f"{source}, line {line}", f"{fields} fields, the header has {len(header)}")
        for line, fields in ragged[:5]
    ]
    if len(ragged) > 5:
        problems.append(Problem(source, f"{len(ragged) - 5} more lines of another length"))
    if problems:
        raise InteractionsError(SUBJECT, problems)

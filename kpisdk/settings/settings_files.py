"""Where a settings file is looked for, and which TOML table of it holds settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from kpisdk.errors import Problem, SettingsError

OWN_NAME = "kpisdk.toml"
SHARED_NAME = "pyproject.toml"
SECTION = "tool.kpisdk"
"""The table of a ``pyproject.toml`` that holds what a ``kpisdk.toml`` holds at its top."""

_POSITION = re.compile(r" ?\(at line (?P<line>\d+), column (?P<column>\d+)\)$")


@attrs.frozen
class SettingsFile:
    """A settings file that was found, its table, and what ``kpisdk doctor`` should say of it."""

    path: Path
    table: Mapping[str, Any]
    section: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The file, and the section of it, as sentences name them."""
        return f"{self.path} [{self.section}]" if self.section else str(self.path)


def explicit_file(path: Path) -> SettingsFile:
    """The settings file a user named: a ``pyproject.toml`` is read for its section.

    Raises:
        SettingsError: it does not exist, cannot be read, is not TOML, or lacks the section.
    """
    if path.name != SHARED_NAME:
        return SettingsFile(path, _toml(path, _text(path)))
    found = _shared(path)
    if found is None:
        raise SettingsError(str(path), [Problem(SECTION, "is not there; add this table")])
    return found


def nearest_file(start: Path) -> SettingsFile | None:
    """The settings file of the folder ``start`` or of the closest folder above it; else ``None``.

    In one folder ``kpisdk.toml`` wins over ``pyproject.toml``, with a remark; a ``pyproject.toml``
    without the section is passed by.

    Raises:
        SettingsError: a file that would be used cannot be read or is not TOML.
    """
    for folder in (start, *start.parents):
        own, shared = folder / OWN_NAME, folder / SHARED_NAME
        if own.is_file():
            return SettingsFile(own, _toml(own, _text(own)), remarks=_ignored(shared))
        if shared.is_file():
            found = _shared(shared)
            if found is not None:
                return found
    return None


def _ignored(shared: Path) -> tuple[str, ...]:
    """What to say where a second settings file lies beside the one that is used."""
    if not shared.is_file():
        return ()
    try:
        found = _shared(shared)
    except SettingsError as error:
        return (f"{shared} was not read, since {OWN_NAME} lies beside it: {error}",)
    if found is None:
        return ()
    return (f"{found.title} is ignored: {OWN_NAME} lies beside it and wins.",)


def _shared(path: Path) -> SettingsFile | None:
    text = _text(path)
    # Most projects have a pyproject.toml that is none of our business, faults included.
    if "kpisdk" not in text:
        return None
    tool = _toml(path, text).get("tool", {})
    if not isinstance(tool, Mapping) or "kpisdk" not in tool:
        return None
    table = tool["kpisdk"]
    if not isinstance(table, Mapping):
        raise SettingsError(str(path), [Problem(SECTION, "must be a table")])
    return SettingsFile(path, table, SECTION)


def _text(path: Path) -> str:
    try:
        # Editors on Windows may put a byte-order mark first, which TOML does not allow.
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        raise SettingsError(str(path), [Problem("encoding", what)]) from error
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise SettingsError("The settings", [Problem(str(path), what)]) from error


def _toml(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(str(path), [_fault(str(error), text)]) from error
    except RecursionError as error:
        what = "is nested too deeply to be read"
        raise SettingsError(str(path), [Problem("document", what)]) from error


def _fault(message: str, text: str) -> Problem:
    position = _POSITION.search(message)
    if position is not None:
        line, column = int(position["line"]), int(position["column"])
        what = message[: position.start()]
    else:
        lines = text.split("\n")
        line, column = len(lines), len(lines[-1]) + 1
        what = message.removesuffix(" (at end of document)")
    return Problem(f"line {line}, column {column}", f"is not valid TOML: {what}")

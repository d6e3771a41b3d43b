"""Where a source lies: a whole path, in a home folder that exists, with a name that is a text."""

from __future__ import annotations

from pathlib import Path

from kpisdk.contracts.source_kinds import SourceOptions
from kpisdk.errors import SourceUnavailableError


def local_path(location: str | Path, options: SourceOptions) -> Path:
    """The path that a location stands for, relative to the folder that the options name.

    Raises:
        SourceUnavailableError: it begins with a home folder where there is none, or its name is no
            text, which engines ask for.
    """
    base = options.base or Path()
    try:
        path = base / Path(location).expanduser()
    except RuntimeError as error:
        path = base / location
        if not (base / Path(location).parts[0]).exists():  # a name may begin so
            raise SourceUnavailableError(options.name, _homeless(location)) from error
    if "\0" in str(path):
        raise SourceUnavailableError(options.name, f"{str(path)!r} is no path: it holds a NUL")
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        detail = f"the name {str(path)!r} is not UTF-8; rename it, or link to it by another name"
        raise SourceUnavailableError(options.name, detail) from error
    return path


def _homeless(location: str | Path) -> str:
    return (
        f"{str(location)!r} begins with a home folder, and there is none: set HOME, or give the "
        "whole path"
    )

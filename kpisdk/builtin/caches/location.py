"""Where a platform keeps caches, so that the file has a place when the settings name none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath

FILE_NAME = "results.sqlite"


def home_folder(environ: Mapping[str, str]) -> Path:
    """The user's home folder; a ``HOME`` that is no whole path is none.

    Raises:
        RuntimeError: there is none.
    """
    given = environ.get("HOME")
    if given and PurePath(given).is_absolute():
        return Path(given)
    if PurePath(environ.get("XDG_CACHE_HOME", "")).is_absolute():
        return Path("/")  # which the cache folder then does not depend on
    if given is not None:
        raise RuntimeError("there is no home folder (HOME is empty, or no whole path)")
    return Path.home()  # that of the user's account


def default_path(platform: str, environ: Mapping[str, str], home: Path) -> Path:
    """The cache file in the user's cache folder.

    Linux and other Unixes: ``$XDG_CACHE_HOME`` or ``~/.cache``; macOS: ``~/Library/Caches``;
    Windows: ``%LOCALAPPDATA%`` or ``~/AppData/Local``.

    Args:
        platform: as ``sys.platform`` names it.
        environ: environment variables.
        home: the user's home folder.
    """
    if platform == "win32":
        local = environ.get("LOCALAPPDATA")
        folder = (Path(local) if local else home / "AppData" / "Local") / "kpisdk" / "Cache"
    elif platform == "darwin":
        folder = home / "Library" / "Caches" / "kpisdk"
    else:
        given = environ.get("XDG_CACHE_HOME", "")
        # The XDG base directory specification has relative paths ignored.
        root = Path(given) if PurePath(given).is_absolute() else home / ".cache"
        folder = root / "kpisdk"
    return folder / FILE_NAME

"""Where a platform keeps the caches of a user, told without importing anything for it."""

from __future__ import annotations

import os
from collections.abc import Mapping


def user_home(environ: Mapping[str, str]) -> str:
    """The user's home folder; a ``HOME`` that is no whole path is none.

    Raises:
        RuntimeError: there is none.
    """
    given = environ.get("HOME")
    if given and os.path.isabs(given):  # noqa: PTH117 - pathlib would take longer than a listing
        return given
    if os.path.isabs(environ.get("XDG_CACHE_HOME", "")):  # noqa: PTH117
        return "/"  # which the cache folder then does not depend on
    found = os.path.expanduser("~") if given is None else "~"  # noqa: PTH111
    if found == "~":
        raise RuntimeError("there is no home folder (HOME is empty, or no whole path)")
    return found  # that of the user's account


def cache_folder(platform: str, environ: Mapping[str, str], home: str) -> str:
    """The folder of kpisdk's caches in the user's cache folder.

    Linux and other Unixes: ``$XDG_CACHE_HOME`` or ``~/.cache``; macOS: ``~/Library/Caches``;
    Windows: ``%LOCALAPPDATA%`` or ``~/AppData/Local``.

    Args:
        platform: as ``sys.platform`` names it.
        environ: environment variables.
        home: the user's home folder.
    """
    join = os.path.join
    if platform == "win32":
        local = environ.get("LOCALAPPDATA") or join(home, "AppData", "Local")
        return join(local, "kpisdk", "Cache")
    if platform == "darwin":
        return join(home, "Library", "Caches", "kpisdk")
    given = environ.get("XDG_CACHE_HOME", "")
    # The XDG base directory specification has relative paths ignored.
    return join(given if os.path.isabs(given) else join(home, ".cache"), "kpisdk")  # noqa: PTH117

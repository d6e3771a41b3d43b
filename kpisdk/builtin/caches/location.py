"""Where a platform keeps caches, so that the file has a place when the settings name none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kpisdk.builtin.caches.user_folders import cache_folder, user_home

FILE_NAME = "results.sqlite"


def home_folder(environ: Mapping[str, str]) -> Path:
    """The user's home folder; a ``HOME`` that is no whole path is none.

    Raises:
        RuntimeError: there is none.
    """
    return Path(user_home(environ))


def default_path(platform: str, environ: Mapping[str, str], home: Path) -> Path:
    """The cache file in the user's cache folder.

    Args:
        platform: as ``sys.platform`` names it.
        environ: environment variables.
        home: the user's home folder.
    """
    return Path(cache_folder(platform, environ, str(home))) / FILE_NAME

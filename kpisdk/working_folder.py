"""The working folder, which may have been deleted under a process that still stands in it."""

from __future__ import annotations

from pathlib import Path

import attrs

from kpisdk.errors import UsageError


@attrs.define(eq=False)
class NoWorkingFolderError(UsageError):
    """The working folder is no longer there, so that nothing can be relative to it."""

    template = "The working folder is no longer there; go to one that exists (cd), and try again."


def working_folder() -> Path:
    """The working folder.

    Raises:
        NoWorkingFolderError: it was deleted, or may not be looked at.
    """
    try:
        return Path.cwd()
    except OSError as error:
        raise NoWorkingFolderError from error

"""The command line: one file per command, loaded when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence

TYPE_CHECKING = False  # type checkers take it for true; the module of that name is slow to import
if TYPE_CHECKING:
    from kpisdk.cli.installation import Installation
    from kpisdk.cli.kept_listings import Watched

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None, installation: Installation | None = None) -> int:
    """Run ``kpisdk`` with these arguments (by default the process's); the exit code.

    Data goes to standard output, everything else to standard error. What the process's own
    arguments list (``list``, ``show``, ``--help``) is printed as it was before while nothing has
    changed that it depends on, without importing what makes it.
    """
    if arguments is not None or installation is not None:
        from kpisdk.cli.entry_point import main as run

        return run(arguments, installation)
    from kpisdk.cli.kept_listings import answered

    return answered(sys.argv[1:], _of_process, _of_process)


def _of_process(watched: Watched | None = None) -> int:
    from kpisdk.cli.entry_point import of_process

    return of_process(watched)

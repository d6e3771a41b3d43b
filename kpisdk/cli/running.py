"""Running a command: every way in which it can end becomes an exit code and, at most, a message."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import click

from kpisdk.cli.group import PIPE_CLOSED, root
from kpisdk.cli.installation import Installation
from kpisdk.cli.terminal import tolerant
from kpisdk.cli.unhandled import UnhandledError
from kpisdk.errors import KpisdkError

INTERRUPTED = 130
"""128 + SIGINT, as shells report a command that Ctrl-C ended."""


def main(arguments: Sequence[str] | None = None, installation: Installation | None = None) -> int:
    """Run ``kpisdk`` with these arguments (by default the process's); the exit code.

    Data goes to standard output, everything else to standard error.
    """
    here = installation or Installation.here()
    tolerant(sys.stdout, sys.stderr)
    try:
        code = root.main(args=arguments, prog_name="kpisdk", standalone_mode=False, obj=here)
        sys.stdout.flush()  # a reader that has gone away is noticed here, and not at exit
    except BrokenPipeError:
        return _pipe_closed()
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except KpisdkError as error:
        return _told(here, error.message, error.exit_code)
    except Exception as error:  # noqa: BLE001 - the last line of defence, and it says so
        told = UnhandledError(type(error).__name__, str(error))
        return _told(here, told.message, told.exit_code)
    return code if isinstance(code, int) else 0


def _told(here: Installation, message: str, code: int) -> int:
    if here.debug:
        click.echo(here.redact(traceback.format_exc()), err=True, nl=False)
    click.echo(here.redact(f"Error: {message}"), err=True)
    return code


def _pipe_closed() -> int:
    # Whatever is still buffered is thrown away, or the interpreter would complain at its end.
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - no path to speak of
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    return PIPE_CLOSED

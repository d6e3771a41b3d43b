"""Every way in which a command can end, as an exit code and, at most, a message."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

import click

from kpisdk.cli.group import PIPE_CLOSED, root
from kpisdk.cli.installation import Installation
from kpisdk.cli.signals import TERMINATED, is_terminated, terminated_as_interrupted
from kpisdk.cli.terminal import tolerant
from kpisdk.cli.unhandled import UnhandledError
from kpisdk.errors import FAILURE, KpisdkError
from kpisdk.quarantine import has_abandoned

INTERRUPTED = 130
"""128 + SIGINT, as shells report a command that Ctrl-C ended."""


def main(arguments: Sequence[str] | None = None, installation: Installation | None = None) -> int:
    """Run ``kpisdk`` with these arguments (by default the process's); the exit code.

    Data goes to standard output, everything else to standard error.
    """
    if arguments is not None or installation is not None:
        return _run(arguments, installation)
    return of_process()


def of_process(watched: Callable[[], AbstractContextManager[None]] | None = None) -> int:
    """Run ``kpisdk`` with the process's arguments, perhaps with what it does watched."""
    with _own_output(), (watched or nullcontext)():
        code = _run(None, None)
    if has_abandoned():
        # A thread of a plugin still runs. It cannot be ended, and could keep the process from it.
        sys.stderr.flush()
        os._exit(code)
    return code


@contextmanager
def _own_output() -> Iterator[None]:
    """Standard output for commands alone: the descriptor is standard error's inside.

    What plugins, their libraries and their programs write to the descriptor, past Python's own
    stream, would stand in the middle of a JSON document.
    """
    try:
        descriptor = sys.stdout.fileno()
        kept = os.dup(descriptor)
        os.dup2(sys.stderr.fileno(), descriptor)
    except (AttributeError, OSError, ValueError):  # there is none, or it is no file
        yield
        return
    plain = sys.stdout
    sys.stdout = os.fdopen(
        kept,
        "w",
        buffering=1 if os.isatty(kept) else -1,
        encoding=plain.encoding,
        errors=plain.errors,
    )
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        sys.stdout = plain  # what prints at the interpreter's end prints to standard error


def _run(arguments: Sequence[str] | None, installation: Installation | None) -> int:
    here = installation
    try:
        with terminated_as_interrupted():
            here = here or Installation.here()
            tolerant(sys.stdout, sys.stderr)
            code = root.main(args=arguments, prog_name="kpisdk", standalone_mode=False, obj=here)
            sys.stdout.flush()  # a reader that has gone away is noticed here, and not at exit
    except BaseException as error:  # noqa: BLE001 - the last line of defence, and it says so
        return _ended(error, here)
    return code if isinstance(code, int) else 0


def _ended(error: BaseException, here: Installation | None) -> int:
    if isinstance(error, BrokenPipeError):
        code = _pipe_closed()
    elif is_terminated(error):  # DuckDB turns it into a fault of the statement
        code = TERMINATED
    elif isinstance(error, click.Abort | KeyboardInterrupt):
        code = INTERRUPTED
    elif isinstance(error, click.ClickException):
        error.show(sys.stderr)
        code = error.exit_code
    elif isinstance(error, SystemExit):  # a command of a plugin may end so
        code = _exit_code(error)
    else:
        told = error if isinstance(error, KpisdkError) else UnhandledError.of(error)
        code = _told(here, told.message, told.exit_code)
    return code


def _exit_code(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    click.echo(str(error.code), err=True)
    return FAILURE


def _told(here: Installation | None, message: str, code: int) -> int:
    def redact(text: str) -> str:
        return text if here is None else here.redact(text)

    if here is not None and here.debug:
        click.echo(redact(traceback.format_exc()), err=True, nl=False)
    from kpisdk.builtin.reports.escaping import visible_lines

    said = visible_lines(redact(f"Error: {message}"))
    if here is not None:
        here.say(here.language.text(said))
    else:
        click.echo(said, err=True)
    return code


def _pipe_closed() -> int:
    # Whatever is still buffered is thrown away, or the interpreter would complain at its end.
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - no path to speak of
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    return PIPE_CLOSED

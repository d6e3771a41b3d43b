"""How a whole text reaches standard output, or a file that is replaced in one step."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import attrs
import click

from kpisdk.cli.terminal import with_its_spaces
from kpisdk.errors import KpisdkError


@attrs.define(eq=False)
class OutputError(KpisdkError):
    """A file that could not be written."""

    path: str
    reason: str

    template = "{path!r} could not be written: {reason}. Nothing was changed."


def deliver(text: str, output: Path | None) -> None:
    """Write ``text`` to stdout, or to ``output``: completely, or not at all.

    Raises:
        OutputError: the file cannot be written; one that was there stays as it was.
    """
    whole = text if text.endswith("\n") else f"{text}\n"
    if output is None:
        _print(whole)
        return
    deliver_bytes(whole.encode(), output)


def deliver_bytes(data: bytes, output: Path) -> None:
    """Write ``data`` to a file: completely, or not at all.

    Raises:
        OutputError: the file cannot be written; one that was there stays as it was.
    """
    try:
        _replace(output, data)
    except OSError as error:
        raise OutputError(str(output), error.strerror or str(error)) from error


def _print(text: str) -> None:
    try:
        click.echo(with_its_spaces(text, sys.stdout), nl=False)  # it flushes
    except BrokenPipeError:
        raise  # whoever read it went away, which has an exit code of its own
    except OSError as error:
        raise OutputError("standard output", error.strerror or str(error)) from error


def _replace(path: Path, data: bytes) -> None:
    # Beside the target, because only within one file system is a rename one step.
    target = path.resolve()
    if target.exists() and not target.is_file():
        # A device or a pipe is written to; a file in its place would be no device any more.
        with target.open("wb") as stream:
            stream.write(data)
        return
    beside = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o777)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)

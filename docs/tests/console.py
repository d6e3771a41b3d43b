"""A console as pages show it: commands after ``$``, and under each what it prints.

``kpisdk`` runs in this process (a new one would spend a second on its imports); whatever needs a
shell is given to one. Output is compared line by line: ``...`` in a line stands for anything in it,
alone for any lines, and a date for any date, since the demo data end on the day they are made.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import re
import shlex
import subprocess
import sys
import warnings
from pathlib import Path

import attrs
from sybil import Example

_SHELL = re.compile(r"[|<>;&`$*?(]")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z| \d\d:\d\d)?")
_TIME_LIMIT = 120  # seconds; nothing on a page takes a tenth of it


@attrs.frozen
class Step:
    """A command, and the output that the page shows under it (``None``: it shows none)."""

    command: str
    shown: str | None


@attrs.define
class Console:
    """What a fence of language ``console`` runs in: it remembers the last exit code."""

    code: int = 0

    def __call__(self, example: Example) -> str | None:
        """Run a fence's commands in turn; the first fault, or ``None``."""
        steps = steps_of(example.parsed)
        for place, step in enumerate(steps):
            said = self._run(step.command)
            told = place + 1 < len(steps) and steps[place + 1].command == "echo $?"
            if self.code and not told:
                return f"$ {step.command}\nexits with {self.code}:\n{said}"
            if step.shown is not None and not is_like(step.shown, said):
                return f"$ {step.command}\n{_difference(step.shown, said)}"
        return None

    def _run(self, command: str) -> str:
        before, self.code = self.code, 0
        if command.startswith("kpisdk ") and not _SHELL.search(command):
            self.code, said = _in_process(shlex.split(command, comments=True)[1:])
            return said
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        done = subprocess.run(
            ["bash", "-c", f"(exit {before}); {command}"],
            env={**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(_added())},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_TIME_LIMIT,
        )
        self.code = 0 if command == "echo $?" else done.returncode
        return done.stdout


def steps_of(text: str) -> list[Step]:
    """The commands of a fence; a line that ends in a backslash goes on in the next one."""
    steps: list[Step] = []
    lines = iter(text.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            if not steps:
                raise ValueError(f"output before the first command: {line!r}")
            last = steps[-1]
            shown = line if last.shown is None else f"{last.shown}\n{line}"
            steps[-1] = attrs.evolve(last, shown=shown)
            continue
        command = line[2:]
        while command.endswith("\\"):
            command = command[:-1].rstrip() + " " + next(lines).strip()
        steps.append(Step(command, None))
    return steps


def _in_process(arguments: list[str]) -> tuple[int, str]:
    from kpisdk.cli.entry_point import main

    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with (
        contextlib.redirect_stdout(stream),
        contextlib.redirect_stderr(stream),
        warnings.catch_warnings(),
    ):
        # What a user's interpreter hides is hidden here, although tests make it an error.
        warnings.resetwarnings()
        for hidden in (DeprecationWarning, PendingDeprecationWarning, ResourceWarning):
            warnings.simplefilter("ignore", hidden)
        code = main(arguments)
    stream.flush()
    return code, stream.buffer.getvalue().decode()  # type: ignore[attr-defined]


def _added() -> list[str]:
    """The folders of this process's path that an example was installed in."""
    return [entry for entry in sys.path if entry.endswith("installed-example")]


def _lines(text: str) -> list[str]:
    """The lines that say something, blanks evened out and dates made alike."""
    lines = (" ".join(line.split()) for line in _DATE.sub("<date>", text).splitlines())
    return [line for line in lines if line.strip("─- ")]


def is_like(shown: str, said: str) -> bool:
    """Whether output is what a page shows: a line ``...`` stands for any number of lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*?") + r"\n"
        for line in _lines(shown)
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(said))) is not None


def _difference(shown: str, said: str) -> str:
    lines = difflib.unified_diff(_lines(shown), _lines(said), "shown", "said", lineterm="")
    return "\n".join([*lines, "", said])

"""The files and annotations that a gate leaves behind, also where it came to nothing."""

from __future__ import annotations

import time
from pathlib import Path

from kpisdk.cli.gate import github, junit
from kpisdk.cli.gate.judged_results import Judged
from kpisdk.cli.installation import Installation
from kpisdk.cli.output import OutputError, deliver


class GateReports:
    """Where a gate tells its verdict beside standard output and its exit code.

    Args:
        here: the installation; annotations go to its stderr, without secrets.
        file: where the JUnit XML goes; ``None`` for none.
        annotated: whether to annotate; ``None`` where the environment decides.
    """

    def __init__(self, here: Installation, file: Path | None, annotated: bool | None) -> None:
        self.here = here
        self.file = file
        self.started = time.monotonic()
        self.annotated = github.is_here(here.environ) if annotated is None else annotated

    def begin(self) -> None:
        """Put a report into the file that says that the gate did not finish.

        A gate that is killed must not leave the file of an earlier run behind, and a file that
        cannot be written is better known before anything is computed.

        Raises:
            OutputError: the file cannot be written.
        """
        if self.file is not None:
            deliver(junit.document(None, [junit.UNFINISHED]), self.file)

    def nothing(self, kind: str, message: str) -> None:
        """Tell that the gate came to nothing, and why; a report that cannot be written is noted."""
        told = self.here.redact(message)
        if self.annotated:
            self.here.note(github.command("error", "KPI gate not judged", told))
        try:
            if self.file is not None:
                deliver(junit.document(None, [junit.Fault(kind, told)]), self.file)
            if self.annotated:
                github.fail_summary(told, self.here.environ)
        except OutputError as error:
            if error.message != message:
                self.here.note(f"Error: {error.message}")

    def write(self, judged: Judged) -> None:
        """Write the JUnit file, where one is wanted.

        Raises:
            OutputError: the file cannot be written.
        """
        if self.file is not None:
            seconds = time.monotonic() - self.started
            deliver(junit.document(judged, seconds=seconds), self.file)

    def annotate(self, judged: Judged) -> None:
        """Annotate the run and add to the job's summary, where that is wanted.

        Raises:
            OutputError: the summary cannot be written.
        """
        if self.annotated:
            for line in github.commands(judged):
                self.here.note(line)
            github.summarise(judged, self.here.environ)

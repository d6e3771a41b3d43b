"""pytest in a process of its own: it runs contracts, and their outcomes come back."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import attrs

from kpisdk.contracts.json_records import converter
from kpisdk.errors import KpisdkError, MissingDependencyError

RECORD = "KPISDK_CONTRACT_RECORD"
"""The variable that names the file that outcomes are written to: one JSON object a line."""

PLUGIN = "kpisdk.testing.recording"
"""The pytest plugin that writes them. By name: this room is below the one for tests."""


@attrs.frozen
class Outcome:
    """How one check ended: ``passed``, ``failed`` or ``skipped``, and what is reported of it.

    ``subject`` is the KPI (and engine) that it was about; empty for the plugin as a whole.
    """

    contract: str
    check: str
    subject: str
    outcome: str
    message: str


@attrs.define(eq=False)
class RunnerError(KpisdkError):
    """pytest ended before it had run anything."""

    words: str

    template = "The contract could not be run; pytest says: {words}"


def run_contracts(
    tests: Sequence[Path], root: Path, path: Sequence[Path] = ()
) -> tuple[Outcome, ...]:
    """Run the contracts in test files or folders, with no configuration but our own.

    Args:
        tests: what pytest is to collect.
        root: the folder that pytest runs in.
        path: folders to import from, before the installed distributions.

    Raises:
        MissingDependencyError: pytest is not installed.
        RunnerError: pytest could not be started, or found no contract.
    """
    if importlib.util.find_spec("pytest") is None:
        install = "pip install 'kpisdk[testing]'"
        raise MissingDependencyError("pytest", "Running a contract", install)
    with tempfile.TemporaryDirectory(prefix="kpisdk-contract-") as folder:
        record, config = Path(folder) / "record.jsonl", Path(folder) / "pytest.ini"
        config.write_text("[pytest]\n")
        known = [os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else []
        ended = subprocess.run(  # noqa: S603 - this interpreter, and files that the user named
            [
                *(sys.executable, "-m", "pytest", "-q", "--import-mode=importlib"),
                *("-p", "no:cacheprovider", "-p", PLUGIN),
                *("-c", str(config), f"--rootdir={root}", *map(str, tests)),
            ],
            cwd=root,
            env={
                **os.environ,
                RECORD: str(record),
                "PYTHONPATH": os.pathsep.join([*map(str, path), *known]),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        lines = record.read_text().splitlines() if record.exists() else []
    if not lines:
        said = (ended.stderr.strip() or ended.stdout.strip() or "nothing").splitlines()
        raise RunnerError(said[-1])
    return tuple(converter().structure(json.loads(line), Outcome) for line in lines)

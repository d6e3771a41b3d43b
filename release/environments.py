"""Fresh environments that hold nothing but what is installed into them from built wheels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import attrs

NEUTRAL = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "KPISDK_CONFIG", "KPISDK_DEBUG")
"""Variables of the caller's environment that would reach into a fresh one."""


@attrs.frozen
class Ended:
    """How a command ended: its exit code, and what it printed where."""

    code: int
    out: str
    err: str


@attrs.frozen
class Environment:
    """A virtual environment in ``folder``; commands run in the empty folder ``work``."""

    folder: Path
    work: Path

    @property
    def scripts(self) -> Path:
        """Where its programs are."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def size(self) -> float:
        """Megabytes of everything that is installed."""
        place = sysconfig.get_path("purelib", vars={"base": str(self.folder)})
        files = [path for path in Path(place).rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in files) / 1_000_000

    def run(self, *command: str) -> Ended:
        """Run a program of the environment."""
        program, *arguments = command
        ended = subprocess.run(
            [str(self.scripts / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.work,
            env={name: value for name, value in os.environ.items() if name not in NEUTRAL},
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def table(self, *command: str) -> list[dict[str, Any]]:
        """The records that ``kpisdk ... --format json`` prints.

        Raises:
            SystemExit: the command failed.
        """
        ended = self.run("kpisdk", *command, "--format", "json")
        if ended.code != 0:
            raise SystemExit(f"kpisdk {' '.join(command)}: {ended.code}\n{ended.out}{ended.err}")
        records: list[dict[str, Any]] = json.loads(ended.out)
        return records


def fresh(folder: Path, *requirements: str) -> Environment:
    """A new environment with these requirements, of which ours are wheels by path.

    Raises:
        SystemExit: they cannot be installed; what the installer said stands before it.
    """
    made = Environment(folder / "venv", folder / "work")
    made.work.mkdir(parents=True)
    uv = str(Path(sys.executable).with_name("uv"))
    python = str(made.scripts / "python")
    for command in (
        [uv, "venv", "-q", "--python", sys.executable, str(made.folder)],
        [uv, "pip", "install", "-q", "--python", python, *requirements],
    ):
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            raise SystemExit(f"{ended.stdout}{ended.stderr}{' '.join(command)} failed.")
    return made

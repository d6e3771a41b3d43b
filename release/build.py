"""Builds every distribution into ``dist/``: a source distribution, and from that one the wheel."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from release.distributions import DIST, Distribution, all_distributions


def build(distributions: Iterable[Distribution], dist: Path) -> None:
    """Build these distributions with the build backend of this environment.

    Raises:
        SystemExit: one does not build; what the backend said stands before it.
    """
    for each in distributions:
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist)]
        ended = subprocess.run(
            [*command, str(each.folder)], capture_output=True, text=True, check=False
        )
        if ended.returncode != 0:
            raise SystemExit(f"{ended.stdout}{ended.stderr}{each.name} does not build.")


if __name__ == "__main__":
    # What an earlier version left behind would be checked, and uploaded, with the rest.
    shutil.rmtree(DIST, ignore_errors=True)
    build(all_distributions(), DIST)
    for built in sorted(DIST.iterdir()):
        print(f"{built.stat().st_size / 1024:8.1f} KB  {built.name}")

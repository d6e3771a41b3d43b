"""Installs the built wheels of the core and of one plugin into this environment, for its tests.

Run by tox, which tests what is shipped: ``python -m release.into_tests brand``, or ``core``.
"""

from __future__ import annotations

import subprocess
import sys

from release.distributions import ROOT, all_distributions, plugin_in


def requirements(environment: str) -> list[str]:
    """The wheels of an environment of tox, with the extras that tests need."""
    core = all_distributions()[0]
    wanted = [core] if environment == "core" else [core, plugin_in(environment)]
    return [each.requirement(each.tested_extras) for each in wanted]


if __name__ == "__main__":
    beside = ["-r", str(ROOT / "requirements" / "test.txt")]
    # One command for all: nothing of ours is looked for on an index that may hold another version.
    command = ["uv", "pip", "install", "-q", "--python", sys.executable, *beside]
    sys.exit(subprocess.run([*command, *requirements(sys.argv[1])], check=False).returncode)

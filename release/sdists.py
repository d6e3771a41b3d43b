"""What a source distribution must hold: enough to build and judge it, and nothing of others."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from release.distributions import Distribution

LARGEST = 512 * 1024
"""Bytes of one file; tests may bring small tables."""

NEEDED = ("pyproject.toml", "PKG-INFO", "README.md", "LICENSE")


def sdist_faults(distribution: Distribution, path: Path) -> Iterator[str]:
    """What is wrong with a built source distribution, a sentence each."""
    top = f"{distribution.package}-{distribution.version}"
    with tarfile.open(path) as archive:
        members = {each.name: each for each in archive.getmembers()}
    for name, member in members.items():
        inner = PurePosixPath(name).parts[1:]
        if not name.startswith(f"{top}/"):
            yield f"{name} is outside of {top}"
        if not member.isfile():
            yield f"{name} is no plain file"
        if member.size > LARGEST:
            yield f"{name} has {member.size} bytes, and should have at most {LARGEST}"
        if "__pycache__" in inner or (distribution.is_core and inner[0] == "plugins"):
            yield f"{name} belongs to something else"
    source = "kpisdk" if distribution.is_core else f"src/{distribution.package}"
    for needed in (*NEEDED, f"{source}/__init__.py", f"{source}/py.typed"):
        if f"{top}/{needed}" not in members:
            yield f"{needed} is missing"

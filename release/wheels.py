"""What a wheel must hold and must not: files, licence, types, metadata, requirements, doors."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from importlib.metadata import PathDistribution
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.version import Version

from release.distributions import ROOT, Distribution

LARGEST = 256 * 1024
"""Bytes of one file: data and models are no part of a wheel."""

FOREIGN = {"tests", "benchmarks", "docs", "conftest.py", "__pycache__"}
"""Names of files and folders that belong to the repository, and not to its users."""

_RELATIVE = re.compile(r"\]\((?!https?://|#)([^)]*)\)")

CLASSIFIERS = {"Typing :: Typed", "Programming Language :: Python :: 3 :: Only"}


def wheel_faults(distribution: Distribution, path: Path) -> Iterator[str]:
    """What is wrong with a built wheel, a sentence each."""
    with zipfile.ZipFile(path) as archive:
        information = f"{distribution.package}-{distribution.version}.dist-info"
        sizes = {each.filename: each.file_size for each in archive.infolist()}
        yield from _file_faults(distribution.package, information, sizes)
        yield from _licence_faults(archive, information)
        yield from _place_faults(archive)
        metadata = PathDistribution(zipfile.Path(archive, f"{information}/"))
        yield from _metadata_faults(distribution, metadata)
        yield from _requirement_faults(distribution, metadata.requires or [])
        yield from _door_faults(distribution, metadata, set(sizes))


def _file_faults(package: str, information: str, sizes: dict[str, int]) -> Iterator[str]:
    for name, size in sizes.items():
        parts = PurePosixPath(name).parts
        if parts[0] not in (package, information):
            yield f"{name} is outside of {package}"
        if FOREIGN.intersection(parts) or name.endswith((".pyc", ".ipynb")):
            yield f"{name} is none of a user's business"
        if size > LARGEST:
            yield f"{name} has {size} bytes, and should have at most {LARGEST}"
    for needed in (f"{package}/__init__.py", f"{package}/py.typed"):
        if needed not in sizes:
            yield f"{needed} is missing"


def _licence_faults(archive: zipfile.ZipFile, information: str) -> Iterator[str]:
    name = f"{information}/licenses/LICENSE"
    if name not in archive.namelist():
        yield f"{name} is missing"
    elif archive.read(name) != (ROOT / "LICENSE").read_bytes():
        yield f"{name} is not the licence of the repository"


def _place_faults(archive: zipfile.ZipFile) -> Iterator[str]:
    # The folder that it was built in says something of the builder, and nothing to a user.
    for name in archive.namelist():
        if str(ROOT).encode() in archive.read(name):
            yield f"{name} names the folder that it was built in"


def _metadata_faults(distribution: Distribution, built: PathDistribution) -> Iterator[str]:
    fields = built.metadata
    expected = {
        "Name": distribution.name,
        "Version": distribution.version,
        "License-Expression": "Apache-2.0",
        "License-File": "LICENSE",
        "Requires-Python": ">=3.11",
        "Description-Content-Type": "text/markdown",
    }
    for name, value in expected.items():
        if fields[name] != value:
            yield f"{name} is {fields[name]!r}, and should be {value!r}"
    for missing in sorted(CLASSIFIERS.difference(fields.get_all("Classifier") or [])):
        yield f"the classifier {missing!r} is missing"
    for name in ("Summary", "Keywords", "Project-URL"):
        if not fields[name]:
            yield f"{name} is missing"
    readme = (distribution.folder / "README.md").read_text(encoding="utf-8")
    description = fields.get_payload() if hasattr(fields, "get_payload") else ""
    if str(description).strip() != readme.strip():
        yield "the description is not README.md"
    for link in _RELATIVE.findall(readme):
        yield f"README.md links to {link}, which no package index shows"


def _requirement_faults(distribution: Distribution, requires: list[str]) -> Iterator[str]:
    ours = [each for each in map(Requirement, requires) if each.name.startswith("kpisdk")]
    if distribution.is_core:
        # An extra may bring one of its plugins; the core itself needs none.
        always = (each for each in ours if "extra" not in str(each.marker))
        yield from (f"the core requires {each}" for each in always)
        return
    cores = [each for each in ours if each.name == "kpisdk" and each.marker is None]
    if not cores:
        yield "kpisdk is not required"
    version = Version(distribution.version)
    for each in cores:
        if version not in each.specifier:
            yield f"it requires {each}, which the core of its own release is not"
        if _breaking(version) in each.specifier:
            yield f"it requires {each}, and so takes a core that may break it"


def _breaking(version: Version) -> Version:
    """The next version that may break: a major one, or a minor one before 1.0."""
    if version.major:
        return Version(f"{version.major + 1}.0")
    return Version(f"0.{version.minor + 1}")


def _door_faults(
    distribution: Distribution, built: PathDistribution, names: set[str]
) -> Iterator[str]:
    points = built.entry_points
    if distribution.is_core:
        scripts = {each.name: each.value for each in points.select(group="console_scripts")}
        if scripts != {"kpisdk": "kpisdk.cli:main"}:
            yield f"its commands are {scripts}, and should be kpisdk alone"
        return
    plugins = list(points.select(group="kpisdk"))
    if len(plugins) != 1:
        yield f"it has {len(plugins)} entry points in the group kpisdk, and should have one"
    for point in plugins:
        if f"{point.module.replace('.', '/')}.py" not in names:
            yield f"its entry point {point.name} names {point.value}, which it does not hold"

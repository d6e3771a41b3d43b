"""The distributions of this repository: where each is built from, and what it is called built.

Standard library alone: an environment that is still empty reads this to know what to install.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
"""Where wheels and source distributions are built into."""


@dataclass(frozen=True)
class Distribution:
    """One distribution: its folder, and the ``[project]`` table of its ``pyproject.toml``."""

    folder: Path
    project: dict[str, Any]

    @property
    def name(self) -> str:
        """Such as ``kpisdk-brand``."""
        return str(self.project["name"])

    @property
    def version(self) -> str:
        """The version that is being released."""
        return str(self.project["version"])

    @property
    def package(self) -> str:
        """The package to import, such as ``kpisdk_brand``; files are named after it too."""
        return self.name.replace("-", "_")

    @property
    def is_core(self) -> bool:
        """Whether it is the one that all others require."""
        return self.folder == ROOT

    @property
    def tested_extras(self) -> tuple[str, ...]:
        """The extras that its tests need: those that bring no other distribution of ours."""
        if "all" in self.extras and not self.brings("all"):
            return ("all",)
        return tuple(
            name for name in sorted(self.extras) if not self.brings(name) and name != "all"
        )

    @property
    def extras(self) -> dict[str, list[str]]:
        """What each extra requires."""
        return dict(self.project.get("optional-dependencies", {}))

    def brings(self, extra: str) -> tuple[str, ...]:
        """The distributions of ours that an extra installs beside this one, by name."""
        found: list[str] = []
        for required in self.extras[extra]:
            name, _, rest = re.match(r"([\w.-]+)(\[)?([^\]]*)", required).groups()  # type: ignore[union-attr]
            if name == self.name:
                found += [each for inner in rest.split(",") for each in self.brings(inner)]
            elif name.startswith("kpisdk"):
                found.append(name)
        return tuple(dict.fromkeys(found))

    def wheel(self, dist: Path = DIST) -> Path:
        """The built wheel.

        Raises:
            SystemExit: it has not been built.
        """
        return _built(dist / f"{self.package}-{self.version}-py3-none-any.whl")

    def sdist(self, dist: Path = DIST) -> Path:
        """The built source distribution.

        Raises:
            SystemExit: it has not been built.
        """
        return _built(dist / f"{self.package}-{self.version}.tar.gz")

    def requirement(self, extras: tuple[str, ...] = (), dist: Path = DIST) -> str:
        """The wheel as an installer takes it, so that no index is asked for it."""
        wanted = f"[{','.join(extras)}]" if extras else ""
        return f"{self.name}{wanted} @ {self.wheel(dist).as_uri()}"


def all_distributions() -> tuple[Distribution, ...]:
    """The core first, then the plugins by name of their folders."""
    folders = [ROOT, *sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))]
    return tuple(_read(folder) for folder in folders)


def plugin_in(folder: str) -> Distribution:
    """The plugin in that folder of ``plugins/``."""
    return _read(ROOT / "plugins" / folder)


def tutorial() -> Distribution:
    """The tutorial's package: what somebody wrote who only read the documentation."""
    return _read(ROOT / "docs" / "examples" / "bakery")


def _read(folder: Path) -> Distribution:
    text = (folder / "pyproject.toml").read_text(encoding="utf-8")
    return Distribution(folder, tomllib.loads(text)["project"])


def _built(path: Path) -> Path:
    if not path.is_file():
        raise SystemExit(f"{path} has not been built. Run: make package")
    return path

"""The files of a new plugin, from templates; whole, tested, and ready to be changed."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from string import Template

import attrs

from kpisdk.errors import KpisdkError, UsageError, quoted
from kpisdk.hookspecs import API_VERSION
from kpisdk.plugins import core_version

FORM = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 40

FILES = {
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    ".github/workflows/tests.yml": "tests.yml.txt",
    "src/{package}/__init__.py": "__init__.py.txt",
    "src/{package}/py.typed": "",
    "src/{package}/plugin.py": "plugin.py.txt",
    "src/{package}/datasets.py": "datasets.py.txt",
    "src/{package}/visits.py": "visits.py.txt",
    "tests/test_{name}_contract.py": "test_contract.py.txt",
    "tests/test_{name}_values.py": "test_values.py.txt",
}
"""What is written, and from which template."""


@attrs.define(eq=False)
class PluginNameError(UsageError):
    """A name that no plugin can have."""

    name: str
    reason: str

    @property
    def message(self) -> str:
        close = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-0123456789")
        is_name = FORM.fullmatch(close.replace("-", "_")) and close != self.name
        hint = f" Perhaps {close!r}?" if is_name else ""
        return f"{quoted(self.name)} cannot be the name of a plugin: {self.reason}.{hint}"


@attrs.define(eq=False)
class FolderTakenError(UsageError):
    """A folder that is there already."""

    folder: str

    template = (
        "{folder:quoted} exists already, and nothing is written over it. Choose another name, or "
        "another folder with --out."
    )


@attrs.define(eq=False)
class ScaffoldError(KpisdkError):
    """Files that could not be written."""

    folder: str
    reason: str

    template = "The plugin could not be written to {folder!r}: {reason}."


@attrs.frozen
class Names:
    """All names of a new plugin, from the one that the user gives.

    ``hello`` (or ``kpisdk-hello``) is distribution ``kpisdk-hello``, package ``kpisdk_hello``, and
    its first KPI ``HELLO-001``.
    """

    name: str

    @classmethod
    def of(cls, given: str) -> Names:
        """The names that follow from ``given``.

        Raises:
            PluginNameError: it is not lower-case words, joined by ``-`` or ``_``; too long.
        """
        name = re.sub(r"^kpisdk[-_]", "", given).replace("-", "_")
        if not FORM.fullmatch(name):
            reason = "use lower-case words of letters and digits, joined by - or _"
            raise PluginNameError(given, reason)
        if len(name) > LONGEST:
            raise PluginNameError(given, f"it has more than {LONGEST} characters")
        return cls(name)

    @property
    def package(self) -> str:
        """What is imported."""
        return f"kpisdk_{self.name}"

    @property
    def distribution(self) -> str:
        """What is installed."""
        return self.package.replace("_", "-")

    @property
    def substitutions(self) -> dict[str, str]:
        """What stands for what in the templates."""
        major, minor, *_ = [*core_version().split("."), "0"]
        return {
            "name": self.name,
            "package": self.package,
            "distribution": self.distribution,
            "title": self.name.replace("_", " ").title(),
            "kpi_id": f"{self.name.replace('_', '-').upper()}-001",
            "api": f"{major}.{minor}",
            "next_api": f"{major}.{int(minor) + 1}" if major == "0" else str(int(major) + 1),
            "hooks_version": str(API_VERSION),
        }


def scaffold(names: Names, beside: Path) -> tuple[Path, tuple[str, ...]]:
    """Write the plugin's project into a new folder; the folder, and the files in it.

    Raises:
        FolderTakenError: the folder exists.
        ScaffoldError: something cannot be written.
    """
    folder = beside / names.distribution
    if folder.exists():
        raise FolderTakenError(str(folder))
    templates = resources.files("kpisdk.cli") / "templates"
    written = []
    try:
        for place, template in FILES.items():
            text = templates.joinpath(template).read_text(encoding="utf-8") if template else ""
            path = folder / place.format(package=names.package, name=names.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(Template(text).substitute(names.substitutions), encoding="utf-8")
            written.append(str(path.relative_to(folder)))
    except OSError as error:
        raise ScaffoldError(str(folder), error.strerror or str(error)) from error
    return folder, tuple(written)

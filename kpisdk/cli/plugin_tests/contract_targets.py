"""From the name or path that a user gives to the contract tests that are run for it."""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path
from urllib.parse import unquote, urlparse

import attrs

from kpisdk.cli.installation import Installation
from kpisdk.cli.plugin_tests.contract_runs import Outcome, run_contracts
from kpisdk.errors import UnknownNameError, UsageError
from kpisdk.hookspecs import PROJECT
from kpisdk.plugins import BUILTINS
from kpisdk.plugins.discovery import installed_points

_CONTRACT = re.compile(r"\b(Plugin|Source|Cache|Report|Estimator)Contract\b")


@attrs.define(eq=False)
class NoPluginHereError(UsageError):
    """A folder or file that holds no plugin."""

    place: str
    reason: str

    template = (
        "{place:quoted} holds no plugin: {reason}. Name an installed plugin (kpisdk plugin list), "
        "or the folder of a plugin's project."
    )


@attrs.frozen
class Target:
    """A plugin to test: the object reference to it, its project and what to import from.

    ``reference`` is that of an entry point, such as ``kpisdk_hello.plugin``.
    """

    reference: str
    project: Path | None = None
    path: tuple[Path, ...] = ()

    @property
    def tests(self) -> tuple[Path, ...]:
        """The project's own test files that have a contract in them."""
        if self.project is None:
            return ()
        found = sorted((self.project / "tests").rglob("test_*.py"))
        return tuple(each for each in found if _CONTRACT.search(each.read_text(encoding="utf-8")))


def run_target(text: str, here: Installation) -> tuple[Outcome, ...]:
    """Run the contracts of the plugin that a user names.

    Raises:
        UnknownNameError: there is no installed plugin and no file of that name.
        NoPluginHereError: the file or folder holds no plugin.
        KpisdkError: the contract could not be run.
    """
    target = find_target(text, here)
    tests = target.tests
    if tests and target.project is not None:
        return run_contracts(tests, target.project, target.path)
    with tempfile.TemporaryDirectory(prefix="kpisdk-contract-") as folder:
        file = Path(folder) / "test_contract.py"
        file.write_text(_TEST.format(reference=target.reference, group=PROJECT), encoding="utf-8")
        return run_contracts([file], Path(folder), target.path)


_TEST = '''"""The contract of a plugin that brings no test of it."""

from importlib.metadata import EntryPoint

from kpisdk.testing import PluginContract


class TestContract(PluginContract):
    plugin = EntryPoint("plugin", "{reference}", "{group}").load()
'''


def find_target(text: str, here: Installation) -> Target:
    """The plugin that a text names: an installed one, a project's folder, or a module's file."""
    for point in installed_points():
        names = {point.name, point.dist.name if point.dist else ""}
        if text in names:
            return Target(point.value, _editable_project(point))
    known = {"_".join(dotted.split(".")[1:-1]): dotted for dotted in BUILTINS}
    if text in known:
        return Target(known[text])
    place = here.folder / text
    if place.is_dir():
        return _project(place.resolve())
    if place.suffix == ".py" and place.is_file():
        return Target(place.stem, path=(place.resolve().parent,))
    plugins = [each.name for each in here.registry.plugins]
    raise UnknownNameError("installed plugin, folder or file", text, plugins)


def _editable_project(point: EntryPoint) -> Path | None:
    """The project's folder of a plugin that is installed in place."""
    told = None if point.dist is None else point.dist.read_text("direct_url.json")
    if told is None:
        return None
    origin = json.loads(told)
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(unquote(urlparse(origin["url"]).path))


def _project(folder: Path) -> Target:
    file = folder / "pyproject.toml"
    if not file.is_file():
        raise NoPluginHereError(str(folder), "it has no pyproject.toml")
    try:
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NoPluginHereError(str(folder), f"pyproject.toml cannot be read ({error})") from error
    points = project.get("entry-points", {}).get(PROJECT, {})
    if not points:
        reason = f"pyproject.toml declares nothing in [project.entry-points.{PROJECT}]"
        raise NoPluginHereError(str(folder), reason)
    path = tuple(each for each in (folder / "src", folder) if each.is_dir())
    return Target(str(next(iter(points.values()))), folder, path)

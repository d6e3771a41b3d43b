"""Installs what was built as users do: the core, with each extra and each plugin, and all at once.

In every environment the commands that a user tries first must work, name what is installed and
nothing else, and warn of nothing.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from release.build import build
from release.distributions import Distribution, all_distributions, tutorial
from release.environments import Environment, fresh

LARGEST_CORE = 60
"""Megabytes of the core with everything that it depends on."""

WITHOUT_KPIS = ("kpisdk_demo", "kpisdk_definitions", "kpisdk_history", "kpisdk_web")
"""Plugins that bring data, read the KPIs of others, keep their results, or show them."""

TUTORIAL_RATE = 55 / 69
"""Of the tutorial's orders of 8 to 14 March 2026, it is known of 69; 55 of them were on time."""

FIRST_COMMANDS = (("--version",), ("--help",), ("list",), ("plugin", "list"), ("doctor",))


TYPED = """
import sys, pathlib, {0}
place = pathlib.Path({0}.__file__)
sys.exit(not (place.is_relative_to(sys.prefix) and place.with_name("py.typed").is_file()))
"""
"""Succeeds where a package is imported from the environment and carries its types."""


def common_faults(environment: Environment, plugins: tuple[Distribution, ...]) -> Iterator[str]:
    """What is wrong in any environment: a command that fails, a plugin that is not as it should."""
    core = all_distributions()[0]
    for command in FIRST_COMMANDS:
        ended = environment.run("kpisdk", *command)
        if ended.code != 0 or "Warning:" in ended.err:
            yield f"kpisdk {' '.join(command)} exits with {ended.code}: {ended.err}"
    listed = environment.table("plugin", "list")
    for each in listed:
        if each["state"] != "active" or each["version"] != core.version:
            yield f"the plugin {each['name']} is {each['state']}, version {each['version']}"
    found = {each["distribution"] for each in listed}
    expected = {each.name for each in (core, *plugins)}
    if found != expected:
        yield f"plugins of {sorted(found)} are there, and should be of {sorted(expected)}"
    for package in (each.package for each in (core, *plugins)):
        if environment.run("python", "-c", TYPED.format(package)).code != 0:
            yield f"{package} is not imported from the wheel, or not typed"


def core_faults(environment: Environment) -> Iterator[str]:
    """The core alone: small, and it says which plugin to install."""
    if environment.size > LARGEST_CORE:
        yield f"it takes {environment.size:.0f} MB, and should take at most {LARGEST_CORE}"
    plugins = [each.name for each in all_distributions() if not each.is_core]
    for command, code in ((("list",), 0), (("compute", "--all"), 2), (("gate", "--all"), 2)):
        ended = environment.run("kpisdk", *command)
        silent = [name for name in plugins if f"pip install {name} " not in ended.err]
        if ended.code != code or silent:
            yield f"kpisdk {' '.join(command)} exits with {ended.code}, and is silent on {silent}"
    ended = environment.run("kpisdk", "compute", "WS2-TR-004")
    if "pip install kpisdk-ws2-triggers" not in ended.err:
        yield f"kpisdk compute WS2-TR-004 does not say what to install: {ended.err}"


def plugin_faults(environment: Environment, plugin: Distribution) -> Iterator[str]:
    """The core with one plugin: its KPIs and no others, if it brings any by itself."""
    found = {each["distribution"] for each in environment.table("list")}
    expected = set() if plugin.package in WITHOUT_KPIS else {plugin.name}
    if found != expected:
        yield f"there are KPIs of {sorted(found)}, and should be of {sorted(expected)}"
    ended = environment.run("kpisdk", "validate")
    if ended.code != 0:
        yield f"kpisdk validate exits with {ended.code}: {ended.out}{ended.err}"


def together_faults(environment: Environment) -> Iterator[str]:
    """All distributions at once: data are made, and a KPI is computed on them."""
    made = ("demo", "--scale", "0.01", "--out", "demo.duckdb", "--no-compute")
    asked = ("compute", "WS2-TR-004", "--source", "demo.duckdb")
    for command in (made, asked):
        ended = environment.run("kpisdk", *command)
        if ended.code != 0:
            yield f"kpisdk {' '.join(command)} exits with {ended.code}: {ended.err}"


def tutorial_faults(environment: Environment) -> Iterator[str]:
    """The tutorial's package beside the core: its KPI is listed, and computed on its own rows."""
    listed = [each["id"] for each in environment.table("list")]
    if listed != ["BAKERY-001"]:
        yield f"kpisdk list shows {listed}, and should show BAKERY-001"
        return
    rows = str(tutorial().folder / "data")
    asked = ("compute", "BAKERY-001", "--as-of", "2026-03-15", "--source", rows)
    ended = environment.run("kpisdk", *asked, "--format", "json")
    found = json.loads(ended.out)["results"] if ended.code == 0 else []
    if [each["value"] for each in found] != [TUTORIAL_RATE]:
        yield f"kpisdk {' '.join(asked)} exits with {ended.code}: {ended.out}{ended.err}"


def every_environment(folder: Path) -> Iterator[tuple[str, Environment, list[str]]]:
    """Each environment with its name and what is wrong in it."""
    core, *plugins = all_distributions()
    alone = fresh(folder / "core", core.requirement())
    yield "kpisdk", alone, [*common_faults(alone, ()), *core_faults(alone)]
    for extra in core.extras:
        beside = tuple(each for each in plugins if each.name in core.brings(extra))
        wheels = (core.requirement((extra,)), *(each.requirement() for each in beside))
        made = fresh(folder / extra, *wheels)
        yield f"kpisdk[{extra}]", made, [*common_faults(made, beside)]
    for plugin in plugins:
        made = fresh(folder / plugin.package, core.requirement(), plugin.requirement())
        found = [*common_faults(made, (plugin,)), *plugin_faults(made, plugin)]
        yield f"kpisdk, {plugin.name}", made, found
    build([tutorial()], folder)
    made = fresh(
        folder / "tutorial", core.requirement(("duckdb",)), tutorial().requirement((), folder)
    )
    yield "kpisdk, the tutorial's", made, [*tutorial_faults(made)]
    made = fresh(folder / "together", *(each.requirement() for each in (core, *plugins)))
    yield "all of them", made, [*common_faults(made, tuple(plugins)), *together_faults(made)]


def main() -> int:
    """Print a line for each environment; 1 where anything is wrong."""
    code = 0
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        for name, environment, found in every_environment(Path(folder)):
            seconds = time.monotonic() - started
            print(f"{name:32} {environment.size:7.1f} MB {seconds:6.1f} s", flush=True)
            for fault in found:
                print(f"  {fault}")
                code = 1
            started = time.monotonic()
    return code


if __name__ == "__main__":
    sys.exit(main())

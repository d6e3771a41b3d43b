"""What a plugin brings beside KPIs: kinds of source, formats, caches, commands, observers."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kpisdk.contracts.datasets import NAME_PATTERN
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Reason, Status, Unit
from kpisdk.testing.benches import Bench
from kpisdk.testing.checks.applying import DoesNotApplyError, Faults

STRANGE: tuple[Any, ...] = ("", "nobody-knows-this://", Path("nowhere"), {}, None, 7, object())
"""Locations of no kind in particular: a kind says no to most of them, and never fails."""


def names(bench: Bench) -> Faults:
    """Sources, caches, reports and commands have names that can be typed and that are free."""
    plugin, registry = bench.subject.plugin, bench.subject.registry
    brought = [
        (what, str(record.name))
        for what, hook in _NAMED.items()
        for record in plugin.ask(hook) or ()
    ]
    if not brought:
        raise DoesNotApplyError("the plugin brings no sources, caches, reports or commands")
    for what, name in brought:
        if not NAME_PATTERN.fullmatch(name.replace("-", "_")):
            yield f"The {what} {name!r} has a name that is not lower case with _ or -."
    for problem in registry.problems:
        if plugin.label in problem.what and problem.where.startswith(tuple(_NAMED)):
            yield f"{problem}. Choose another name."


_NAMED = {
    "kind of source": "kpisdk_sources",
    "engine": "kpisdk_engines",
    "cache backend": "kpisdk_caches",
    "report format": "kpisdk_reports",
    "command": "kpisdk_commands",
}


def source_kinds(bench: Bench) -> Faults:
    """A kind of source says of any location whether it is of its kind, and takes not all of them.

    What it reads is for :class:`~kpisdk.testing.SourceContract` to prove.
    """
    kinds = list(bench.subject.plugin.ask("kpisdk_sources") or ())
    if not kinds:
        raise DoesNotApplyError("the plugin brings no kind of source")
    for kind in kinds:
        answers = []
        for location in STRANGE:
            try:
                answers.append(kind.accepts(location))
            except Exception as error:  # noqa: BLE001 - whatever it raises is the fault
                yield (
                    f"accepts of source {kind.name!r} was asked about {location!r} and raised "
                    f"{type(error).__name__}: {error}. It must answer False."
                )
        if answers and all(answers):
            yield f"accepts of source {kind.name!r} said yes to everything: look at the location."


def commands(bench: Bench) -> Faults:
    """Every command has a help text, and ``--help`` works all the way down."""
    found = list(bench.subject.plugin.ask("kpisdk_commands") or ())
    if not found:
        raise DoesNotApplyError("the plugin brings no commands")
    from kpisdk.cli.group import COMMANDS

    for command in found:
        if command.name in COMMANDS:
            yield f"The command {command.name!r} is the core's: it would never be called."
        yield from _helps(command, str(command.name))


def _helps(command: Any, path: str) -> Iterator[str]:
    from click.testing import CliRunner

    if not (command.help or command.short_help or "").strip():
        yield f"The command {path!r} has no help text: give its function a docstring."
    ended = CliRunner().invoke(command, ["--help"])
    if ended.exit_code != 0:
        yield f"`{path} --help` ended with {ended.exit_code}: {ended.exception!r}."
    for name, inner in getattr(command, "commands", {}).items():
        yield from _helps(inner, f"{path} {name}")


def observers(bench: Bench) -> Faults:
    """An observer takes every kind of result, and leaves it as it is."""
    plugin = bench.subject.plugin
    if not plugin.implements("kpisdk_computed"):
        raise DoesNotApplyError("the plugin observes no results")
    for result in _RESULTS:
        shown = copy.deepcopy(result)
        try:
            plugin.ask("kpisdk_computed", result=shown)
        except Exception as error:  # noqa: BLE001 - whatever it raises is the fault
            kind = "without a value" if result.value is None else "with a value"
            yield (
                f"kpisdk_computed was given a result {kind} and raised {type(error).__name__}: "
                f"{error}. Results without a value are told too."
            )
        if shown != result:
            yield "kpisdk_computed changed the result that it was given, which everybody reads."


_RESULTS = (
    Result(
        kpi_id="CONTRACT-001",
        name="A result",
        workstream="contract",
        unit=Unit.RATIO,
        value=0.5,
        status=Status.GOOD,
        n=2,
        slice={"brand": None},
        details={"groups": {"a": 1}},
    ),
    Result(
        kpi_id="CONTRACT-002",
        name="An absent result",
        workstream="contract",
        unit=Unit.COUNT,
        reason=Reason.NO_ROWS,
        message="Table 'visits' holds no rows.",
    ),
)

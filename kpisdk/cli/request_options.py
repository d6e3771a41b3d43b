"""The options of commands that compute, gathered into one record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import attrs
import click

from kpisdk.cli.options import (
    F,
    language_option,
    output_option,
    source_option,
    wide_option,
    workstream_option,
)
from kpisdk.contracts.certainty import FamilyMethod, Intervals
from kpisdk.contracts.requests import Compare
from kpisdk.contracts.vocabulary import Grain
from kpisdk.registry import Registry


@attrs.frozen
class Question:
    """What the shared options of ``compute``, ``explain`` and ``gate`` ask, still as text."""

    ids: tuple[str, ...]
    everything: bool
    workstream: str | None
    source: str | None
    asked: Mapping[str, Any]

    def also(self, **more: Any) -> Question:
        """The question with further arguments of a computation."""
        return attrs.evolve(self, asked={**self.asked, **more})

    def chosen(self, registry: Registry) -> tuple[str, ...]:
        """The ids of the KPIs that are meant.

        Raises:
            KpisdkError: none or too much is named, a name is unknown.
        """
        return registry.resolve(self.ids, self.workstream, self.everything)

    def unheard(self, registry: Registry) -> dict[str, str]:
        """The plugins that may bring KPIs that are meant, and why nobody knows which.

        KPIs that are named one by one are all there.
        """
        if self.ids:
            return {}
        return {
            f"plugin {each.name!r} ({each.label})": each.error or "" for each in registry.unheard
        }


def pairs(
    _ctx: click.Context, _option: click.Parameter, values: Sequence[str]
) -> dict[str, list[str]]:
    """``NAME=VALUE`` options by name; a value may hold ``=`` itself."""
    found: dict[str, list[str]] = {}
    for text in values:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"{text[:80]!r} is not of the form NAME=VALUE.")
        found.setdefault(name.strip(), []).append(value)
    return found


def _single(ctx: click.Context, option: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    found = pairs(ctx, option, values)
    for name, given in found.items():
        if len(given) > 1:
            raise click.BadParameter(f"{name!r} is given {len(given)} values; give it one.")
    return {name: given[0] for name, given in found.items()}


_REQUEST: tuple[Callable[[Any], Any], ...] = (
    click.argument("ids", nargs=-1, metavar="[KPI]..."),
    click.option("--all", "everything", is_flag=True, help="All registered KPIs."),
    workstream_option,
    source_option,
    click.option("--window", metavar="W", help="Such as 'last 30 days', 2025-Q1, mtd, all."),
    click.option("--as-of", metavar="T", help="The instant to compute for: 2026-03-01[T12:00Z]."),
    click.option(
        "--where",
        multiple=True,
        callback=pairs,
        metavar="COLUMN=VALUE",
        help="Only rows with that value; repeat a column for an OR.",
    ),
    click.option("--by", multiple=True, metavar="COLUMN", help="A result for each value."),
    click.option(
        "--grain",
        type=click.Choice([grain.value for grain in Grain]),
        help="A result for each calendar bucket.",
    ),
    click.option(
        "--compare",
        type=click.Choice([each.value for each in Compare]),
        help="The change against the period before, or a year earlier.",
    ),
    click.option(
        "--param",
        "parameters",
        multiple=True,
        callback=_single,
        metavar="NAME=VALUE",
        help="A parameter of the KPIs.",
    ),
    click.option(
        "--max-groups",
        type=click.IntRange(min=1),
        metavar="N",
        help="Refuse --by with more groups than this (by default the settings', else 10000).",
    ),
    click.option(
        "--intervals",
        type=click.Choice([each.value for each in Intervals]),
        help="What they take for independent: the KPI's units (the default), every row, or none.",
    ),
    click.option(
        "--family",
        type=click.Choice([each.value for each in FamilyMethod]),
        help="Decide many statuses together; by default holm for --by, bh for --all.",
    ),
    click.option("--no-cache", is_flag=True, help="Neither read nor keep results."),
    click.option("--no-fuse", is_flag=True, help="One statement a measure: slower, same numbers."),
)


def question_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a computation; the command receives them as one ``question``."""

    @wraps(command)
    def gathered(
        *args: Any,
        ids: tuple[str, ...],
        everything: bool,
        workstream: str | None,
        source: str | None,
        no_cache: bool,
        no_fuse: bool,
        max_groups: int | None,
        intervals: str | None,
        family: str | None,
        **options: Any,
    ) -> Any:
        names = ("window", "as_of", "where", "by", "grain", "compare", "parameters")
        asked = {name: options.pop(name) for name in names}
        asked |= {"use_cache": not no_cache, "fuse": not no_fuse}
        sparing = {"max_groups": max_groups, "intervals": intervals, "family": family}
        asked |= {name: given for name, given in sparing.items() if given is not None}
        question = Question(ids, everything, workstream, source, asked)
        return command(*args, question=question, **options)

    wrapped: Callable[..., Any] = gathered
    for option in reversed(_REQUEST):
        wrapped = option(wrapped)
    return wrapped


def report_options(command: F) -> F:
    """``--format`` of a report (formats are brought by plugins), ``--wide`` and ``--output``."""
    text = "How to show the results: table, json, jsonl, csv, md, openmetrics, html."
    option = click.option("--format", "form", default="table", show_default=True, help=text)
    return output_option(option(wide_option(language_option(command))))

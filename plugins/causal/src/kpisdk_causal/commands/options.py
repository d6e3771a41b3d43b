"""Options that the causal commands share, and the rules that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from kpisdk_causal.graphs.graph import CausalGraph
    from kpisdk_causal.questions.rules import Rules

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(path_type=Path, dir_okay=False)


def _columns(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> Any:
    """Columns from repeated options and from commas, in order."""
    parts = [part.strip() for text in given for part in text.split(",")]
    return tuple(dict.fromkeys(part for part in parts if part))


def columns_option(*names: str, text: str) -> Callable[[F], F]:
    """An option that takes columns, repeated or with commas."""
    return click.option(*names, multiple=True, callback=_columns, metavar="COLUMN[,…]", help=text)


def _stack(command: F, options: tuple[Callable[[F], F], ...]) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def data_options(command: F) -> F:
    """``--source`` and ``--dataset``."""
    return _stack(
        command,
        (
            click.option("--source", metavar="URL|PATH|NAME", help="Where the rows are."),
            click.option("--dataset", metavar="TABLE", help="Table; for one file its name."),
        ),
    )


def effect_options(command: F) -> F:
    """Treatment, outcome, confounders or graph, and the levels to compare."""
    return _stack(
        command,
        (
            click.option("--treatment", required=True, metavar="COLUMN", help="Treatment."),
            click.option("--outcome", required=True, metavar="COLUMN", help="Outcome."),
            columns_option("--confounders", text="Columns to adjust for."),
            click.option("--graph", type=FILE, help="Assumed causes instead: GML or DOT."),
            click.option("--treatment-value", metavar="LEVEL", help="Whose effect is asked for."),
            click.option("--control-value", metavar="LEVEL", help="What it is compared with."),
            click.option("--cluster", metavar="COLUMN", help="Whose rows belong together."),
        ),
    )


def rule_options(command: F) -> F:
    """How to compute, when to refuse, and how to show it."""
    return _stack(
        command,
        (
            click.option("--estimator", metavar="NAME", help="This estimator and no other."),
            click.option("--library", metavar="NAME", help="Prefer this library."),
            click.option("--level", type=float, default=0.95, show_default=True, help="Of the CI."),
            click.option(
                "--missing",
                type=click.Choice(["raise", "drop"]),
                default="raise",
                show_default=True,
                help="Rows with missing values.",
            ),
            click.option("--min-n", type=int, default=30, show_default=True, help="Fewest rows."),
            click.option("--force", is_flag=True, help="Report what a gate refuses, and say so."),
            click.option("--seed", type=int, default=0, show_default=True, help="Of simulations."),
            click.option("--plot", type=FILE, metavar="FILE", help="Draw it: PNG or SVG."),
            click.option(
                "--format",
                "form",
                type=click.Choice(["table", "json", "csv"]),
                default="table",
                show_default=True,
                help="How to show it; json holds everything.",
            ),
        ),
    )


def rules(options: Mapping[str, Any]) -> Rules:
    """The rules that the options of :func:`rule_options` make."""
    from kpisdk_causal.questions.rules import Rules

    return Rules(
        confidence_level=options["level"],
        missing=options["missing"],
        min_n=options["min_n"],
        force=options["force"],
        seed=options["seed"],
        estimator=options["estimator"],
        library=options["library"],
        refute=options.get("refute", ()),
        cross_check=not options.get("no_cross_check", False),
    )


def effect_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a question that :func:`effect_options` and :func:`rule_options` give."""
    return {
        "treatment": options["treatment"],
        "outcome": options["outcome"],
        "confounders": options["confounders"],
        "graph": drawn(options["graph"]),
        "treatment_value": options["treatment_value"],
        "control_value": options["control_value"],
        "cluster": options["cluster"],
        "rules": rules(options),
    }


def drawn(path: Path | None) -> CausalGraph | None:
    """The graph of a file."""
    from kpisdk_causal.graphs.graph import CausalGraph

    return None if path is None else CausalGraph.read(path)

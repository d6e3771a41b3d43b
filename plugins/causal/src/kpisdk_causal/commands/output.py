"""An estimate on standard output, its plot in a file, and a bar while simulations run."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import click

from kpisdk.reporting import csv_text
from kpisdk_causal.estimate import CausalEstimate, Part


def show(answer: CausalEstimate, options: Mapping[str, Any]) -> None:
    """Print the estimate in the asked format; draw it where a file is named.

    Args:
        answer: the estimate.
        options: the command's options, by name.
    """
    form = {"json": as_json, "csv": as_csv, "table": as_table}[options["form"]]
    click.echo(form(answer))
    path = options["plot"]
    if path is not None:
        from kpisdk_causal.commands.plots import draw

        draw(answer, path)
        click.echo(f"Drawn: {path}", err=True)


def as_json(answer: CausalEstimate) -> str:
    """Everything there is to know, one object."""
    return json.dumps(answer.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)


def as_csv(answer: CausalEstimate) -> str:
    """One row for the value and one for each part, full precision."""
    rows: list[list[Any]] = [
        ["label", "value", "reason", "low", "high", "std_error", "p_value", "n"]
    ]
    for line in (_headline(answer), *answer.parts):
        low, high = line.interval or (None, None)
        fields = (line.value, line.reason, low, high, line.std_error, line.p_value, line.n)
        rows.append([line.label, *fields])
    return csv_text(rows, end="\n").rstrip("\n")


def as_table(answer: CausalEstimate) -> str:
    """For people: rounded, with the warnings as sentences."""
    lines = [f"{answer.estimand}: {answer.contrast}", _told(_headline(answer), answer.ci_level)]
    lines += [_told(part, answer.ci_level) for part in answer.parts]
    lines.append(f"n: {_counts(answer)}")
    lines.append(f"estimator: {answer.estimator} ({answer.library} {answer.library_version})")
    adjusted = ", ".join(answer.adjustment_set) or "nothing"
    by = answer.diagnostics.identification.get("by", "declared")
    lines.append(f"adjusted for: {adjusted} (by {by})")
    unobserved = answer.diagnostics.identification.get("unobserved")
    if unobserved:
        lines.append(f"unobserved (in the graph, not in the table): {', '.join(unobserved)}")
    overlap, balance = answer.diagnostics.overlap, answer.diagnostics.balance
    if overlap is not None:
        low, high = overlap.bounds
        lines.append(
            f"overlap: e(x) in [{overlap.low:.3f}, {overlap.high:.3f}], "
            f"{overlap.share_outside:.1%} outside [{low:g}, {high:g}]"
        )
    if balance is not None:
        lines.append(
            f"balance: largest standardised difference {balance.largest_before:.3f} before, "
            f"{balance.largest_after:.3f} after weighting"
        )
    lines += [f"cross-check {k}: {v:.6g}" for k, v in answer.diagnostics.cross_checks.items()]
    lines += [_refuted(one) for one in answer.refutations]
    lines += [f"warning {caution.code}: {caution.message}" for caution in answer.warnings]
    for other in answer.alternatives:
        lines.append(f"offered instead: {_told(_headline(other), other.ci_level)}")
    return "\n".join(lines)


def bar(numbers: Iterable[int], what: str, total: int) -> Iterable[int]:
    """A progress bar on standard error, on a terminal only.

    Args:
        numbers: what is gone through.
        what: is done, in words.
        total: how many there are.
    """
    if not sys.stderr.isatty():
        return numbers
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(numbers, description=what, total=total, console=console, transient=True)


def _headline(answer: CausalEstimate) -> Part:
    return Part(
        label=answer.estimand,
        value=answer.value,
        reason=answer.reason,
        interval=answer.confidence_interval,
        std_error=answer.std_error,
        p_value=answer.p_value,
        n=answer.n_samples,
    )


def _told(part: Part, level: float) -> str:
    if part.value is None:
        return f"  {part.label}: no value ({part.reason})"
    text = f"  {part.label}: {part.value:.6g}"
    if part.interval is not None:
        text += f"  [{part.interval[0]:.6g}, {part.interval[1]:.6g}] at {level:.0%}"
    if part.p_value is not None:
        text += f"  p = {part.p_value:.4g}"
    if part.p_adjusted is not None:
        text += f" (Holm {part.p_adjusted:.4g})"
    return text


def _counts(answer: CausalEstimate) -> str:
    text = str(answer.n_samples)
    if answer.n_treated is not None and answer.n_control is not None:
        text += f" ({answer.n_treated} treated, {answer.n_control} control)"
    return text + (f", {answer.n_dropped} dropped" if answer.n_dropped else "")


def _refuted(one: Any) -> str:
    verdict = {True: "passed", False: "FAILED", None: "no test"}[one.passed]
    facts = {"effect": one.effect, "p": one.p_value, **one.details}
    told = ", ".join(f"{k} {v:.4g}" for k, v in facts.items() if isinstance(v, float))
    return f"refutation {one.name}: {verdict} ({told}); {one.meaning}"

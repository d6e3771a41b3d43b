"""What several commands share: arguments, reading data, and showing results."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kpisdk import Language
from kpisdk.command_line import Installation

if TYPE_CHECKING:
    from collections.abc import Callable

    from kpisdk_edu_dkt.dkt.data.checking import OnFault
    from kpisdk_edu_dkt.dkt.data.interactions import Interactions

    Command = TypeVar("Command", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)


def examples(*lines: str) -> str:
    """Commands for the end of a help page, kept as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


output_option = click.option(
    "--output", type=PATH, help="File to write (replaced in one step); standard output if absent."
)
on_fault_option = click.option(
    "--on-fault",
    type=click.Choice(["error", "skip"]),
    default="error",
    show_default=True,
    help="Refuse all rows if one breaks a rule, or leave such rows out and count them.",
)
difficulty_option = click.option(
    "--difficulty-after/--difficulty-before",
    "difficulty_after",
    default=None,
    help="Whether the data's 'difficulty' is the one AFTER the answer, as the notebook writes it, "
    "or the one in force BEFORE it. By default it is what the model was trained on; data that look "
    "otherwise are refused.",
)
STDIN = "-"


def format_option(*formats: str) -> Callable[[Command], Command]:
    """``--format``; the first one is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(list(formats)),
        default=formats[0],
        show_default=True,
        help="How to print the result.",
    )


def read_data(
    data: str, on_fault: str = "error", *, difficulty_after: bool | None = None
) -> Interactions:
    """The interactions of a file, a source or standard input (``-``).

    What was refused or sorted is reported on stderr.

    Args:
        data: Its path, its URL, or ``-``.
        on_fault: ``error``, or ``skip`` rows with a fault.
        difficulty_after: Whether ``difficulty`` was written after the answer; ``None`` looks.
    """
    from kpisdk_edu_dkt.dkt.data.difficulty_timing import difficulty_seen, with_timing
    from kpisdk_edu_dkt.dkt.data.from_source import is_source, read_source
    from kpisdk_edu_dkt.dkt.data.reading import read, read_content

    policy: OnFault = "skip" if on_fault == "skip" else "error"
    if data == STDIN:
        content = sys.stdin.buffer.read()
        interactions = read_content(content, "standard input", on_fault=policy)
    elif is_source(data):
        interactions = read_source(data, on_fault=policy)
    else:
        interactions = read(data, on_fault=policy)
    for refusal in interactions.refused:
        note(f"{refusal.rows} row(s) left out, column {refusal.column}: {refusal.rule}")
    if interactions.reordered:
        note(f"{interactions.reordered} row(s) were not in the order of t and were sorted")
    if difficulty_after is None:
        return interactions
    seen, said = difficulty_seen(interactions), "after" if difficulty_after else "before"
    if seen is not None and seen.timing != said:
        note(
            f"--difficulty-{said} was given, though difficulty looks like the one {seen.timing} "
            f"the answer: it moves with column {seen.by} so in {seen.rows} of {seen.of_rows} rows"
        )
    return with_timing(interactions, "after" if difficulty_after else "before")


def note(text: str) -> None:
    """A remark for the user, on standard error, in the language that the command answers in."""
    _installation().note(text)


def language() -> Language:
    """The language that the running command answers people in."""
    return _installation().language


def _installation() -> Installation:
    context = click.get_current_context(silent=True)
    here = None if context is None else context.find_object(Installation)
    return here or Installation.here()


def deliver(text: str, output: Path | None) -> None:
    """Text to a file, in one step, or to standard output.

    Args:
        text: What is written.
        output: The file; without one it goes to standard output.

    Raises:
        FileWriteError: The file cannot be written; one that was there stays.
    """
    from kpisdk_edu_dkt.dkt.artefact.tensor_file import write_atomically

    whole = text if text.endswith("\n") else f"{text}\n"
    if output is None:
        click.echo(whole, nl=False)
        return
    write_atomically(output, whole.encode())


def as_json(values: Any) -> str:
    """Values as JSON, without NaN or Infinity."""
    return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False)


def as_csv(columns: Mapping[str, Sequence[object]]) -> str:
    """Columns as CSV, full precision."""
    import io

    from kpisdk_edu_dkt.dkt.data.writing import write_columns

    buffer = io.StringIO()
    write_columns(columns, buffer)
    return buffer.getvalue()


def as_records(columns: Mapping[str, Sequence[object]]) -> list[dict[str, object]]:
    """Columns as one object a row."""
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def as_table(columns: Mapping[str, Sequence[object]], language: Language | None = None) -> str:
    """Columns as aligned text; numbers rounded to four places.

    Args:
        columns: Values by column, all of one length.
        language: That of the headings, words and figures; as they are without one.
    """
    told = language or Language()
    names = [told.word(name) for name in columns]
    rows = [[_cell(value, told) for value in row] for row in zip(*columns.values(), strict=True)]
    widths = [
        max(len(name), *(len(row[place]) for row in rows)) if rows else len(name)
        for place, name in enumerate(names)
    ]
    lines = [names, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(value: object, language: Language) -> str:
    if value is None:
        return "-"
    return language.figures(f"{value:.4f}") if isinstance(value, float) else str(value)


def rendered(columns: Mapping[str, Sequence[object]], form: str) -> str:
    """Columns as text.

    Args:
        columns: Values by column, all of one length.
        form: ``table``, ``csv`` or ``json``.
    """
    if form == "json":
        return as_json(as_records(columns))
    return as_csv(columns) if form == "csv" else as_table(columns, language())

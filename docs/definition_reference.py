"""Writes the reference of definition files from the shapes that check them."""

from __future__ import annotations

from pathlib import Path

from kpisdk_definitions import grammar
from kpisdk_definitions.nested_shapes import Either, Fields, Items, Keyed, Variants
from kpisdk_definitions.shapes import Choice, Number, Scalar, Shape, Text, Truth

SECTIONS = {
    "The file": grammar.DOCUMENT,
    "Datasets": grammar.DATASET,
    "KPIs": grammar.KPI,
    "Measures": grammar.MEASURE,
    **{
        f"Metric: {key}": field.shape
        for key, field in grammar.CALCULATIONS.items()
        if key != "simple"
    },
    "Options of first_of": grammar.OPTION,
    "Thresholds": grammar.THRESHOLDS,
    "Parameters": grammar.PARAMETER,
    "Sampling": grammar.SAMPLING.of[1],
    "Required slice": grammar.REQUIRES,
    "Guardrails": grammar.GUARDRAIL.of[1],
    "Governance": grammar.GOVERNANCE,
    "Translations": grammar.TRANSLATED,
    "View": grammar.VIEW,
    "Examples": grammar.EXAMPLE,
}

INTRODUCTION = """\
Every key of `kpis.yaml` and `kpis.toml`; keys in **bold** must be there.
[How to write one](../how-to/kpis-without-python.md) starts with an example, and
`kpisdk validate --schema` prints the same as JSON Schema."""


def write(path: Path) -> None:
    """Write one page with every key of a definition file."""
    lines = ["# Definition files", "", INTRODUCTION, ""]
    for title, shape in SECTIONS.items():
        lines += [f"## {title}", "", *([shape.about, ""] if shape.about else []), *_section(shape)]
    text = "\n".join(lines) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _section(shape: Shape) -> list[str]:
    if isinstance(shape, Variants):
        rows = []
        for key, variant in shape.variants.items():
            keys = ", ".join(_key(name, each.required) for name, each in variant.fields.items())
            rows.append(f"| `{key}` | {variant.about} | {keys} |")
        return ["| measure | what it is | keys |", "|---|---|---|", *rows, ""]
    if not isinstance(shape, Fields):
        return []
    rows = []
    for name, field in shape.fields.items():
        about = field.about or field.shape.about
        rows.append(f"| {_key(name, field.required)} | {_words(field.shape)} | {about} |")
    note = [f"Exactly one of {', '.join(f'`{key}`' for key in shape.one_of)}.", ""]
    return [
        "| key | value | meaning |",
        "|---|---|---|",
        *rows,
        "",
        *(note if shape.one_of else []),
    ]


def _key(name: str, required: bool) -> str:
    return f"**`{name}`**" if required else f"`{name}`"


def _words(shape: Shape) -> str:
    return next(words(shape) for kind, words in _WORDS.items() if isinstance(shape, kind))


_WORDS = {
    Choice: lambda shape: ", ".join(f"`{word}`" for word in shape.words),
    Items: lambda shape: f"list of: {_words(shape.of)}",
    Keyed: lambda shape: f"table of: {_words(shape.of)}",
    (Fields, Variants, Either): lambda shape: shape.name,
    Number: lambda shape: "whole number" if shape.whole else "number",
    Truth: lambda _: "true or false",
    Scalar: lambda _: "single value",
    Text: lambda shape: "name" if shape is grammar.NAMED else shape.form or "text",
}

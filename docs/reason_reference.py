"""Writes the reference of reasons from the vocabulary: each with its meaning and the next step."""

from __future__ import annotations

from sphinx.pycode import ModuleAnalyzer
from wording import markdown, table

from kpisdk import Reason
from kpisdk.cli.gate.exit_codes import OPERATION_FAILED


def meanings() -> dict[Reason, str]:
    """What the source says under each reason; nothing where it says nothing."""
    analyzer = ModuleAnalyzer.for_module("kpisdk.contracts.vocabulary")
    said = analyzer.find_attr_docs()
    return {reason: markdown("\n".join(said.get(("Reason", reason.name), []))) for reason in Reason}


def page() -> str:
    """A table of all reasons."""
    rows = (
        (f"`{reason.value}`", said, "yes" if reason in OPERATION_FAILED else "no")
        for reason, said in meanings().items()
    )
    head = ("reason", "what it means, and what to do", "counts as a failure of `compute`")
    return table(head, rows) + "\n"

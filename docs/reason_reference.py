"""Writes the reference of reasons from the vocabulary: each with its meaning and the next step."""

from __future__ import annotations

from enum import StrEnum

from sphinx.pycode import ModuleAnalyzer
from wording import markdown, table

from kpisdk import IntervalReason, Reason
from kpisdk.cli.gate.exit_codes import OPERATION_FAILED


def meanings(reasons: type[StrEnum] = Reason) -> dict[StrEnum, str]:
    """What the source says under each reason; nothing where it says nothing."""
    analyzer = ModuleAnalyzer.for_module("kpisdk.contracts.vocabulary")
    said = analyzer.find_attr_docs()
    return {
        reason: markdown("\n".join(said.get((reasons.__name__, reason.name), [])))
        for reason in reasons
    }


def page() -> str:
    """A table of the reasons why there is no value, or no status."""
    rows = (
        (f"`{reason.value}`", said, "yes" if reason in OPERATION_FAILED else "no")
        for reason, said in meanings().items()
    )
    head = ("reason", "what it means, and what to do", "counts as a failure of `compute`")
    return table(head, rows) + "\n"


def interval_reasons() -> str:
    """A table of the reasons why a value has no interval."""
    rows = ((f"`{reason.value}`", said) for reason, said in meanings(IntervalReason).items())
    return table(("interval_reason", "what it means"), rows) + "\n"

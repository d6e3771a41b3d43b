"""Hostile strings: whatever a user types is a value, and never a part of a statement."""

from __future__ import annotations

from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import LogicalType, Reason
from kpisdk.testing.benches import Bench
from kpisdk.testing.checks.applying import DoesNotApplyError, Faults
from kpisdk.testing.checks.edges import NOBODY
from kpisdk.testing.checks.values import absence
from kpisdk.testing.tolerance import close

HOSTILE = (
    "' OR '1'='1",
    '" OR 1=1 --',
    "'; DROP TABLE contract; --",
    "a\x00b",
    "%s {0} :as_of \\",
    "nobody 漢字 ñ",
    "x" * 100_000,
)
"""Quotes, semicolons, comments, NUL, the marks of parameters, unicode, and a very long word."""

QUOTING = (HOSTILE[0], HOSTILE[2])
"""Those that parameters are tried with, one at a time: a KPI may have a score of them."""

ENGINES = ("duckdb", "sqlite")
"""Where filters are tried; in PostgreSQL the same statements run with the same bound values."""


def hostile_filters(bench: Bench, kpi_id: str) -> Faults:
    """As a filter, a hostile word finds what any other word finds that no row has: nothing."""
    columns = bench.slice_columns
    if not columns:
        raise DoesNotApplyError("the rows have no text column to filter on")
    for engine in ENGINES:
        calm = bench.results(kpi_id, engine, where={columns[0]: NOBODY})[0]
        together = bench.results(kpi_id, engine, where={columns[0]: HOSTILE})[0]
        # All of them in one question; one by one only to tell which it was.
        if any(_other(together, calm, "")):
            for word in HOSTILE:
                wild = bench.results(kpi_id, engine, where={columns[0]: word})[0]
                yield from _other(wild, calm, f"{columns[0]} = {_shown(word)} on {engine}")


def hostile_parameters(bench: Bench, kpi_id: str) -> Faults:
    """As a parameter, a hostile word means no more than any other word that nothing is called."""
    kpi = bench.subject.kpis[kpi_id]
    free = [each for each in kpi.parameters if each.type is LogicalType.TEXT and not each.choices]
    if not free:
        raise DoesNotApplyError(f"{kpi_id} has no parameter that takes any text")
    for parameter in free:
        calm, *others = (
            bench.results(kpi_id, "duckdb", parameters={parameter.name: word})[0]
            for word in (NOBODY, *QUOTING)
        )
        for word, wild in zip(QUOTING, others, strict=True):
            yield from _other(wild, calm, f"{parameter.name} = {_shown(word)} on duckdb")


def _other(wild: Result, calm: Result, asked: str) -> Faults:
    failed = wild.reason in (Reason.QUERY_FAILED, Reason.CALCULATOR_FAILED)
    if failed and wild.reason is not calm.reason:
        yield from absence(wild, f"Asked with {asked}:")
    elif not close(wild.value, calm.value) or (wild.value is None) != (calm.value is None):
        yield (
            f"Asked with {asked} it answered {wild.value}, and with a harmless word {calm.value}: "
            "the word became a part of the statement. Bind it (SQLAlchemy does, unless text is "
            "put together by hand)."
        )


def _shown(word: str) -> str:
    return repr(word) if len(word) < 40 else f"{len(word)} times {word[0]!r}"

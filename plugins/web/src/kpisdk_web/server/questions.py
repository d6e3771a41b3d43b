"""From the query of a URL to the arguments of a computation, with limits, all faults at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from kpisdk import Problem, ProblemsError, Workspace

MOST_GROUPS = 1000
"""The most slices that a KPI is cut into, whatever a URL says."""

MOST_VALUES = 50
"""How often a parameter may be repeated."""

MOST_COLUMNS = 3
"""How many columns a KPI is cut by."""


@attrs.frozen
class QueryParameter:
    """A parameter of a URL.

    Attributes:
        name: as the query has it.
        text: what it does.
        repeats: whether it may be given several times; once by default.
        choices: the values that it takes; none: any.
        kind: its JSON type: ``string`` by default.
    """

    name: str
    text: str
    repeats: bool = False
    choices: tuple[str, ...] = ()
    kind: str = "string"


PARAMETERS = (
    QueryParameter("kpi", "A KPI's id or name; repeat it for several.", repeats=True),
    QueryParameter("workstream", "All KPIs of this workstream, instead of ids."),
    QueryParameter("all", "`true`: all KPIs.", choices=("true", "false"), kind="boolean"),
    QueryParameter(
        "window", "Such as `last 30 days`, `2025-Q1`, `mtd`; by default each KPI's own."
    ),
    QueryParameter("as_of", "The instant to compute for: `2026-03-01T12:00Z`."),
    QueryParameter(
        "where",
        "`COLUMN=VALUE`: only rows with that value; repeat a column for an OR.",
        repeats=True,
    ),
    QueryParameter("by", f"A column to cut by; {MOST_COLUMNS} at most.", repeats=True),
    QueryParameter(
        "grain",
        "A result for each calendar bucket.",
        choices=("day", "week", "month", "quarter", "year"),
    ),
    QueryParameter("compare", "The change against that period.", choices=("previous", "year")),
    QueryParameter("param", "`NAME=VALUE`: a parameter of the KPIs.", repeats=True),
    QueryParameter("intervals", "What they take for independent.", choices=("unit", "row", "none")),
    QueryParameter("family", "How statuses are decided together.", choices=("holm", "bh", "none")),
    QueryParameter(
        "max_groups", f"Refuse more slices than this; at most {MOST_GROUPS}.", kind="integer"
    ),
    QueryParameter("format", "How to write it.", choices=("json", "csv")),
)
"""What a computation can be asked in a URL."""

_KNOWN = {each.name: each for each in PARAMETERS}


@attrs.define(eq=False)
class BadQueryError(ProblemsError):
    """A query with one or more faults."""


@attrs.frozen
class WebQuestion:
    """A computation that a URL asks for; equal ones are computed once.

    Attributes:
        kpis: ids or names.
        workstream: all KPIs of it, instead of ids.
        everything: whether all KPIs are meant.
        where: columns and values of filters, a pair each.
        parameters: names and values of parameters, a pair each.
        by: columns to cut by.
        options: names and values of the other arguments, a pair each.
        max_groups: the most slices; more are refused.
    """

    kpis: tuple[str, ...] = ()
    workstream: str | None = None
    everything: bool = False
    where: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    by: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    max_groups: int = MOST_GROUPS

    def resolved(self, workspace: Workspace) -> tuple[str, ...]:
        """The ids that are meant.

        Raises:
            KpisdkError: a name is unknown, or nothing is named.
        """
        return workspace.registry.resolve(self.kpis, self.workstream, self.everything)

    def arguments(self) -> dict[str, Any]:
        """What :meth:`kpisdk.Workspace.compute` takes beside the ids."""
        where: dict[str, list[str]] = {}
        for column, value in self.where:
            where.setdefault(column, []).append(value)
        return {
            **dict(self.options),
            "where": where,
            "parameters": dict(self.parameters),
            "by": self.by,
            "max_groups": self.max_groups,
        }


def question_of(
    query: Sequence[tuple[str, str]], also: Sequence[str] = ()
) -> tuple[WebQuestion, Mapping[str, str]]:
    """The question that a query asks, and its format.

    Args:
        query: names and values, as they stand in the URL.
        also: ids that the path names.

    Raises:
        BadQueryError: all that is wrong with it.
    """
    given: dict[str, list[str]] = {}
    for name, value in query:
        given.setdefault(name, []).append(value)
    problems = [fault for name, values in given.items() for fault in _faults(name, values)]
    where, parameters = (_pairs(name, given, problems) for name in ("where", "param"))
    doubled = sorted({name for name, _ in parameters if [n for n, _ in parameters].count(name) > 1})
    problems += [Problem("param", f"{name[:80]!r} is given more than once") for name in doubled]
    if len(given.get("by", ())) > MOST_COLUMNS:
        problems.append(Problem("by", f"names more than {MOST_COLUMNS} columns"))
    groups = _groups(given, problems)
    if problems:
        raise BadQueryError("The query", problems)
    question = WebQuestion(
        kpis=(*also, *given.get("kpi", ())),
        workstream=given.get("workstream", [None])[0],
        everything=given.get("all") == ["true"],
        where=tuple(where),
        parameters=tuple(parameters),
        by=tuple(given.get("by", ())),
        options=tuple(
            (name, given[name][0])
            for name in ("window", "as_of", "grain", "compare", "intervals", "family")
            if name in given
        ),
        max_groups=groups,
    )
    return question, {"format": given.get("format", ["json"])[0]}


def _faults(name: str, values: Sequence[str]) -> list[Problem]:
    known = _KNOWN.get(name)
    if known is None:
        return [Problem(name[:80], f"is no parameter; there are {', '.join(_KNOWN)}")]
    found = []
    if len(values) > (MOST_VALUES if known.repeats else 1):
        most = f"{MOST_VALUES} times" if known.repeats else "once"
        found.append(Problem(name, f"is given more than {most}"))
    found += [
        Problem(name, f"{value[:80]!r} is none of {', '.join(known.choices)}")
        for value in values
        if known.choices and value not in known.choices
    ]
    return found


def _pairs(
    name: str, given: Mapping[str, Sequence[str]], problems: list[Problem]
) -> list[tuple[str, str]]:
    found = []
    for text in given.get(name, ()):
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            problems.append(Problem(name, f"{text[:80]!r} is not of the form NAME=VALUE"))
        else:
            found.append((key.strip(), value))
    return found


def _groups(given: Mapping[str, Sequence[str]], problems: list[Problem]) -> int:
    text = given.get("max_groups", [str(MOST_GROUPS)])[0]
    if text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MOST_GROUPS:
        return int(text)
    problems.append(Problem("max_groups", f"{text[:80]!r} is no number from 1 to {MOST_GROUPS}"))
    return MOST_GROUPS

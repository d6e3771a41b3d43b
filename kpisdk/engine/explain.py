"""The statements of a request, how many scans they make, and why they were split."""

from __future__ import annotations

from typing import Any

import attrs

from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import SourceIdentity, plain
from kpisdk.contracts.source_kinds import Session
from kpisdk.contracts.time_windows import Window
from kpisdk.engine.context import ExecutionContext
from kpisdk.engine.execution import Execution
from kpisdk.engine.fetching import bounded
from kpisdk.engine.helper_views.answering import ViewAnswers
from kpisdk.engine.measure_queries import metric_queries
from kpisdk.engine.placement import Part, parts
from kpisdk.engine.resolution import Refused, ResolvedKpi
from kpisdk.engine.retrying import in_a_session
from kpisdk.errors import listed
from kpisdk.planner.planning import plan
from kpisdk.sql import statements


@attrs.frozen
class ExplainedStatement:
    """One statement: its text for the engine, the KPIs that it answers, what set it apart."""

    sql: str
    kpis: tuple[str, ...]
    relation: str
    shape: str
    measures: int
    why: str


@attrs.frozen
class ExplainedKpi:
    """How one KPI would be computed: its window, the rule that judges it, or why it cannot be."""

    kpi_id: str
    window: Window | None
    as_of: Any
    thresholds: str
    problem: str | None
    notes: tuple[str, ...] = ()


@attrs.frozen
class Explanation:
    """What ``kpisdk explain`` prints."""

    dialect: str
    statements: tuple[ExplainedStatement, ...]
    kpis: tuple[ExplainedKpi, ...]

    @property
    def scans(self) -> int:
        """How often a base table is read: one a statement."""
        return len(self.statements)

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain JSON values."""
        from kpisdk.contracts.json_records import written

        return {**written(self), "scans": self.scans}

    def to_text(self) -> str:
        """The explanation as text for a terminal."""
        blocks = []
        for kpi in self.kpis:
            window = "no window" if kpi.window is None else _window(kpi.window)
            lines = [f"{kpi.kpi_id}: {window}; {kpi.thresholds}"]
            lines += [f"  cannot be computed: {kpi.problem}"] * (kpi.problem is not None)
            lines += [f"  {note}" for note in kpi.notes]
            blocks.append("\n".join(lines))
        for position, each in enumerate(self.statements, 1):
            head = (
                f"-- statement {position} of {len(self.statements)} ({self.dialect}), "
                f"{each.shape}, {each.measures} measures for {', '.join(each.kpis)}\n"
                f"-- apart because: {each.why}"
            )
            blocks.append(f"{head}\n{each.sql}")
        count = len(self.statements)
        blocks.append(f"{count} statement{'s' * (count != 1)}, {self.scans} scans")
        return "\n\n".join(blocks)


def _window(window: Window) -> str:
    start, end = plain(window.start) or "…", plain(window.end) or "…"
    return f"{window.label} [{start}, {end})"


def explain(request: Request, context: ExecutionContext) -> Explanation:
    """Plan a request against a source without computing it; only frontiers and views are read.

    Raises:
        KpisdkError: the source cannot be opened, or parameters that the KPIs do not take.
    """
    found = [_explained_there(part, part.context(context)) for part in parts(request, context)]
    if len(found) == 1:
        return found[0]
    places = {kpi_id: place for place, kpi_id in enumerate(request.kpi_ids)}
    kpis = sorted((kpi for each in found for kpi in each.kpis), key=lambda kpi: places[kpi.kpi_id])
    return Explanation(
        " and ".join(dict.fromkeys(each.dialect for each in found)),
        tuple(statement for each in found for statement in each.statements),
        tuple(kpis),
    )


def _explained_there(part: Part, context: ExecutionContext) -> Explanation:
    """The explanation of the KPIs that one place answers."""
    found = in_a_session(
        context.source,
        lambda session, identity: _explained(part.request, context, session, identity),
    )
    if not part.sources:
        return found
    note = f"computed in {listed(part.sources)}"
    kpis = tuple(attrs.evolve(each, notes=(*each.notes, note)) for each in found.kpis)
    return attrs.evolve(found, kpis=kpis)


def _explained(
    request: Request, context: ExecutionContext, session: Session, identity: SourceIdentity
) -> Explanation:
    execution = Execution.start(request, context, session, identity)
    kpis = execution.resolver.resolved()
    queries = metric_queries(kpis, execution.slicing)
    viewed = execution.views.answers(queries)
    planned = plan(execution.requests(queries, viewed), execution.rule)
    explained = []
    for statement, owners in zip(planned.statements, planned.owners, strict=True):
        select = statements.statement(statement, execution.catalog.table, session.dialect)
        select = bounded(select, statement.slicing, request.max_groups)
        explained.append(
            ExplainedStatement(
                sql=session.text(select),
                kpis=tuple(sorted({queries[owner].kpi.id for owner in queries if owner in owners})),
                relation=statement.relation.name,
                shape=statement.shape.value,
                measures=len(statement.tasks),
                why=statement.why,
            )
        )
    described = tuple(_described(kpi, viewed) for kpi in kpis)
    return Explanation(session.dialect, tuple(explained), described)


def _described(kpi: ResolvedKpi, viewed: ViewAnswers) -> ExplainedKpi:
    refused = [each.estimate for each in kpi.options if isinstance(each, Refused)]
    failures = [each for each in (kpi.fixed, *refused) if each is not None]
    notes = [
        f"{option.option.name or 'calculator'}: computed in Python from "
        f"{', '.join(each.relation.name for each in option.frame_inputs) or 'no rows'}"
        for option in kpi.options
        if option.frame_inputs
    ]
    for option in kpi.options:
        key = (kpi.id, option.option.name)
        if key in viewed.unused:
            notes.append(viewed.unused[key])
        elif key in viewed.used:
            notes.append(f"read from view {viewed.used[key]}")
    thresholds = kpi.kpi.thresholds
    rule = "no thresholds"
    if thresholds is not None:
        rule = (
            f"{thresholds.direction.value} is better: target {thresholds.target:g}, "
            f"warning {thresholds.warning:g}, critical {thresholds.critical:g}"
        )
    time = next(iter(kpi.times), None)
    return ExplainedKpi(
        kpi_id=kpi.id,
        window=None if time is None else time.window,
        as_of=None if time is None else time.as_of,
        thresholds=rule,
        problem="; ".join(each.message or "" for each in failures) or None,
        notes=tuple(notes),
    )

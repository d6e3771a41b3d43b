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
from kpisdk.engine.measure_queries import measure_requests, with_rows
from kpisdk.engine.retrying import in_a_session
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
        document = plain(attrs.asdict(self))
        document["scans"] = self.scans
        return dict(document)

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
    return in_a_session(
        context.source, lambda session, identity: _explained(request, context, session, identity)
    )


def _explained(
    request: Request, context: ExecutionContext, session: Session, identity: SourceIdentity
) -> Explanation:
    execution = Execution.start(request, context, session, identity)
    jobs = execution.settled()
    queries = execution.queries(jobs)
    viewed = execution.views.measured(queries)
    requests = [
        each
        for owner, query in queries.items()
        for each in measure_requests(query, with_rows(query.metric), execution.catalog, request)
        if owner not in viewed
    ]
    planned = plan(requests, execution.rule)
    explained = []
    for statement, owners in zip(planned.statements, planned.owners, strict=True):
        select = statements.statement(statement, execution.catalog.table, session.dialect)
        select = bounded(select, statement.slicing, request.max_groups)
        explained.append(
            ExplainedStatement(
                sql=session.text(select),
                kpis=tuple(sorted({str(owner[0]) for owner in owners})),  # type: ignore[index]
                relation=statement.relation.name,
                shape=statement.shape.value,
                measures=len(statement.tasks),
                why=statement.why,
            )
        )
    described = []
    for job in jobs:
        times = [
            option.evaluation_time for option in job.options if option.evaluation_time is not None
        ]
        failures = [each for each in (job.fixed, *(o.failure for o in job.options)) if each]
        notes = tuple(
            f"{option.option.name or 'calculator'}: computed in Python from "
            f"{', '.join(query.relation.name for query in option.frame_inputs) or 'no rows'}"
            for option in job.options
            if option.frame_inputs
        )
        notes += tuple(
            option.view_unused or f"read from view {option.view}"
            for option in job.options
            if option.view or option.view_unused
        )
        thresholds = job.kpi.thresholds
        rule = "no thresholds"
        if thresholds is not None:
            rule = (
                f"{thresholds.direction.value} is better: target {thresholds.target:g}, "
                f"warning {thresholds.warning:g}, critical {thresholds.critical:g}"
            )
        described.append(
            ExplainedKpi(
                kpi_id=job.kpi.id,
                window=times[0].window if times else None,
                as_of=times[0].as_of if times else None,
                thresholds=rule,
                problem="; ".join(each.message or "" for each in failures) or None,
                notes=notes,
            )
        )
    return Explanation(session.dialect, tuple(explained), tuple(described))

"""Which KPIs a source can answer, and why not. Nothing is claimed that was not run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import attrs

from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Report, Result, SourceIdentity
from kpisdk.contracts.source_kinds import Session
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.context import ExecutionContext
from kpisdk.engine.execution import UNAVAILABLE, compute
from kpisdk.engine.placement import parts
from kpisdk.engine.retrying import in_a_session
from kpisdk.engine.value_occurrence import ValueOccurrence
from kpisdk.errors import ConnectionLostError, KpisdkError, SourceUnavailableError
from kpisdk.sql import probe_statements

TRIES = 5
"""How many rows are tried for the parameters that a KPI requires."""


class Finding(StrEnum):
    """What came of running a KPI."""

    CALCULABLE = "calculable"
    NO_ROWS = "no rows"
    """Its tables and columns are there, and no row answers."""
    NEEDS_PARAMETER = "needs parameter"
    """It asks for a parameter that no row of the source suggests."""
    NOT_CALCULABLE = "not calculable"


_KINDS = {
    Reason.MISSING_TABLE: "table",
    Reason.MISSING_COLUMN: "column",
    Reason.WRONG_TYPE: "type",
    Reason.TIMEOUT: "timeout",
    Reason.PERMISSION_DENIED: "permission",
    Reason.LOCK_TIMEOUT: "lock",
    Reason.CONFLICTING_DEFINITIONS: "conflict",
    Reason.QUERY_FAILED: "query",
    Reason.SOURCE_UNAVAILABLE: "source",
}
_PERMISSION = ("permission denied", "insufficient privilege", "not authorized", "access denied")
_NO_ROWS = (Reason.NO_ROWS, Reason.ZERO_DENOMINATOR, Reason.ONE_CLASS)


@attrs.frozen
class Checked:
    """One KPI after it was run.

    ``kind`` says what stands in the way (``table``, ``column``, ``type``, ``permission`` …);
    ``parameters`` and ``by`` are what was filled in for what the KPI requires; ``never`` lists the
    values that its definition looks for and that no row of the source holds.
    """

    kpi_id: str
    name: str
    workstream: str
    finding: Finding
    kind: str | None = None
    reason: Reason | None = None
    message: str | None = None
    value: float | None = None
    answered_by: str | None = None
    parameters: Mapping[str, Any] = attrs.field(factory=dict)
    by: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@attrs.frozen
class CheckReport:
    """What ``kpisdk check`` prints."""

    source: str
    kpis: tuple[Checked, ...]

    @property
    def calculable(self) -> int:
        """How many KPIs came out with a value."""
        return sum(each.finding is Finding.CALCULABLE for each in self.kpis)

    @property
    def gaps(self) -> int:
        """How many did not."""
        return len(self.kpis) - self.calculable

    @property
    def summary(self) -> str:
        """``46 of 46 calculable, gaps: 0``."""
        return f"{self.calculable} of {len(self.kpis)} calculable, gaps: {self.gaps}"

    @property
    def workstreams(self) -> Mapping[str, CheckReport]:
        """The same by workstream, in the order of the KPIs."""
        names = dict.fromkeys(each.workstream for each in self.kpis)
        return {
            name: CheckReport(self.source, tuple(k for k in self.kpis if k.workstream == name))
            for name in names
        }


def check(kpi_ids: tuple[str, ...], context: ExecutionContext) -> CheckReport:
    """Run KPIs on a source, without the cache, and say what came of each.

    One that requires a slice is grouped by it; one that requires parameters that are columns of its
    tables takes them from rows that have them, the most complete rows first.
    """
    report = compute(Request(kpi_ids, use_cache=False), context)
    tries: dict[str, list[Request]] = {}
    never: dict[str, tuple[str, ...]] = {}
    source = report.source or context.source.identity
    if source.kind != UNAVAILABLE:
        tries, never = _looked_into(report, context)
    found = []
    for result in report.results:
        request, best = Request((result.kpi_id,), use_cache=False), result
        for each in tries.get(result.kpi_id, ()):
            answers = compute(each, context).results
            request, best = each, next((one for one in answers if one.ok), answers[0])
            if best.ok:
                break
        found.append(_checked(best, request, never.get(result.kpi_id, ())))
    return CheckReport(source.name, tuple(found))


def _looked_into(
    report: Report, context: ExecutionContext
) -> tuple[dict[str, list[Request]], dict[str, tuple[str, ...]]]:
    """What to ask again of KPIs that lack a parameter, and the values that never occur."""
    tries: dict[str, list[Request]] = {}
    never: dict[str, tuple[str, ...]] = {}
    by_id = {result.kpi_id: result for result in report.results}
    for part in parts(Request(tuple(by_id)), context):
        results = [by_id[kpi_id] for kpi_id in part.request.kpi_ids]
        try:
            _look_into(results, part.context(context), tries, never)
        except (ConnectionLostError, SourceUnavailableError):
            continue  # what came of the KPIs is known already; this would only add to it
    return tries, never


def _look_into(
    results: Sequence[Result],
    context: ExecutionContext,
    tries: dict[str, list[Request]],
    never: dict[str, tuple[str, ...]],
) -> None:
    """Add what one place says of KPIs."""
    registry = context.definitions.registry

    def look(session: Session, identity: SourceIdentity) -> None:
        catalog = Catalog(session, identity.name, registry.contract, context.mappings)
        values = ValueOccurrence(catalog)
        for result in results:
            kpi = registry.kpis[result.kpi_id]
            never[kpi.id] = values.never(kpi)
            if result.reason is Reason.MISSING_PARAMETER:
                tries[kpi.id] = list(_tries(kpi, catalog))

    in_a_session(context.source, look)


def _tries(kpi: Kpi, catalog: Catalog) -> Iterator[Request]:
    """Requests with what the KPI requires filled in."""
    if kpi.requires is not None:
        yield Request((kpi.id,), by=(kpi.requires.column,), use_cache=False)
        return
    names = {parameter.name for parameter in kpi.parameters if parameter.default is None}
    own = () if kpi.own_base is None else (kpi.own_base,)
    for dataset in dict.fromkeys((*own, *kpi.datasets)):
        table = catalog.find(dataset.name)
        there = (
            ()
            if table is None
            else [each for each in dataset.columns if each.name in table.columns]
        )
        columns = [each.name for each in there if each.name in names]
        if not columns:
            continue
        known = attrs.evolve(dataset, columns=tuple(there), time=None, references=())
        try:
            rows = catalog.session.rows(
                probe_statements.examples(known, columns, catalog.table, TRIES)
            )
        except ConnectionLostError:
            raise
        except KpisdkError:
            continue  # why the table cannot be read is what the KPI itself has said
        for row in rows:
            given = dict(zip(columns, row, strict=True))
            yield Request((kpi.id,), parameters=given, use_cache=False)


def _checked(result: Result, request: Request, never: tuple[str, ...]) -> Checked:
    finding, kind = _judged(result)
    return Checked(
        kpi_id=result.kpi_id,
        name=result.name,
        workstream=result.workstream,
        finding=finding,
        kind=kind,
        reason=None if result.ok else result.reason,
        message=result.message,
        value=result.value,
        answered_by=result.answered_by,
        parameters=request.parameters,
        by=request.by,
        never=never,
        warnings=tuple(note.message for note in result.warnings),
    )


def _judged(result: Result) -> tuple[Finding, str | None]:
    if result.ok:
        return Finding.CALCULABLE, None
    if result.reason in _NO_ROWS:
        return Finding.NO_ROWS, None
    if result.reason is Reason.MISSING_PARAMETER:
        return Finding.NEEDS_PARAMETER, "parameter"
    words = (result.message or "").lower()
    if any(word in words for word in _PERMISSION):
        return Finding.NOT_CALCULABLE, "permission"
    reason = result.reason
    return Finding.NOT_CALCULABLE, None if reason is None else _KINDS.get(reason, reason.value)

"""Evidence: the school's KPIs and their guardrail analysis on one events log, as records."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from kpisdk import GuardrailReport, Note, Reason, Result, Settings, Workspace
from kpisdk_edu_dkt.koryxa.audit import BEGIN, COUNTED, AuditPlugin, audit_notes
from kpisdk_edu_dkt.koryxa.datasets import MODULE, REQUIRED, SCHOOL_EVENTS, SEGMENTS
from kpisdk_edu_dkt.koryxa.errors import EventsError
from kpisdk_edu_dkt.koryxa.kpis import KPIS
from kpisdk_edu_dkt.koryxa.staging import stage

PRINCIPAL, GUARDRAIL = "EDU-KX-001", "EDU-KX-002"
COHORT = "cohort_id"


@attrs.frozen
class Groups:
    """The groups of one column: both KPIs of each, and their comparisons.

    Attributes:
        column: what the groups are of.
        values: a group to its principal and guardrail results, in the order of the comparisons.
        report: the comparisons; None without groups.
        missing: a result that says why there are none.
    """

    column: str
    values: Mapping[str, tuple[Result, Result]] = attrs.field(factory=dict)
    report: GuardrailReport | None = None
    missing: Result | None = None


@attrs.frozen
class Evidence:
    """What the three files are written from.

    Attributes:
        dataset: what the log is called.
        results: those of the whole log, by id of the KPI.
        groups: by cohort, then by the other columns.
        notes: what was left out or changed on the way.
    """

    dataset: str
    results: Mapping[str, Result]
    groups: tuple[Groups, ...]
    notes: tuple[Note, ...]

    def rounded(self, kpi_id: str) -> float | None:
        """A value as the school writes it: to four decimals."""
        value = self.results[kpi_id].value
        return None if value is None else round(value, 4)

    def count(self, kpi_id: str, side: str) -> int:
        """The numerator or the denominator of a KPI, which are whole numbers.

        Args:
            kpi_id: the KPI.
            side: ``numerator`` or ``denominator``.
        """
        return round(getattr(self.results[kpi_id], side) or 0)


def from_events(events: Path | str | Any, dataset: str | None = None) -> Evidence:
    """The evidence of a CSV or Parquet file, or of a pandas frame.

    Args:
        events: the log.
        dataset: what the evidence calls it; by default the path as it was given.

    Raises:
        EventsError: it cannot be read, or holds no user of the module.
        MissingColumnsError: required columns are missing.
    """
    name = dataset or (str(events) if isinstance(events, str | Path) else "frame")
    with tempfile.TemporaryDirectory(prefix="koryxa-") as folder:
        staged = stage(events, Path(folder))
        workspace = Workspace(
            staged.folder,
            settings=_settings(),
            plugins=[AuditPlugin()],
            cache="memory",
        )
        with workspace:
            return _collected(workspace, name, staged.notes)


def from_source(
    source: Any, table: str | None = None, dataset: str | None = None, settings: Any = None
) -> Evidence:
    """The evidence of a table of any source that kpisdk can read; nothing is copied.

    Args:
        source: a SQLAlchemy URL, a folder of files, a name from the settings, or frames by name.
        table: what the source calls the events; by default as the settings map it.
        dataset: what the evidence calls it; by default the source (without secrets) and the table.
        settings: settings or their file, as :class:`kpisdk.Workspace` takes them.

    Raises:
        EventsError: the table holds no user of the module, or lacks what the KPIs need.
    """
    tables = None if table is None else {SCHOOL_EVENTS.name: table}
    compared = _columns_there(source, table, settings)
    workspace = Workspace(
        source,
        settings=settings,
        plugins=[AuditPlugin(compared)],
        cache="memory",
        tables=tables,
    )
    with workspace:
        named = f"{workspace.open_source().identity.name} ({table or 'school_events'})"
        return _collected(workspace, dataset or named, (), compared)


def _columns_there(source: Any, table: str | None, settings: Any) -> tuple[str, ...]:
    """The columns of the school's log that the source's table has, and those that it must have."""
    with Workspace(source, settings=settings, cache="off") as workspace:
        how = workspace.settings.sources.get(str(source))
        mapping = None if how is None else how.tables.get(SCHOOL_EVENTS.name)
        renamed = {} if mapping is None else dict(mapping.columns)
        mapped = None if mapping is None else mapping.table
        with workspace.open_source().session() as session:
            found = session.columns(table or mapped or SCHOOL_EVENTS.name) or ()
    there = {column.name for column in found}
    names = (column.name for column in SCHOOL_EVENTS.columns)
    return tuple(name for name in names if name in REQUIRED or renamed.get(name, name) in there)


def _settings() -> Settings:
    # A staged log is read by its own column names, whatever the user's settings map.
    return Settings()


def _collected(
    workspace: Workspace,
    dataset: str,
    staged: tuple[Note, ...],
    compared: Sequence[str] | None = None,
) -> Evidence:
    audit = workspace.compute(*COUNTED)
    report = workspace.compute(*(kpi.id for kpi in KPIS))
    results = {result.kpi_id: result for result in report}
    for kpi_id in (PRINCIPAL, GUARDRAIL):
        result = results[kpi_id]
        if result.value is None:
            raise EventsError(dataset, _why(result))
    notes = [*staged, *audit_notes(audit, compared)]
    for result in report:
        if result.value is None:
            notes.append(Note("no_value", _said(result)))
        notes += [note for note in result.warnings if note.code != "few_rows"]
    groups = tuple(_groups(workspace, column) for column in (COHORT, *SEGMENTS))
    return Evidence(dataset, results, groups, tuple(dict.fromkeys(notes)))


def _groups(workspace: Workspace, column: str) -> Groups:
    report = workspace.compute(PRINCIPAL, GUARDRAIL, by=column)
    found: dict[Any, dict[str, Result]] = {}
    for result in report:
        if column in result.slice:
            found.setdefault(result.slice[column], {})[result.kpi_id] = result
    if not found:
        return Groups(column, missing=next(iter(report), None))
    order = _in_time_order(workspace, found) if column == COHORT else None
    compared = workspace.guardrails(
        PRINCIPAL,
        by=column,
        against="previous" if column == COHORT else "rest",
        order=order,
        segments=None if column == COHORT else (),
    )
    named = order or sorted((each for each in found if each is not None), key=str)
    named += [None] if None in found else []
    values = {
        "" if each is None else str(each): (found[each][PRINCIPAL], found[each][GUARDRAIL])
        for each in named
    }
    return Groups(column, values, compared)


def _why(result: Result) -> str:
    if result.reason is Reason.ZERO_DENOMINATOR:
        return f"it has no event of a user in module {MODULE} (module_id is {MODULE!r} exactly)."
    return _said(result)


def _said(result: Result) -> str:
    """A result's message without what only helps those who map columns by settings."""
    message = (result.message or "").removeprefix(f"{result.kpi_id}: ")
    message = re.sub(r" \(map it with [^)]*\)", "", message).split(" It can be sliced by")[0]
    return f"{result.kpi_id}: {message}".replace(f"{result.kpi_id}: {result.kpi_id}", result.kpi_id)


def _in_time_order(workspace: Workspace, found: Mapping[Any, Any]) -> list[Any]:
    """Cohorts by their first event, the oldest first; equals, and those without a time, by name."""
    ages = {each.slice.get(COHORT): each.value for each in workspace.compute(BEGIN, by=COHORT)}
    known = [each for each in found if each is not None]
    return sorted(known, key=lambda each: (-(ages.get(each) or 0.0), str(each)))

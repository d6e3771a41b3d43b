"""``record``: compute, and append what came of it in one transaction, once for a key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from kpisdk import (
    Note,
    Report,
    Request,
    Settings,
    SourceUnavailableError,
    Workspace,
    parse_seconds,
)
from kpisdk_history.errors import BadInstantError, NoStoreError
from kpisdk_history.forecast import Expected, expected_of, with_unusual
from kpisdk_history.recording.alarms import Alarm
from kpisdk_history.recording.outages import AWAY, is_available, outage
from kpisdk_history.recording.restating import gone, restatements
from kpisdk_history.recording.run_keys import key_of
from kpisdk_history.settings import history_settings
from kpisdk_history.store import Restatement, Run, Store, Writing
from kpisdk_history.store.figures import question_of, row_of
from kpisdk_history.store.locations import store_location

if TYPE_CHECKING:
    from kpisdk_history.alerts.delivering import Delivery
    from kpisdk_history.alerts.digests import AlertChange


@attrs.frozen(kw_only=True)
class Recording:
    """What one call of :func:`record` came to.

    Attributes:
        run: the run that was appended; where it was recorded before, that one.
        is_new: whether anything was appended.
        report: what was computed; ``None`` where the run was recorded before.
        numbers: the numbers of the report's results in the store, in its order.
        restatements: figures of closed periods that came out differently than before.
        notes: what is to be said of the run.
        alerts: what happened to alerts, acknowledged ones among them.
        delivery: what came of sending what waits; ``None`` where there are no rules.
    """

    run: Run
    is_new: bool
    report: Report | None = None
    numbers: range = range(0)
    restatements: tuple[Restatement, ...] = ()
    notes: tuple[Note, ...] = ()
    alerts: tuple[AlertChange, ...] = ()
    delivery: Delivery | None = None


Within = Callable[[Writing, Recording], None]
"""What else belongs to a run: called in its transaction, after its results are written."""


def store_of(settings: Settings, given: Store | str | Path | None = None) -> Store:
    """The store in force: the one given, the one of ``[plugins.history]``, else the default.

    Args:
        settings: the settings in force.
        given: a store, a path or a SQLAlchemy URL; by default that of the settings.

    Raises:
        SettingsError: ``[plugins.history]`` has faults.
        StoreUnavailableError: it looks like a URL and is none.
    """
    if isinstance(given, Store):
        return given
    own = history_settings(settings)
    return Store(store_location(settings, given, own.store))


def record(
    workspace: Workspace,
    *kpi_ids: str,
    store: Store | str | Path | None = None,
    run_key: str | None = None,
    settle_after: str | float | timedelta | None = None,
    within: Sequence[Within] = (),
    compute: Callable[[], Report] | None = None,
    **arguments: Any,
) -> Recording:
    """Compute KPIs and append the results to a store, in one transaction.

    Args:
        workspace: what computes.
        *kpi_ids: ids; without any (and without ``workstream``) all registered KPIs.
        store: a store, a path or a SQLAlchemy URL; by default that of the settings.
        run_key: what makes recording the same again a no-op; by default the minute (UTC).
        settle_after: how long after its end a period may move without being told as restated:
            seconds, a text such as ``7d``, or a ``timedelta``; by default that of the settings.
        within: what else is to be written in the same transaction.
        compute: what computes the report, instead of ``workspace.compute``.
        **arguments: ``window``, ``by``, ``grain`` … as :meth:`kpisdk.Workspace.compute` takes them.

    A run whose source was away may be recorded again under its key once the source is there. The
    alerts of the settings are judged in the transaction; what they have to tell is delivered after
    it, and a receiver that is away makes no run fail.

    Raises:
        UsageError: a name, window, instant, run key or span of time that is none.
        StoreError: the store cannot be written; nothing of the run is in it.
    """
    place = store_of(workspace.settings, store)
    own = history_settings(workspace.settings)
    settle = own.settle_after if settle_after is None else _seconds(settle_after)
    key = _key(run_key, workspace)
    progress = arguments.pop("progress", None)
    request = workspace.request(*kpi_ids, **arguments)
    question = question_of(_plain(request), _source_name(workspace))
    alarm = Alarm.of(workspace, own.alerts)
    before = _recorded(place, key, question)
    if before is not None and before.available:
        return _again(before)
    try:
        if compute is not None:
            report = compute()
        else:
            report = workspace.compute(*kpi_ids, progress=progress, **arguments)
    except SourceUnavailableError as error:
        report = outage(workspace, request, error)
    expected = _expected(place, report, request)
    report = attrs.evolve(report, results=with_unusual(report.results, expected.ranges))
    rows = _rows(workspace, request, report, settle, expected)
    with place.writing() as writing:
        found = writing.runs(key=key, question=question, last=1)
        available = is_available(report)
        if found and (found[0].available or not available):
            return _again(found[0])
        now = workspace.now()
        notes = (*_clock_notes(writing, now), *expected.notes)
        source = report.source
        run = writing.append_run(
            Run(
                key=key,
                question=question,
                attempt=1 + (found[0].attempt if found else 0),
                recorded_at=now,
                as_of=report.as_of,
                source_name="" if source is None else source.name,
                source_kind=AWAY if source is None or not available else source.kind,
                synthetic=None if source is None else source.synthetic,
                available=available,
                settle_after=float(settle),
                core=_core(report),
                request=_plain(request),
            )
        )
        missing = gone(writing, rows)
        every = [*rows, *missing]
        settled = [each["figure"] for each in every if each["settled"] and each["known"]]
        earlier = writing.latest(settled)
        numbers = writing.append_results(run, every)
        restated = tuple(restatements(run, every, numbers, earlier))
        writing.append_restatements(restated)
        made = Recording(
            run=run,
            is_new=True,
            report=report,
            numbers=numbers[: len(rows)],
            restatements=restated,
            notes=notes,
        )
        for each in (*within, *alarm.within):
            each(writing, made)
    return alarm.delivered(place, made)


def _key(given: str | None, workspace: Workspace) -> str:
    return key_of(given, workspace.now())


def _seconds(given: str | float | timedelta) -> float:
    try:
        return given.total_seconds() if isinstance(given, timedelta) else parse_seconds(given)
    except ValueError as error:
        accepted = "a span of time such as 12h or 7d"
        raise BadInstantError("settle_after", given, accepted) from error


def _plain(request: Request) -> dict[str, Any]:
    """The request as plain JSON values, as a report's JSON holds it."""
    asked: dict[str, Any] = Report((), request=request).to_dict()["request"]
    return asked


def _source_name(workspace: Workspace) -> str:
    try:
        return workspace.open_source().identity.name
    except SourceUnavailableError as error:
        return error.source


def _recorded(store: Store, key: str, question: str) -> Run | None:
    """The run of that key and question, if there is one: nothing is computed for it again."""
    try:
        with store.reading() as reading:
            found = reading.runs(key=key, question=question, last=1)
    except NoStoreError:
        return None
    return found[0] if found else None


def _again(run: Run) -> Recording:
    what = "its source was away, and is so still" if not run.available else "nothing was added"
    when = run.recorded_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    text = f"Run {run.key!r} was recorded at {when} already: {what}."
    return Recording(run=run, is_new=False, notes=(Note("recorded_before", text),))


def _expected(store: Store, report: Report, request: Request) -> Expected:
    """What was recorded before lets expect, worked out before anything is locked."""
    try:
        with store.reading() as reading:
            return expected_of(reading, report.results, request)
    except NoStoreError:
        return Expected()


def _rows(
    workspace: Workspace, request: Request, report: Report, settle: float, expected: Expected
) -> list[dict[str, Any]]:
    grain = None if request.grain is None else request.grain.value
    kpis = workspace.registry.kpis
    waits = {
        kpi_id: max(float(settle), 86400.0 * follow_up.wait())
        for kpi_id in request.kpi_ids
        if (follow_up := kpis[kpi_id].follow_up) is not None
    }
    return [
        row_of(
            each,
            grain,
            request.by,
            waits.get(each.kpi_id, float(settle)),
            expected.ranges.get(place),
        )
        for place, each in enumerate(report.results)
    ]


def _clock_notes(writing: Writing, now: Any) -> list[Note]:
    last = writing.runs(last=1)
    if not last or last[0].recorded_at <= now:
        return []
    text = (
        f"The clock says {now.isoformat(timespec='seconds')}, and the run before was recorded at "
        f"{last[0].recorded_at.isoformat(timespec='seconds')}: the clock went back, or that of "
        "another machine is ahead. Both runs are kept, in the order in which they were written."
    )
    return [Note("clock_went_back", text)]


def _core(report: Report) -> str:
    found = (each.manifest.core for each in report.results if each.manifest is not None)
    return next(found, "")

"""The history of one KPI, asked of a store: points, restatements, outages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kpisdk import (
    Grain,
    KpisdkError,
    UnknownNameError,
    Workspace,
    parse_instant,
    parse_seconds,
)
from kpisdk_history.errors import BadInstantError, NothingRecordedError
from kpisdk_history.recording import store_of
from kpisdk_history.store import Reading, Restatement, Store
from kpisdk_history.store.figure_rows import (
    FigureRow,
    figure_rows,
    is_recorded,
    newest_of_cuts,
    outages,
    recorded_at,
    recorded_kpis,
    slices_of,
)
from kpisdk_history.timeline.cuts import Wanted, chosen, cut_of
from kpisdk_history.timeline.gaps import filled, period_name
from kpisdk_history.timeline.history_record import History, RestatedFigure
from kpisdk_history.timeline.points import Point, Series
from kpisdk_history.timeline.uncollected import uncollected


def history(
    workspace: Workspace,
    kpi: str,
    *,
    by: Sequence[str] | str = (),
    where: Mapping[str, Any] | None = None,
    since: str | datetime | timedelta | None = None,
    known_at: str | datetime | None = None,
    grain: str | None = None,
    window: str | None = None,
    store: Store | str | Path | None = None,
) -> History:
    """What the periods of a KPI are worth now, or what was known of them on a day.

    Args:
        workspace: what names the KPI and the store; nothing is computed.
        kpi: an id or dictionary name; an id that was recorded and is no longer installed will do.
        by: the columns that it was recorded by.
        where: the filters that it was recorded with, or values of the columns it was recorded by.
        since: only windows that end after that instant; or a span before now, such as ``90d``.
        known_at: what was known at that instant, and nothing that was recorded later.
        grain: only what was recorded with that grain.
        window: only what was recorded with that moving window, such as ``last 30 days``.
        store: a store, a path or a SQLAlchemy URL; by default that of the settings.

    Of several cuts that fit, the one that was recorded last is taken; the others are named.

    Raises:
        UsageError: an unknown KPI, an instant that is none, nothing recorded like that.
        StoreError: the store cannot be read.
    """
    now = workspace.now()
    first = _since(since, now)
    until = _instant("known_at", known_at)
    wanted = Wanted(
        by=(by,) if isinstance(by, str) else tuple(by),
        where={name: _several(given) for name, given in (where or {}).items()},
        grain=None if grain is None else Grain(grain).value,
        window=window,
    )
    place = store_of(workspace.settings, store)
    with uncollected(), place.reading() as reading:
        kpi_id, name, is_installed = _identified(workspace, kpi, reading, place.shown)
        cuts = [cut_of(each) for each in newest_of_cuts(reading, kpi_id, until)]
        choice = chosen(kpi_id, wanted, cuts, place.shown)
        rows = figure_rows(reading, kpi_id, choice.cut.id, first, until)
        newest_of = {row.series: row.id for row in rows}
        slices = {
            series: json.loads(text)
            for series, text in slices_of(reading, list(newest_of.values()))
        }
        times = recorded_at(reading)
        restated = reading.restatements(kpi_id=kpi_id, known_at=until)
        away = outages(reading, kpi_id, first, until)
    kept = {series for series, each in slices.items() if _fits(each, choice.slices)}
    newest = _newest(row for row in rows if row.series in kept)
    mine = [each for each in restated if each.figure in newest]
    with uncollected():
        series = _series(newest.values(), slices, times, mine, choice.cut.grain)
    return History(
        kpi_id=kpi_id,
        name=name,
        cut=choice.cut,
        others=choice.others,
        series=series,
        restatements=tuple(
            RestatedFigure(
                slice=slices[newest[each.figure].series],
                period=_period(newest[each.figure]),
                restatement=each,
            )
            for each in mine
        ),
        outages=tuple(away),
        known_at=until,
        is_installed=is_installed,
    )


def _identified(
    workspace: Workspace, kpi: str, reading: Reading, shown: str
) -> tuple[str, str, bool]:
    try:
        (kpi_id,) = workspace.registry.resolve([kpi])
    except UnknownNameError:
        # By its own spelling first: that is one look at an index.
        recorded = [kpi] if is_recorded(reading, kpi) else recorded_kpis(reading)
        found = next((each for each in recorded if each.casefold() == kpi.casefold()), None)
        if found is None:
            raise
        return found, found, False
    except KpisdkError:
        raise
    if not is_recorded(reading, kpi_id):
        raise NothingRecordedError(kpi_id, shown)
    return kpi_id, workspace.registry.kpis[kpi_id].name, True


def _newest(rows: Iterable[FigureRow]) -> dict[str, FigureRow]:
    """The last row of each figure: the last one that was known, where there is one."""
    found: dict[str, FigureRow] = {}
    for row in rows:
        before = found.get(row.figure)
        if before is None or row.known or not before.known:
            found[row.figure] = row
    return found


def _series(
    rows: Iterable[FigureRow],
    slices: Mapping[str, Mapping[str, Any]],
    times: Mapping[int, datetime],
    restated: Sequence[Restatement],
    grain: str | None,
) -> tuple[Series, ...]:
    told: dict[str, list[Restatement]] = {}
    for each in restated:
        told.setdefault(each.figure, []).append(each)
    by_series: dict[str, list[FigureRow]] = {}
    for row in rows:
        if row.end is not None or row.known:
            by_series.setdefault(row.series, []).append(row)
    found = []
    for series, mine in by_series.items():
        points, before = [], None
        for row in sorted(_whole(mine), key=_order):
            points.append(_point(row, before, times, told.get(row.figure, ())))
            before = row
        found.append(Series(slices[series], filled(points, grain)))
    return tuple(sorted(found, key=lambda each: json.dumps(each.slice, sort_keys=True)))


def _whole(rows: Sequence[FigureRow]) -> list[FigureRow]:
    """Of the windows of one calendar bucket the widest: others were cut by what was asked for."""
    found: dict[Any, FigureRow] = {}
    for row in rows:
        name = row.figure if row.period is None else row.period
        before = found.get(name)
        if before is None or _length(row) >= _length(before):
            found[name] = row
    return list(found.values())


def _length(row: FigureRow) -> timedelta:
    is_bounded = row.start is not None and row.end is not None
    return row.end - row.start if is_bounded else timedelta()  # type: ignore[operator]


def _order(row: FigureRow) -> tuple[datetime, int]:
    return row.end or datetime.max.replace(tzinfo=UTC), row.id


def _point(
    row: FigureRow,
    before: FigureRow | None,
    times: Mapping[int, datetime],
    restated: Sequence[Restatement],
) -> Point:
    version = row.definition_version
    return Point(
        period=_period(row),
        start=row.start,
        end=row.end,
        value=row.value,
        status=row.status,
        reason=row.reason,
        low=row.low,
        high=row.high,
        n=row.n,
        recorded_at=times[row.run_id],
        restated=len(restated),
        first=restated[0].old if restated else None,
        definition_version=version,
        definition_changed=before is not None and before.definition_version != version,
        expected_low=row.expected_low,
        expected_high=row.expected_high,
        unusual=_is_unusual(row),
    )


def _is_unusual(row: FigureRow) -> bool:
    if row.value is None or row.expected_low is None or row.expected_high is None:
        return False
    return not row.expected_low <= row.value <= row.expected_high


def _period(row: FigureRow) -> str:
    return period_name(row.start, row.end, row.period)


def _fits(values: Mapping[str, Any], wanted: Mapping[str, tuple[str, ...]]) -> bool:
    return all(str(values.get(name)) in given for name, given in wanted.items())


def _several(given: Any) -> tuple[str, ...]:
    several = isinstance(given, Iterable) and not isinstance(given, str)
    return tuple(map(str, given)) if several else (str(given),)


def _instant(option: str, given: str | datetime | None) -> datetime | None:
    if given is None or isinstance(given, datetime):
        return given
    try:
        return parse_instant(given)
    except KpisdkError as error:
        raise BadInstantError(option, given, "an instant such as 2026-03-01") from error


def _since(given: str | datetime | timedelta | None, now: datetime) -> datetime | None:
    if isinstance(given, timedelta):
        return now - given
    if isinstance(given, str):
        try:
            return now - timedelta(seconds=parse_seconds(given))
        except ValueError:
            accepted = "an instant such as 2026-03-01, or a span such as 90d"
            try:
                return parse_instant(given)
            except KpisdkError as error:
                raise BadInstantError("since", given, accepted) from error
    return given

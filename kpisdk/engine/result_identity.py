"""What a result depends on: source, definition and calculators are each asked for their identity.

Nothing else makes keys. What cannot be named (a view over a server elsewhere, a file that a
calculator reads and does not name) is not kept: a miss costs time, a stale number a decision.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import attrs

from kpisdk.contracts.calculators import Calculator
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.file_identity import file_identity
from kpisdk.contracts.relations import datasets_of
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import plain
from kpisdk.contracts.source_kinds import IdentifiedSession
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.frontiers import Frontiers
from kpisdk.engine.kept_results import EntryName
from kpisdk.engine.outside_reads import unwatched
from kpisdk.engine.resolution import ResolvedCalculator, ResolvedKpi
from kpisdk.engine.unnamed_reads import UnnamedReads, builds_from_outside
from kpisdk.errors import ConnectionLostError, KpisdkError
from kpisdk.plugins import core_version
from kpisdk.quarantine import contained
from kpisdk.registry.fingerprint import fingerprint, fingerprint_and_packages, source_files
from kpisdk.sql.bound_tables import BoundTable

_NAMED = (str, int, float, date, type(None))
"""Parameters that a key can hold: no frame is written out whole in one."""


class UnnamedError(Exception):
    """Something that a result depends on cannot be named, so the result cannot be kept."""


@attrs.define
class Identities:
    """What the results of one execution depend on, asked of those who know.

    ``source`` is the fingerprint that the source gave before the session was opened: what was
    written between the two then belongs to an identity that never comes again.
    """

    source: str
    catalog: Catalog
    frontiers: Frontiers
    request: Request
    now: datetime
    unnamed: UnnamedReads

    def names(
        self, kpis: Iterable[ResolvedKpi], definition: Callable[[str], str]
    ) -> dict[str, EntryName]:
        """The names of those KPIs whose results can be kept, by id.

        Args:
            kpis: the KPIs, resolved.
            definition: the identity of a KPI's definition, by its id.
        """
        found: dict[str, EntryName] = {}
        for kpi in kpis:
            relations = [each for option in kpi.ready for each in option.relations]
            if kpi.fixed is not None or builds_from_outside(relations):
                continue
            name = self.name(kpi, definition(kpi.id))
            if name is not None:
                self.unnamed.keep(kpi.id)
                found[kpi.id] = name
        return found

    def name(self, kpi: ResolvedKpi, definition: str) -> EntryName | None:
        """The name of a KPI's results; ``None`` where something that they depend on has none.

        Args:
            kpi: the KPI, resolved.
            definition: the identity of its definition.
        """
        if not all(isinstance(value, _NAMED) for value in kpi.parameters.values()):
            return None
        try:
            facts = {
                "core": core_version(),
                "definition": [kpi.id, definition or kpi.version],
                "settings": fingerprint(_whole(kpi.settings)),
                "request": self._request(kpi),
                "source": [self.source, self._rows(kpi)],
                "calculators": [
                    calculator_identity(option.calculator, kpi, self.unnamed)
                    for option in kpi.ready
                    if isinstance(option, ResolvedCalculator)
                ],
            }
        except UnnamedError:
            return None
        text = json.dumps(plain(facts), sort_keys=True, ensure_ascii=True)
        return EntryName.of(text)

    def _request(self, kpi: ResolvedKpi) -> dict[str, Any]:
        request = self.request
        return {
            # Whoever makes a rule may call two windows alike, and give it no words of its own.
            "window": fingerprint(request.window),
            "as_of": request.as_of,
            # Periods begin with a day: an answer of yesterday's month outlives no midnight.
            "days": [time.as_of.date() for time in kpi.times],
            "where": {name: list(map(repr, values)) for name, values in sorted(kpi.where.items())},
            "by": list(kpi.by),
            "grain": request.grain,
            "compare": request.compare,
            "views": request.use_views,
            "intervals": [request.intervals, request.repeated],
            "sampling": [str(option.intervals.sampling) for option in kpi.ready],
            "parameters": {name: repr(value) for name, value in sorted(kpi.parameters.items())},
        }

    def _rows(self, kpi: ResolvedKpi) -> dict[str, Any]:
        """What of the data a result depends on: its tables as they are, and their newest rows."""
        asked = [each.relation for option in kpi.ready for each in option.frame_inputs]
        joined = {name for option in kpi.ready for _, _, name in option.joins}
        found: dict[str, Any] = {}
        for dataset in (
            *kpi.kpi.datasets,
            *(each for frame_input in asked for each in datasets_of(frame_input)),
        ):
            table = self.catalog.find(dataset.name)
            if table is not None:
                found[f"{dataset.name}.{dataset.time}"] = self._newest(dataset)
                found[dataset.name] = self._table(table)
        for name in sorted(joined):
            found[f"{name}.#"] = self.frontiers.count(Dataset(name, ()))
            found[name] = self._table(self.catalog.table(name))
        view = kpi.kpi.view
        if view is not None and self.request.use_views:
            found[f"view {view.view}"] = self._contents(view.view)
        return found

    def _newest(self, dataset: Dataset) -> Any:
        """The newest instant before now (a row's time comes though nobody writes), or the count."""
        try:
            if self.frontiers.is_timed(dataset):
                return self.frontiers.newest(dataset, self.now)
            return self.frontiers.count(dataset)
        except ConnectionLostError:
            raise
        except KpisdkError as error:
            raise UnnamedError from error

    def _table(self, table: BoundTable) -> list[Any]:
        """How a dataset is read, slice columns by another plugin's word too, and its contents."""
        return [
            *table.binding((*self.request.where, *self.request.by)),
            self._contents(table.physical),
        ]

    def _contents(self, physical: str) -> str:
        session = self.catalog.session
        if not isinstance(session, IdentifiedSession):
            return ""  # the source's own fingerprint is all that it says
        try:
            identity = session.identity(physical)
        except ConnectionLostError:
            raise
        except KpisdkError as error:
            raise UnnamedError from error
        if identity is None:
            raise UnnamedError
        return identity


def calculator_identity(
    calculator: Calculator, kpi: ResolvedKpi, unnamed: UnnamedReads
) -> list[Any]:
    """What a calculator reads beside rows and parameters, in the version that is there now.

    Raises:
        UnnamedError: the plugin cannot say.
    """

    def named() -> tuple[list[str], str | None]:
        paths = [str(path) for path in calculator.outside(kpi.parameters, kpi.settings)]
        if calculator.state is None:
            return paths, None
        state = calculator.state(kpi.parameters, kpi.settings)
        return paths, None if state is None else str(state)

    try:
        with unwatched():
            paths, state = contained(named, kpi.timeout)
            files = {path: file_identity(path) for path in paths}
        brought = [kpi.extensions(hook) for hook in calculator.extensions]
    except Exception as error:  # a plugin's function may raise anything; then nothing is reused
        raise UnnamedError from error
    if calculator.state is not None and state is None:
        unnamed.stateless(calculator)  # what is answered before it is asked can be kept
    mark, packages = fingerprint_and_packages(*brought)
    return [files, state, mark, source_files(packages)]


def _whole(settings: Any) -> Any:
    """A plugin's settings in full: those that a ``repr`` leaves out, as it does secrets, too."""
    return attrs.asdict(settings) if attrs.has(type(settings)) else settings

"""The manifest of a result: who computed it, on which engine, from which rows, by which SQL."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import attrs

from kpisdk.contracts.manifest import Manifest
from kpisdk.contracts.results import Result
from kpisdk.contracts.source_kinds import IdentifiedSession, RecordedSession
from kpisdk.engine.catalog import Catalog
from kpisdk.engine.definitions import Definitions
from kpisdk.errors import ConnectionLostError, KpisdkError
from kpisdk.plugins import core_version

SEED = "seed"
"""The parameter of a KPI, or the detail of a result, that random numbers begin with."""


@attrs.define(slots=False)
class Manifests:
    """Writes the manifests of one execution; what all results share is found out once.

    Args:
        catalog: the tables of the session.
        fingerprint: that of the source.
        definitions: the KPIs, and who brings them.
    """

    catalog: Catalog
    fingerprint: str
    definitions: Definitions

    def __attrs_post_init__(self) -> None:
        session = self.catalog.session
        if isinstance(session, RecordedSession):
            session.record(self.catalog.log.note)

    def attached(self, results: Iterable[Result]) -> tuple[Result, ...]:
        """The results of one KPI, each with its manifest."""
        found = tuple(results)
        if not found:
            return ()
        shared = self._shared(found[0])
        return tuple(
            attrs.evolve(
                each,
                manifest=attrs.evolve(
                    shared,
                    interval_method=None if each.interval is None else each.interval.method,
                    interval_unit=None if each.interval is None else each.interval.unit,
                    seed=self._seed(each),
                ),
            )
            for each in found
        )

    def _shared(self, result: Result) -> Manifest:
        """What is the same for all results of a KPI."""
        core, engine, driver = core_version(), *self._versions
        receipts = self.catalog.log.receipts(result.kpi_id)
        return Manifest(
            core=core,
            plugin=self.definitions.registry.owner(result.kpi_id).label,
            python=platform.python_version(),
            engine=engine or None,
            driver=driver or None,
            source=self._source(result.kpi_id),
            definition_version=f"{result.definition_version}+core.{core}",
            statements=receipts,
            rows_read=sum(each.rows for each in receipts),
        )

    @cached_property
    def _versions(self) -> tuple[str | None, str | None]:
        session = self.catalog.session
        return session.versions() if isinstance(session, RecordedSession) else (None, None)

    def _source(self, kpi_id: str) -> str | None:
        """A hash of what identifies the rows of a KPI's tables; ``None`` where nothing can."""
        names = sorted({each.name for each in self.definitions.registry.kpis[kpi_id].datasets})
        known = []
        for name in names:
            table = self.catalog.find(name)
            identity = "" if table is None else self._contents(table.physical)
            if identity is None:
                return None
            known.append((name, identity))
        return hashlib.sha256(json.dumps([self.fingerprint, known]).encode()).hexdigest()

    def _contents(self, physical: str) -> str | None:
        session = self.catalog.session
        if not isinstance(session, IdentifiedSession):
            return ""
        try:
            return session.identity(physical)
        except ConnectionLostError:
            raise
        except KpisdkError:
            return None

    def _seed(self, result: Result) -> int | None:
        """What random numbers began with: as the result tells, or as the KPI's parameter says."""
        kpi = self.definitions.registry.kpis[result.kpi_id]
        defaults = {each.name: each.default for each in kpi.parameters}
        given: Any = {**defaults, **result.parameters, **result.details}.get(SEED)
        return given if isinstance(given, int) and not isinstance(given, bool) else None

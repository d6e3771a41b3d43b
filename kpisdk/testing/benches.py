"""A plugin's KPIs on generated rows, on every engine, each source made once per class."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from kpisdk.contracts.calculators import options_of, relations_of
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.relations import Derived
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.engine.outside_reads import outside_reads
from kpisdk.quarantine import as_left
from kpisdk.testing import variants
from kpisdk.testing.engines import put
from kpisdk.testing.generating import GROUP, Recipe, grouped
from kpisdk.testing.literals import literals_of
from kpisdk.testing.subjects import Subject
from kpisdk.workspace import Workspace

Results = tuple[Result, ...]


class Terms(Protocol):
    """What an author of a contract says of the plugin; see ``PluginContract``."""

    plugin: Any
    settings: Mapping[str, Any]
    parameters: Mapping[str, Mapping[str, Any]]
    where: Mapping[str, Mapping[str, Any]]
    values: Mapping[str, Sequence[Any]]
    as_of: dt.datetime
    rows: int


class Bench:
    """Where the KPIs of a plugin are computed for a contract; every answer is computed once.

    Args:
        terms: the contract's own attributes.
        subject: the plugin.
        frames: tables of the author's own; the others are made from the plugin's declarations.
        folder: where files are made.
        database: makes an empty PostgreSQL database and gives its URL.
    """

    def __init__(
        self,
        terms: Terms,
        subject: Subject,
        frames: Mapping[str, Any],
        folder: Path,
        database: Callable[[], str],
    ) -> None:
        self.terms, self.subject = terms, subject
        self._given = frames
        self.environment = dict(os.environ)
        self._folder, self._database = folder, database
        self._sources: dict[tuple[str, str], Any] = {}
        self._workspaces: dict[tuple[str, str], Workspace] = {}
        self._answers: dict[str, dict[str, Results]] = {}
        self.files_read: set[str] = set()

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        """The tables that the KPIs read, by name."""
        return self.subject.datasets(self.terms.parameters)

    @cached_property
    def frames(self) -> Mapping[str, Any]:
        """The rows: the author's tables, and those made from the declarations."""
        missing = {name: each for name, each in self.datasets.items() if name not in self._given}
        words = literals_of(self.subject.kpis.values())
        recipe = Recipe(missing, words, self.terms.values, self.terms.rows, self.terms.as_of)
        return {**recipe.frames(), **{name: grouped(each) for name, each in self._given.items()}}

    def variant(self, name: str) -> Mapping[str, Any]:
        """The rows as they are (``rows``), or changed in one respect."""
        rows, datasets, as_of = self.frames, self.datasets, self.terms.as_of
        makers: dict[str, Callable[[], Mapping[str, Any]]] = {
            "rows": lambda: rows,
            "empty": lambda: variants.emptied(rows),
            "blank": lambda: variants.blanked(rows, datasets, self._times),
            "infinite": lambda: variants.infinite(rows, datasets),
            "not a number": lambda: variants.infinite(rows, datasets),
            "shuffled": lambda: variants.shuffled(rows),
            "continued": lambda: variants.continued(rows, datasets, self._times, as_of),
            "continued a day later": lambda: variants.continued(
                rows, datasets, self._times, as_of + dt.timedelta(days=1)
            ),
            "nothing": lambda: variants.renamed(rows),
        }
        return makers[name]()

    @property
    def _times(self) -> dict[str, set[str]]:
        times: dict[str, set[str]] = {}
        for kpi in self.subject.kpis.values():
            readings = (kpi.time_dataset, *kpi.datasets, *self.datasets.values())
            for dataset in readings:
                if dataset is not None and dataset.time is not None:
                    times.setdefault(dataset.name, set()).add(dataset.time)
        return times

    def source(self, engine: str, variant: str) -> Any:
        """The rows of a variant on an engine, put there once."""
        key = (engine, variant)
        if key not in self._sources:
            url = self._database() if engine == "postgresql" else None
            folder = self._folder / variant.replace(" ", "_")
            folder.mkdir(exist_ok=True)
            frames = self.variant(variant)
            source = put(engine, frames, self.datasets.values(), folder, url)
            if variant == "not a number":
                self._write_nan(source)
            self._sources[key] = source
        return self._sources[key]

    def _write_nan(self, url: str) -> None:
        """Replace the infinities of a database by not-a-numbers, which pandas would drop."""
        import sqlalchemy as sa

        engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        with engine.begin() as connection:
            for name, frame in self.frames.items():
                columns = self.datasets[name].columns if name in self.datasets else ()
                for column in columns:
                    if column.type is LogicalType.FLOAT and not column.key and column.name in frame:
                        target = sa.table(name, sa.column(column.name))
                        value: Any = sa.cast(sa.literal("NaN"), sa.Double())
                        connection.execute(sa.update(target).values({column.name: value}))
        engine.dispose()

    def workspace(self, engine: str = "frames", variant: str = "rows") -> Workspace:
        """The workspace on that source, at the contract's instant, without a cache."""
        key = (engine, variant)
        if key not in self._workspaces:
            self._workspaces[key] = Workspace(
                self.source(engine, variant),
                settings=self.subject.settings,
                plugins=self.subject.beside,
                cache="off",
                clock=lambda: self.terms.as_of,
            )
        return self._workspaces[key]

    def results(
        self,
        kpi_id: str,
        engine: str = "frames",
        variant: str = "rows",
        *,
        again: bool = False,
        **request: Any,
    ) -> Results:
        """The results of one KPI for a request (as ``Workspace.compute`` takes it).

        All KPIs that are asked alike are computed together, once; ``again`` computes this KPI by
        itself, without shared statements.
        """
        kpi = self.subject.kpis[kpi_id]
        if again:
            return self._computed([kpi], engine, variant, {**request, "fuse": False})[kpi_id]
        alike = [each for each in self.subject.kpis.values() if self._told(each) == self._told(kpi)]
        key = repr((engine, variant, alike[0].id, sorted(request.items(), key=str)))
        if key not in self._answers:
            self._answers[key] = self._computed(alike, engine, variant, request)
        return self._answers[key][kpi_id]

    def _computed(
        self, kpis: Sequence[Kpi], engine: str, variant: str, request: Mapping[str, Any]
    ) -> dict[str, Results]:
        asked = self.request(kpis[0], **request)
        ids = [kpi.id for kpi in kpis]
        # The checks are to see what calculations read, and what they change.
        with outside_reads() as seen, as_left():
            report = self.workspace(engine, variant).compute(*ids, **asked)
        self.files_read |= seen.files
        return {each: tuple(result for result in report if result.kpi_id == each) for each in ids}

    def request(self, kpi: Kpi, **request: Any) -> dict[str, Any]:
        """What ``Workspace.compute`` is asked for a KPI, the contract's own terms included."""
        parameters, where = self._told(kpi)
        asked = {"as_of": self.terms.as_of, **request}
        asked["where"] = {**where, **asked.get("where", {})}
        asked["parameters"] = {**parameters, **asked.get("parameters", {})}
        return asked

    def _told(self, kpi: Kpi) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The parameters of a KPI and the filter that it requires."""
        where = dict(self.terms.where.get(kpi.id, {}))
        required = kpi.requires
        if required is not None and required.column not in where:
            value = self._some_value(kpi, required.column)
            where.update({} if value is None else {required.column: value})
        return dict(self.terms.parameters.get(kpi.id, {})), where

    def _some_value(self, kpi: Kpi, column: str) -> Any:
        """The most frequent value of a column of the KPI's own table."""
        base = kpi.own_base
        frame = None if base is None else self.frames.get(base.name)
        if frame is None or column not in frame:
            return None
        counts = frame[column].value_counts()
        return None if counts.empty else counts.index[0]

    @cached_property
    def slice_columns(self) -> tuple[str, ...]:
        """Columns to slice by, three at most.

        One that every generated table has, one that a derived relation binds itself (so that the
        plugin's own code has to honour it), and the text column declared most often. Keys and the
        columns that refer to them are left out: nearly every row is a slice of its own there.
        """
        own = (GROUP,) if all(GROUP in frame for frame in self.frames.values()) else ()
        return tuple(dict.fromkeys((*own, *sorted(self._bound)[:1], *self._declared[:1])))

    @property
    def _bound(self) -> set[str]:
        found: set[str] = set()
        for kpi in self.subject.kpis.values():
            for option in options_of(kpi.calculation):
                for relation in relations_of(option.calculation):
                    found.update(relation.binds if isinstance(relation, Derived) else ())
        return found

    @property
    def _declared(self) -> list[str]:
        seen: dict[str, int] = {}
        bases = (kpi.own_base for kpi in self.subject.kpis.values())
        for base in (each for each in bases if each is not None):
            refers = {reference.column for reference in base.references}
            for column in base.columns:
                is_word = column.type is LogicalType.TEXT and not column.key
                if is_word and column.name not in refers and not column.name.endswith("_id"):
                    seen[column.name] = seen.get(column.name, 0) + 1
        return sorted(seen, key=lambda name: (-seen[name], name))

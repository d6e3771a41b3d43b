"""A plugin's KPIs on generated rows: each source is made once, and each request is asked once."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kpisdk.contracts.calculators import options_of, relations_of
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.relations import Derived
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.engine.outside_reads import outside_reads
from kpisdk.quarantine import as_left
from kpisdk.testing import variants
from kpisdk.testing.engine_data import put
from kpisdk.testing.generating import GROUP, Recipe, grouped
from kpisdk.testing.literals import literals_of
from kpisdk.testing.subjects import Subject
from kpisdk.workspace import Workspace

if TYPE_CHECKING:
    from kpisdk.testing.plugin_contract import PluginContract

Results = tuple[Result, ...]
Found = TypeVar("Found")


class Bench:
    """Where the KPIs of a plugin are computed for a contract.

    A request is computed for all KPIs at once, and the checks of each KPI read their part of the
    report. What has to be known of the plugin as a whole is found out once (:meth:`once`).

    Args:
        terms: the contract, for what its author says in its attributes.
        subject: the plugin.
        frames: tables of the author's own; the others are made from the plugin's declarations.
        folder: where files are made.
        database: makes an empty PostgreSQL database and gives its URL.
    """

    def __init__(
        self,
        terms: PluginContract,
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
        self._found: dict[str, Any] = {}
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

    def workspace(self, engine: str, variant: str = "rows") -> Workspace:
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

    @cached_property
    def engine(self) -> str:
        """Where checks look that are about one engine: SQLite, because requests cost least there.

        Frames, where SQLite is none of the contract's engines or has no value for a KPI that has
        one on frames: that is a fault of its own, and no check is to repeat it.
        """
        if "sqlite" not in self.terms.engines:
            return "frames"
        for kpi_id in self.subject.kpis:
            there, here = (self.results(kpi_id, engine)[0] for engine in ("sqlite", "frames"))
            if (there.value is None) != (here.value is None):
                return "frames"
        return "sqlite"

    def once(self, name: str, find: Callable[[], Found]) -> Found:
        """What ``find`` finds out about the whole plugin, at the first check that asks for it."""
        if name not in self._found:
            self._found[name] = find()
        found: Found = self._found[name]
        return found

    def results(
        self, kpi_id: str, engine: str | None = None, variant: str = "rows", **request: Any
    ) -> Results:
        """The results of one KPI for a request (as ``Workspace.compute`` takes it).

        All KPIs that are asked with the same parameters and filters are computed together, once.
        ``engine`` is by default that of :attr:`engine`.
        """
        engine = engine or self.engine
        alike = self.alike(kpi_id)
        key = repr((engine, variant, alike[0], sorted(request.items(), key=str)))
        if key not in self._answers:
            self._answers[key] = self.computed(alike, engine, variant, **request)
        return self._answers[key][kpi_id]

    def again(self, kpi_id: str, **request: Any) -> Results:
        """The results of one KPI, asked anew: in another order, and without shared statements.

        This too is asked of all KPIs together, once; the headline is asked of this KPI alone.
        """
        if not request:
            return self.computed([kpi_id], self.engine, fuse=False)[kpi_id]
        alike = self.alike(kpi_id)[::-1]
        name = repr(("again", alike[0], sorted(request.items(), key=str)))
        computed = self.once(name, lambda: self.computed(alike, self.engine, fuse=False, **request))
        return computed[kpi_id]

    def alike(self, kpi_id: str) -> list[str]:
        """The KPIs that can be asked together with this one, itself included."""
        return next(group for group in self.groups(self.subject.kpis) if kpi_id in group)

    def groups(self, kpi_ids: Iterable[str]) -> list[list[str]]:
        """The KPIs in groups that can be asked together: of the same parameters and filters."""
        found: list[tuple[Any, list[str]]] = []
        for kpi_id in kpi_ids:
            terms = self._terms(self.subject.kpis[kpi_id])
            group = next((group for known, group in found if known == terms), None)
            if group is None:
                found.append((terms, group := []))
            group.append(kpi_id)
        return [group for _, group in found]

    def computed(
        self, kpi_ids: Sequence[str], engine: str, variant: str = "rows", **request: Any
    ) -> dict[str, Results]:
        """The results of KPIs that are asked alike, computed now."""
        asked = self.request(self.subject.kpis[kpi_ids[0]], **request)
        # The checks are to see what calculations read, and what they change.
        with outside_reads() as seen, as_left():
            report = self.workspace(engine, variant).compute(*kpi_ids, **asked)
        made = f"{self._folder.resolve()}{os.sep}"
        self.files_read |= {each for each in seen.files if not each.startswith(made)}
        return {
            each: tuple(result for result in report if result.kpi_id == each) for each in kpi_ids
        }

    def request(self, kpi: Kpi, **request: Any) -> dict[str, Any]:
        """What ``Workspace.compute`` is asked for a KPI, the contract's own terms included."""
        parameters, where = self._terms(kpi)
        asked = {"as_of": self.terms.as_of, **request}
        asked["where"] = {**where, **asked.get("where", {})}
        asked["parameters"] = {**parameters, **asked.get("parameters", {})}
        return asked

    def _terms(self, kpi: Kpi) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
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

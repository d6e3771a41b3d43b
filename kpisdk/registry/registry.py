"""The registry itself: KPIs, sources, caches, reports and commands by name, with their owners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from kpisdk.contracts.cache_backends import CacheBackend
from kpisdk.contracts.calculators import Extension
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.engine_traits import Engine
from kpisdk.contracts.estimates import Note
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.report_formats import ReportFormat
from kpisdk.contracts.results import Result
from kpisdk.contracts.source_kinds import SourceKind
from kpisdk.contracts.workspace_methods import WorkspaceMethod
from kpisdk.errors import KpisdkError, Problem, ProblemsError, UnknownNameError
from kpisdk.plugins.records import Plugin
from kpisdk.quarantine import contained, described
from kpisdk.registry.clashes import Clash, DatasetClashError, KpiConflictError
from kpisdk.registry.data_contract import THE_KEY, Contract, column_aspect, contract_of
from kpisdk.registry.hook_answers import attrs_class, extension, records
from kpisdk.registry.languages import Languages
from kpisdk.registry.named_records import NamedRecords
from kpisdk.registry.observers import Observers
from kpisdk.registry.plugin_failures import failures
from kpisdk.registry.selection import UnheardKpiError, one_id, one_workstream, select


class Registry:
    """What the plugins bring, by name.

    KPIs are asked for at once (they are static records); everything else when it is first needed. A
    fault of a plugin never raises here: it is in :attr:`problems`, and only what it concerns is an
    error when it is used.

    Args:
        plugins: loaded plugins, in the order in which they came in.
    """

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self.plugins: tuple[Plugin, ...] = tuple(plugins)
        brought: dict[str, list[tuple[Kpi, Plugin]]] = {}
        for plugin in self.plugins:
            for kpi in records(plugin, "kpisdk_kpis", Kpi, "id"):
                brought.setdefault(kpi.id, []).append((kpi, plugin))
        # So far they were imported, registered and asked for KPIs: what failed has not answered.
        self._unheard = tuple(each for each in self.plugins if each.state == "failed")
        first = sorted((c[0] for c in brought.values()), key=lambda c: (c[0].workstream, c[0].id))
        self.kpis: Mapping[str, Kpi] = {kpi.id: kpi for kpi, _ in first}
        """KPIs by id, ordered by workstream and id; of a conflict, the one that came first."""
        self._owners = {kpi.id: plugin for kpi, plugin in first}
        self._rivals = {
            kpi_id: tuple(plugin.label for _, plugin in claims)
            for kpi_id, claims in brought.items()
            if len(claims) > 1
        }
        self._marks: dict[str, tuple[str, frozenset[str]]] = {}
        self._unsettled: dict[str, str] = {}
        self._named = NamedRecords(self.plugins)
        self._extensions: dict[str, tuple[Extension, ...]] = {}

    @cached_property
    def _contract(self) -> Contract:
        return contract_of((kpi, self._owners[kpi_id].label) for kpi_id, kpi in self.kpis.items())

    @property
    def contract(self) -> Mapping[str, Dataset]:
        """The union of the datasets that the KPIs declare, by name."""
        return self._contract.datasets

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with the installation: failed plugins, conflicts, clashes."""
        failed = [problem for each in self.plugins for problem in failures(each)]
        rivals = [
            Problem(f"KPI {kpi_id!r}", KpiConflictError(kpi_id, labels).fault)
            for kpi_id, labels in sorted(self._rivals.items())
        ]
        clashes = [
            Problem(f"dataset {clash.dataset!r}", f"{clash}; {len(kpis)} KPIs read it.")
            for clash, kpis in self._contract.clashes.items()
        ]
        return (*failed, *rivals, *clashes, *self._named.shadowed)

    @property
    def workstreams(self) -> tuple[str, ...]:
        """The workstreams that have KPIs, in order."""
        return tuple(dict.fromkeys(kpi.workstream for kpi in self.kpis.values()))

    def kpi(self, name: str) -> Kpi:
        """The KPI of that id (case does not matter).

        Raises:
            UnknownNameError: there is none; the nearest are proposed.
        """
        return self.kpis[one_id(name, self.kpis)]

    def workstream(self, name: str) -> str:
        """The workstream of that name or prefix (``ws1``).

        Raises:
            UnknownNameError, AmbiguousNameError: none or several start with it.
        """
        return one_workstream(name, self.workstreams)

    def owner(self, kpi_id: str) -> Plugin:
        """The plugin that brought a KPI.

        Raises:
            UnknownNameError: there is no such KPI.
        """
        return self._owners[one_id(kpi_id, self.kpis)]

    def conflict(self, kpi_id: str) -> KpiConflictError | DatasetClashError | None:
        """Why a KPI cannot be computed in this installation, or ``None``."""
        labels = self._rivals.get(kpi_id)
        if labels is not None:
            return KpiConflictError(kpi_id, labels)
        clashes = [clash for clash, kpis in self._contract.clashes.items() if kpi_id in kpis]
        return DatasetClashError(kpi_id, clashes) if clashes else None

    def disputed(self, dataset: str, column: str, *, by_key: bool) -> Clash | None:
        """The clash about a column's type, or about the key that its table is joined by, if any.

        It concerns everybody who slices by the column, whether or not their KPI declares it.
        """
        aspects = {column_aspect(column), *((THE_KEY,) if by_key else ())}
        for clash in self._contract.clashes:
            if clash.dataset == dataset and clash.aspect in aspects:
                return clash
        return None

    @property
    def unheard(self) -> tuple[Plugin, ...]:
        """The plugins whose KPIs are not known: they did not load, or failed to name them."""
        return self._unheard

    def resolve(
        self,
        ids: Sequence[str] | None = None,
        workstream: str | None = None,
        all: bool = False,  # noqa: A002 - the word of the command line
    ) -> tuple[str, ...]:
        """The ids that a request names: in the order given, or in the registry's.

        KPIs in conflict are among them: :meth:`conflict` says of each why it cannot be computed.

        Raises:
            UsageError: nothing named, named in two ways, unknown or ambiguous names.
        """
        workstreams = {kpi_id: kpi.workstream for kpi_id, kpi in self.kpis.items()}
        try:
            return select(workstreams, ids or (), workstream, everything=all)
        except (UnknownNameError, ProblemsError) as error:
            if not self._unheard:
                raise
            silent = [f"{each.name!r} ({each.label}), {each.error}" for each in self._unheard]
            raise UnheardKpiError(error.message, silent) from error

    def definition_version(self, kpi_id: str) -> str:
        """``<version>+<8 hex>``: the author's version and a fingerprint of the whole definition.

        The fingerprint covers the record, the code of its functions and the plugin's version, and
        is the same in every process. It keys caches and stands in every result.

        Raises:
            UnknownNameError: there is no such KPI.
        """
        known = one_id(kpi_id, self.kpis)
        return f"{self.kpis[known].version}+{self._mark(known)[0][:8]}"

    def identity(self, kpi_id: str) -> str:
        """What a KPI's results depend on in its definition: the whole of what the version marks.

        Beside the record, the code that it refers to and the plugin's version, these are the files
        of packages that are run from where they are written: code that is imported when it is first
        needed changes there without a new version.

        Raises:
            UnknownNameError: there is no such KPI.
        """
        from kpisdk.registry.fingerprint import fingerprint, source_files

        mark, packages = self._mark(one_id(kpi_id, self.kpis))
        return fingerprint(mark, source_files(packages))

    def _mark(self, known: str) -> tuple[str, frozenset[str]]:
        """The fingerprint of a KPI's whole definition, and the packages of its functions."""
        if known not in self._marks:
            from kpisdk.registry.fingerprint import fingerprint_and_packages

            kpi, owner = self.kpis[known], self._owners[known]
            self._marks[known] = fingerprint_and_packages(kpi, owner.distribution, owner.version)
        return self._marks[known]

    @cached_property
    def sources(self) -> Mapping[str, SourceKind]:
        """Kinds of source by name, those of the built-in plugins first."""
        return self._named.of("kpisdk_sources", SourceKind, "kind of source")

    @cached_property
    def engines(self) -> Mapping[str, Engine]:
        """Engines by their dialects, those of the built-in plugins first; made known by this."""
        from kpisdk.sql.rendering import register  # a listing needs no SQLAlchemy

        found = self._named.of("kpisdk_engines", Engine, "engine")
        for engine in found.values():
            register(engine)
        return found

    def kind_of(self, location: Any) -> SourceKind | None:
        """The kind of source that recognises a location, or ``None``.

        Kinds that plugins bring are asked first: the built-in ones recognise any text as a path.
        One that fails at it recognises nothing, and its plugin has failed.
        """
        for kind in reversed(tuple(self.sources.values())):
            try:
                if contained(lambda: bool(kind.accepts(location)), None):  # noqa: B023 - called here
                    return kind
            except KpisdkError as error:
                owner = self._named.owner("kpisdk_sources", kind.name)
                owner.fail(f"accepts of {kind.name!r}", error)
        return None

    @cached_property
    def caches(self) -> Mapping[str, CacheBackend]:
        """Cache backends by name."""
        return self._named.of("kpisdk_caches", CacheBackend, "cache backend")

    @cached_property
    def reports(self) -> Mapping[str, ReportFormat]:
        """Report formats by name."""
        return self._named.of("kpisdk_reports", ReportFormat, "report format")

    @cached_property
    def commands(self) -> Mapping[str, Any]:
        """Commands (``click.Command``) that plugins bring, by name."""
        import click  # only the command line gets here, and it has imported click already

        return self._named.of("kpisdk_commands", click.Command, "command")

    @cached_property
    def methods(self) -> Mapping[str, WorkspaceMethod]:
        """Methods of the workspace that plugins bring, by name."""
        return self._named.of("kpisdk_methods", WorkspaceMethod, "method of the workspace")

    @cached_property
    def settings_types(self) -> Mapping[str, type]:
        """The attrs class that fills ``[plugins.<name>]``, by the name of the plugin."""
        found = {}
        for plugin in self.plugins:
            try:
                answer = plugin.ask("kpisdk_settings")
                if answer is not None:
                    found[plugin.name] = attrs_class(answer)
            except Exception as error:  # noqa: BLE001 - a plugin's hook may raise anything
                plugin.fail("kpisdk_settings", error)
                self._unsettled[plugin.name] = described(error)
        return found

    def settings_fault(self, name: str) -> str | None:
        """Why it is not known what settings a plugin takes, or ``None``.

        Its KPIs cannot be computed then: without their settings they would answer for others.
        """
        _ = self.settings_types
        return self._unsettled.get(name)

    def extensions(self, hook: str) -> tuple[Extension, ...]:
        """What the plugins bring through a hook that one of them specifies, in their order.

        Each is asked once. One that fails is in the answer with its error, and in
        :attr:`problems`; a hook that nobody implements has no extensions.
        """
        if hook not in self._extensions:
            asked = (each for each in self.plugins if each.implements(hook))
            self._extensions[hook] = tuple(extension(each, hook) for each in asked)
        return self._extensions[hook]

    @cached_property
    def languages(self) -> Languages:
        """The languages in which the plugins say anything."""
        return Languages.of(self.plugins, self.kpis.values())

    @cached_property
    def _observers(self) -> Observers:
        return Observers(self.plugins)

    def announce(self, result: Result) -> tuple[Note, ...]:
        """Report a result to all observers (``kpisdk_computed``); a note for each that fails."""
        return self._observers.announce(result)

    def complete(self) -> None:
        """Ask every plugin everything, so that :attr:`problems` leaves nothing out."""
        _ = self.sources, self.engines, self.caches, self.reports, self.languages
        _ = self.commands, self.methods, self.settings_types

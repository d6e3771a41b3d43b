"""Plugins, settings, a source and a cache, wired; and the methods that compute with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs

from kpisdk.contracts.cache_backends import Cache
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Report
from kpisdk.contracts.time_windows import Window, WindowRule
from kpisdk.plugins import load_plugins
from kpisdk.registry import Registry
from kpisdk.registry.set_units import require_units_that_fit
from kpisdk.settings import Settings
from kpisdk.workspace.redaction import redacted

if TYPE_CHECKING:
    from kpisdk.contracts.calculators import Extension
    from kpisdk.contracts.source_kinds import Source
    from kpisdk.engine.availability import CheckReport
    from kpisdk.engine.context import ExecutionContext
    from kpisdk.engine.explain import Explanation
    from kpisdk.guardrails import GuardrailReport
    from kpisdk.workspace.helper_views import HelperViews
    from kpisdk.workspace.opening import OpenSource
    from kpisdk.workspace.other_sources import OtherSources


def _clock() -> datetime:
    return datetime.now(UTC)


class Workspace:
    """Registered KPIs over one source.

    Args:
        source: a name from the settings, a SQLAlchemy URL, a path or glob of CSV or Parquet files,
            an open DuckDB connection, a SQLAlchemy engine, or a mapping of table names to frames
            (pandas, polars, Arrow tables, DuckDB relations); by default the settings' own.
        settings: a record, or the path of a settings file; by default the nearest one upwards.
        plugins: further plugins as objects, beside the installed ones and the definition files
            that the settings name.
        cache: a cache, the name of a backend, or ``"off"``; by default the settings' own, else
            memory.
        clock: what "now" is; an argument so that tests and replays can fix it.
        tables: datasets to the tables that hold them in the source, before what the settings say.

    A workspace opens nothing until it has to, and can be used as a context manager.

    Raises:
        SettingsError: the settings have faults, or name units that KPIs do not have.
    """

    def __init__(
        self,
        source: object | None = None,
        *,
        settings: Settings | str | Path | None = None,
        plugins: Sequence[object] = (),
        cache: Cache | str | None = None,
        clock: Callable[[], datetime] = _clock,
        tables: Mapping[str, str] | None = None,
    ) -> None:
        from kpisdk.workspace.opening import settings_from

        self._location = source
        self._clock = clock
        self._cache_given = cache
        self._tables = dict(tables or {})
        self._cache: Cache | None = None
        self._opened: OpenSource | None = None
        self._elsewhere: OtherSources | None = None
        self.settings = settings_from(settings)
        timeout = float(self.settings.plugin_timeout)
        loaded = load_plugins(plugins, settings=self.settings, timeout=timeout)
        self.registry = Registry(loaded)
        require_units_that_fit(self.settings, self.registry)

    @property
    def cache(self) -> Cache | None:
        """The cache in force, opened when first needed."""
        if self._cache is None:
            from kpisdk.workspace.opening import open_cache

            self._cache = open_cache(self._cache_given, self.settings, self.registry)
        return self._cache

    def now(self) -> datetime:
        """What the workspace's clock says: the instant that a computation would be made at."""
        return self._clock()

    def extensions(self, hook: str) -> tuple[Extension, ...]:
        """What the plugins of this workspace bring through a hook that one of them specifies."""
        return self.registry.extensions(hook)

    def open_source(self) -> Source:
        """The source, opened when first needed (its sessions open for one request each)."""
        return self._open().source

    def _open(self) -> OpenSource:
        if self._opened is None:
            from kpisdk.workspace.opening import open_source

            self._opened = open_source(self._location, self.settings, self.registry, self._tables)
        return self._opened

    def request(
        self,
        *kpi_ids: str,
        workstream: str | None = None,
        window: str | Window | WindowRule | None = None,
        as_of: str | datetime | None = None,
        where: Mapping[str, Any] | None = None,
        by: Sequence[str] | str = (),
        grain: str | None = None,
        compare: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        fuse: bool = True,
        use_cache: bool = True,
        use_views: bool = True,
        max_groups: int | None = None,
        intervals: str = "unit",
        family: str | None = None,
        repeated: bool = False,
    ) -> Request:
        """The request that these arguments make; see :meth:`compute`."""
        from kpisdk.workspace.window_arguments import instant, rule

        chosen = self.registry.resolve(kpi_ids, workstream, not kpi_ids and workstream is None)
        return Request(
            kpi_ids=chosen,
            window=rule(window),
            as_of=instant(as_of),
            where=where or {},
            by=by,
            grain=grain,
            compare=compare,
            parameters=parameters or {},
            fuse=fuse,
            use_cache=use_cache,
            use_views=use_views,
            max_groups=self.settings.max_groups if max_groups is None else max_groups,
            intervals=intervals,
            family=family,
            repeated=repeated,
            everything=set(chosen) == set(self.registry.kpis),
        )

    def compute(
        self,
        *kpi_ids: str,
        progress: Callable[[str, int, int], None] | None = None,
        **arguments: Any,
    ) -> Report:
        """Compute KPIs: at least one result for each, whatever happens to any of them.

        Args:
            *kpi_ids: ids; without any (and without ``workstream``) all registered KPIs.
            workstream: a workstream or its prefix, instead of ids.
            window: a text such as ``last 30 days``, a :class:`~kpisdk.Window`, or a rule; by
                default each KPI's own.
            as_of: the instant of the question; by default each KPI's data frontier.
            where: columns to the value or values that rows must have.
            by: columns to group by.
            grain: ``day``, ``week``, ``month``, ``quarter`` or ``year``: one result per bucket.
            compare: ``previous`` or ``year``: the change against that period.
            parameters: values of the KPIs' parameters.
            fuse: share statements between KPIs (the numbers are the same either way).
            use_cache: look in the cache first, and keep what was computed.
            use_views: let helper views answer where they give the same number.
            max_groups: how many groups (and buckets of them) a KPI is cut into at most; one of more
                is absent. By default the settings' own, else 10,000.
            intervals: what they take for independent: ``unit``, the unit of each KPI's sampling;
                ``row``, every row; ``none`` computes no intervals.
            family: which procedure decides many statuses together: ``holm`` (the default for
                ``by``), ``bh`` (the default for all KPIs), or ``none``.
            repeated: take always-valid intervals, for those who look again and again.
            progress: called with (what, done, total) as the computation goes on.

        Raises:
            UsageError: a name, window, instant or parameter that is not one.
            SourceUnavailableError: the source does not exist. One that refuses connections gives
                absent results instead.
        """
        from kpisdk.engine.execution import compute

        request = self.request(*kpi_ids, **arguments)
        # A plugin's calculation may put anything into its messages, a secret of settings as well.
        report = redacted(compute(request, self._context(progress)), self.settings.redact)
        notes = (*self._open().notes, *report.warnings)
        return attrs.evolve(report, warnings=notes, request=request)

    def explain(self, *kpi_ids: str, **arguments: Any) -> Explanation:
        """The statements that :meth:`compute` would run for the same arguments, and why those."""
        from kpisdk.engine.explain import explain

        arguments.pop("progress", None)
        return explain(self.request(*kpi_ids, **arguments), self._context(None))

    def guardrails(
        self,
        *kpi_ids: str,
        by: str | None = None,
        window: str | Window | WindowRule | None = None,
        baseline: str | Window | WindowRule | None = None,
        against: str | None = None,
        order: Sequence[Any] | None = None,
        segments: Sequence[str] | None = None,
        **arguments: Any,
    ) -> GuardrailReport:
        """Whether KPIs improved at the cost of their guardrails, group by group or over time.

        Args:
            *kpi_ids: the principals; without any, all KPIs that name a guardrail.
            by: a column whose groups are compared.
            window: the later of two windows to compare, instead of groups.
            baseline: the earlier one.
            against: ``previous`` (group) or ``rest`` (all other groups together); by default the
                previous one where the groups' names follow an order, as those of cohorts do.
            order: the groups of ``by`` from first to last, where their names do not tell.
            segments: columns in whose groups the changes are looked at again, for a whole that
                improves while its parts get worse; by default those that the records name.
            **arguments: ``where``, ``as_of``, ``parameters`` … as :meth:`compute` takes them.

        Raises:
            UsageError: neither a column nor two windows, or both; no KPI with a guardrail.
        """
        from kpisdk.guardrails import Guard, compare, pairs_of

        kpis = self.registry.kpis
        chosen = self.registry.resolve(kpi_ids) if kpi_ids else tuple(kpis)
        guard = Guard(self.compute, pairs_of(chosen, kpis), arguments)
        return compare(
            guard,
            by=by,
            window=window,
            baseline=baseline,
            against=against,
            order=order,
            segments=segments,
        )

    def check(self, *kpi_ids: str, workstream: str | None = None) -> CheckReport:
        """Which KPIs the source can answer, and why not: each is run, and the cache is left out.

        Args:
            *kpi_ids: ids; without any (and without ``workstream``) all registered KPIs.
            workstream: a workstream or its prefix, instead of ids.
        """
        from kpisdk.engine.availability import check

        chosen = self.registry.resolve(kpi_ids, workstream, not kpi_ids and workstream is None)
        return check(chosen, self._context(None))

    @property
    def views(self) -> HelperViews:
        """The helper views of the source, to create, drop, show and refresh."""
        from kpisdk.workspace.helper_views import HelperViews

        return HelperViews(self._context(None))

    def __getattr__(self, name: str) -> Any:
        from kpisdk.workspace.brought_methods import brought

        return brought(self, self.__dict__.get("registry"), name)

    def _context(self, progress: Callable[[str, int, int], None] | None) -> ExecutionContext:
        from kpisdk.engine.context import ExecutionContext
        from kpisdk.engine.definitions import Definitions
        from kpisdk.workspace.other_sources import is_kept, other_sources

        opened = self._open()
        asked = self._cache_given is not None or self.settings.cache.backend is not None
        if self._elsewhere is None:
            self._elsewhere = other_sources(opened, self.settings, self.registry, asked=asked)
        return ExecutionContext(
            Definitions(self.registry, self.settings),
            opened.source,
            opened.settings.tables,
            self.cache if is_kept(opened.source, asked=asked) else None,
            self._clock,
            progress,
            float(self.settings.calculator_timeout),
            self._elsewhere,
        )

    def close(self) -> None:
        """Forget the opened source; nothing of it is held between requests."""
        self._opened = self._elsewhere = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

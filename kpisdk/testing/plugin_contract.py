"""The contract that every plugin keeps: a class of tests, to be inherited in six lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from kpisdk.testing.benches import Bench
from kpisdk.testing.checks import (
    declarations,
    doors,
    edges,
    effects,
    hostility,
    outside,
    parts,
    processes,
    values,
)
from kpisdk.testing.checks.applying import Faults
from kpisdk.testing.outcomes import (
    INAPPLICABLE,
    UNPROVED,
    NoSubjectError,
    exempt,
    exemption_faults,
    judge,
    unproved,
)
from kpisdk.testing.subjects import Subject

AS_OF = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
"""The instant of all questions, unless the contract says otherwise: a month's first midnight."""


class PluginContract:
    """What every plugin promises: inherit from it, name the plugin, and pytest does the rest.

    ::

        from kpisdk.testing import PluginContract
        from kpisdk_hello import plugin

        class TestContract(PluginContract):
            plugin = plugin

    Rows are made from the datasets that the KPIs declare: keys, references, times on the edges of
    windows, holes, odd texts, and the values that the KPIs' expressions name. A plugin that needs
    more says so in the attributes below, or brings rows of its own by overriding :meth:`frames`.
    What a KPI cannot have (months without a time column, say) is skipped with the reason; nothing
    passes silently.

    Every test is a check, and its name is stable. Of the plugin as a whole: ``hooks``,
    ``exemptions``, ``door_names``, ``settings_default``, ``source_kinds``, ``commands``,
    ``observers``, ``light_import``, ``same_elsewhere``, ``asked_twice``. Of each KPI:
    ``ids_and_names``, ``thresholds``, ``dictionary``, ``datasets``, ``sampling``, ``gets_a_value``,
    ``holds_together``, ``deterministic``, ``engines_agree``, ``future_rows``, ``empty_tables``,
    ``missing_tables``, ``missing_values``, ``zero_denominator``, ``infinite_values``,
    ``not_a_number``, ``slices_are_filters``, ``slices_add_up``, ``months_are_windows``,
    ``hostile_filters``, ``hostile_parameters``, ``inputs_unchanged``,
    ``reads_are_named``.

    Attributes:
        plugin: the module (or object) with the hooks.
        settings: what ``[plugins.<name>]`` of the settings says.
        parameters: KPI id -> values of its parameters.
        where: KPI id -> filters that it needs (those of ``requires`` are found).
        values: what columns hold, by ``table.column`` or ``column``, where the expressions do not
            tell (what ``build`` or a calculator compares is Python): values to draw from.
        as_of: the instant of all questions, UTC; rows lie before it.
        rows: how many rows each table has.
        engines: where the KPIs must give what pandas frames give; with SQLite among them, checks
            that are about one engine look there, and on frames otherwise.
        skip: check -> KPI id -> why the check cannot hold of it; shown in every run.
    """

    contract_of: ClassVar[str] = "plugin"

    plugin: ClassVar[Any] = None
    settings: ClassVar[Mapping[str, Any]] = {}
    parameters: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    where: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    values: ClassVar[Mapping[str, Sequence[Any]]] = {}
    as_of: ClassVar[dt.datetime] = AS_OF
    rows: ClassVar[int] = 200
    engines: ClassVar[Sequence[str]] = ("duckdb", "sqlite", "postgresql")
    skip: ClassVar[Mapping[str, Mapping[str, str]]] = {}

    def frames(self) -> Mapping[str, Any]:
        """Rows of your own, pandas frames by table; tables that you leave out are made."""
        return {}

    @classmethod
    def subject(cls) -> Subject:
        """The plugin as the SDK sees it, loaded once a class."""
        if cls.plugin is None:
            raise NoSubjectError(cls.__name__, "plugin")
        known = cls.__dict__.get("_subject")
        if known is None:
            known = Subject(cls.plugin, cls.settings)
            cls._subject = known
        return known

    _subject: ClassVar[Subject | None] = None

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """One test a KPI, and for the comparison of engines one a KPI and engine."""
        wanted = [each for each in ("kpi_id", "engine") if each in metafunc.fixturenames]
        if not wanted:
            return
        subject = type(self).subject()
        if not subject.kpis:
            metafunc.parametrize(wanted, [nothing_to_check(subject, len(wanted))])
            return
        metafunc.parametrize("kpi_id", list(subject.kpis))
        if "engine" in wanted:
            metafunc.parametrize("engine", list(self.engines))

    def _judge(self, bench: Bench, check: Callable[[Bench], Faults], name: str) -> None:
        exempt(self.skip, name, bench.subject.plugin.name)
        if bench.subject.plugin.error is not None and name not in ("hooks", "exemptions"):
            unproved(NOT_LOADED)
        judge(name, f"plugin {bench.subject.plugin.name!r}", lambda: check(bench))

    def _judge_kpi(
        self, bench: Bench, check: Callable[..., Faults], kpi_id: str, *more: str
    ) -> None:
        name = check.__name__
        exempt(self.skip, name, kpi_id)
        judge(name, kpi_id, lambda: check(bench, kpi_id, *more))

    def test_hooks(self, contract_bench: Bench) -> None:
        """Every hook exists, is marked, and answers with the records that it is for."""
        self._judge(contract_bench, declarations.hooks, "hooks")

    def test_exemptions(self, contract_bench: Bench) -> None:
        """What ``skip`` names exists, and has a reason."""
        subject = contract_bench.subject
        checks = [each.removeprefix("test_") for each in dir(self) if each.startswith("test_")]
        known = [*subject.kpis, subject.plugin.name]
        self._judge(
            contract_bench, lambda _: iter(exemption_faults(self.skip, checks, known)), "exemptions"
        )

    def test_door_names(self, contract_bench: Bench) -> None:
        """Sources, caches, reports and commands have names that can be typed and are free."""
        self._judge(contract_bench, doors.names, "door_names")

    def test_settings_default(self, contract_bench: Bench) -> None:
        """The plugin works where nobody has written settings for it."""
        self._judge(contract_bench, declarations.settings, "settings_default")

    def test_source_kinds(self, contract_bench: Bench) -> None:
        """A kind of source says yes or no to any location, and not always yes."""
        self._judge(contract_bench, doors.source_kinds, "source_kinds")

    def test_commands(self, contract_bench: Bench) -> None:
        """Every command has a help text, and ``--help`` works all the way down."""
        self._judge(contract_bench, doors.commands, "commands")

    def test_observers(self, contract_bench: Bench) -> None:
        """An observer takes every kind of result, and leaves it as it is."""
        self._judge(contract_bench, doors.observers, "observers")

    def test_light_import(self, contract_bench: Bench) -> None:
        """Importing the plugin and asking what it brings imports nothing heavy."""
        self._judge(contract_bench, processes.light_import, "light_import")

    def test_same_elsewhere(self, contract_bench: Bench) -> None:
        """A new process gives every KPI the same definition."""
        self._judge(contract_bench, processes.same_elsewhere, "same_elsewhere")

    def test_asked_twice(self, contract_bench: Bench) -> None:
        """Asked again, the plugin brings the same KPIs with the same definitions."""
        self._judge(contract_bench, declarations.asked_twice, "asked_twice")

    def test_ids_and_names(self, contract_bench: Bench, kpi_id: str) -> None:
        """The id is the KPI's alone, and its names and texts are ready to be shown."""
        self._judge_kpi(contract_bench, declarations.ids_and_names, kpi_id)

    def test_thresholds(self, contract_bench: Bench, kpi_id: str) -> None:
        """Target, warning and critical are values that the KPI can take."""
        self._judge_kpi(contract_bench, declarations.thresholds, kpi_id)

    def test_dictionary(self, contract_bench: Bench, kpi_id: str) -> None:
        """The dictionary has what it needs, in every language that the KPI is written in."""
        self._judge_kpi(contract_bench, declarations.dictionary, kpi_id)

    def test_datasets(self, contract_bench: Bench, kpi_id: str) -> None:
        """The tables that the KPI reads are declared in one way."""
        self._judge_kpi(contract_bench, declarations.datasets, kpi_id)

    def test_sampling(self, contract_bench: Bench, kpi_id: str) -> None:
        """The record says what its rows are a sample of; what it leaves open is asked for."""
        self._judge_kpi(contract_bench, declarations.sampling, kpi_id)

    def test_gets_a_value(self, contract_bench: Bench, kpi_id: str) -> None:
        """On ordinary rows the KPI has a value: without one, nothing else proves anything."""
        self._judge_kpi(contract_bench, values.gets_a_value, kpi_id)

    def test_holds_together(self, contract_bench: Bench, kpi_id: str) -> None:
        """Value, interval, n, numerator and denominator agree, and all of it can be stored."""
        self._judge_kpi(contract_bench, values.holds_together, kpi_id)

    def test_deterministic(self, contract_bench: Bench, kpi_id: str) -> None:
        """Asked again, alone, or of the same rows in another order: the same answer."""
        self._judge_kpi(contract_bench, values.deterministic, kpi_id)

    def test_engines_agree(self, contract_bench: Bench, kpi_id: str, engine: str) -> None:
        """DuckDB, SQLite and PostgreSQL give what pandas frames give."""
        self._judge_kpi(contract_bench, values.engines_agree, kpi_id, engine)

    def test_future_rows(self, contract_bench: Bench, kpi_id: str) -> None:
        """Rows at or after the instant of the question change nothing."""
        self._judge_kpi(contract_bench, values.future_rows, kpi_id)

    def test_empty_tables(self, contract_bench: Bench, kpi_id: str) -> None:
        """Tables without a row give no value, and a reason."""
        self._judge_kpi(contract_bench, edges.empty_tables, kpi_id)

    def test_missing_tables(self, contract_bench: Bench, kpi_id: str) -> None:
        """A source without its tables gives no value, and the reason names what is missing."""
        self._judge_kpi(contract_bench, edges.missing_tables, kpi_id)

    def test_missing_values(self, contract_bench: Bench, kpi_id: str) -> None:
        """Columns without a value give no value, and a reason: a NULL is no zero."""
        self._judge_kpi(contract_bench, edges.missing_values, kpi_id)

    def test_zero_denominator(self, contract_bench: Bench, kpi_id: str) -> None:
        """Where no row counts there is no value, in the formula and in a slice without rows."""
        self._judge_kpi(contract_bench, edges.zero_denominator, kpi_id)

    def test_infinite_values(self, contract_bench: Bench, kpi_id: str) -> None:
        """Infinities give no value and a reason, where the value is made of them."""
        self._judge_kpi(contract_bench, edges.infinite_values, kpi_id)

    def test_not_a_number(self, contract_bench: Bench, kpi_id: str) -> None:
        """Not-a-numbers give no value and a reason, where the value is made of them."""
        self._judge_kpi(contract_bench, edges.not_a_number, kpi_id)

    def test_slices_are_filters(self, contract_bench: Bench, kpi_id: str) -> None:
        """The slice of a value is what filtering on that value gives."""
        self._judge_kpi(contract_bench, parts.slices_are_filters, kpi_id)

    def test_slices_add_up(self, contract_bench: Bench, kpi_id: str) -> None:
        """Counts and sums of the slices add up to those of the whole."""
        self._judge_kpi(contract_bench, parts.slices_add_up, kpi_id)

    def test_months_are_windows(self, contract_bench: Bench, kpi_id: str) -> None:
        """The bucket of a month is what asking for that month gives."""
        self._judge_kpi(contract_bench, parts.months_are_windows, kpi_id)

    def test_hostile_filters(self, contract_bench: Bench, kpi_id: str) -> None:
        """As a filter, a hostile word finds what any word finds that no row has: nothing."""
        self._judge_kpi(contract_bench, hostility.hostile_filters, kpi_id)

    def test_hostile_parameters(self, contract_bench: Bench, kpi_id: str) -> None:
        """As a parameter, a hostile word means no more than any other unknown word."""
        self._judge_kpi(contract_bench, hostility.hostile_parameters, kpi_id)

    def test_inputs_unchanged(self, contract_bench: Bench, kpi_id: str) -> None:
        """Rows, settings, random numbers, environment and folder are as they were before."""
        self._judge_kpi(contract_bench, effects.inputs_unchanged, kpi_id)

    def test_reads_are_named(self, contract_bench: Bench, kpi_id: str) -> None:
        """What a calculator reads beside its rows is named, and its change changes the answer."""
        self._judge_kpi(contract_bench, outside.reads_are_named, kpi_id)


NO_KPI = "no KPI"
NOT_LOADED = "the plugin could not be loaded; the check `hooks` says why"


def nothing_to_check(subject: Subject, number: int) -> Any:
    """The ``number`` parameters of a check of KPIs where there are none: a skip that says why."""
    import pytest

    reason = f"{INAPPLICABLE}the plugin brings no KPIs"
    if subject.plugin.error is not None:
        reason = f"{UNPROVED}{NOT_LOADED}"
    return pytest.param(*[""] * number, marks=pytest.mark.skip(reason=reason), id=NO_KPI)

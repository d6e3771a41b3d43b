"""What a KPI's record carries may do anything: its KPI is absent with a reason, others stand."""

from __future__ import annotations

import os
import sys
import threading

import attrs
import pytest

from kpisdk import (
    Calculator,
    Estimate,
    Formula,
    FrameInput,
    Reason,
    Settings,
    Simple,
    Status,
    Workspace,
    count,
    hookimpl,
)

HANGS = threading.Event()


@pytest.fixture(autouse=True)
def released():
    """What hangs in a test goes on when it is over."""
    HANGS.clear()
    yield
    HANGS.set()


class UnspeakableError(Exception):
    """An exception without words."""

    def __str__(self):
        raise SystemExit(0)


def exits(*_):
    sys.exit(0)


def interrupts(*_):
    raise KeyboardInterrupt


def is_unspeakable(*_):
    raise UnspeakableError


def hangs(*_):
    HANGS.wait()


FAULTS = pytest.mark.parametrize(
    ("fault", "reason", "told"),
    [
        (exits, Reason.CALCULATOR_FAILED, "SystemExit: 0"),
        (interrupts, Reason.CALCULATOR_FAILED, "KeyboardInterrupt"),
        (is_unspeakable, Reason.CALCULATOR_FAILED, "its words cannot be read"),
        (hangs, Reason.TIMEOUT, "calculator_timeout"),
    ],
)


class Brought:
    """A plugin with these KPIs."""

    name = "evil"

    def __init__(self, *kpis, settings=None):
        self._kpis, self._settings = kpis, settings

    @hookimpl
    def kpisdk_kpis(self):
        """The KPIs."""
        return self._kpis

    @hookimpl
    def kpisdk_settings(self):
        """The class of its settings, or what happens instead."""
        return self._settings() if callable(self._settings) else None


@pytest.fixture
def computed(make, visits, table, now):
    """``computed(calculation)``: the result of a KPI made so, beside one that counts rows."""
    frames = {"core_visits": table({})}

    def compute(calculation, settings=None):
        good = attrs.evolve(make(Simple(count(visits))), id="CORE-GOOD", unit="count")
        evil = attrs.evolve(make(calculation), id="CORE-EVIL")
        patience = Settings(plugin_timeout=5.0, calculator_timeout=0.1)
        plugins = [Brought(evil, settings=settings), Good(good)]
        with Workspace(
            frames, plugins=plugins, settings=patience, clock=lambda: now, cache="memory"
        ) as workspace:
            report = workspace.compute("CORE-EVIL", "CORE-GOOD", window="all")
        found = {each.kpi_id: each for each in report.results}
        assert found["CORE-GOOD"].value is not None
        return found["CORE-EVIL"]

    return compute


class Good(Brought):
    """A plugin that behaves."""

    name = "good"


@FAULTS
def test_a_calculator_that_does_not_return(computed, visits, fault, reason, told):
    """Its KPI is absent; a hang is a time-out that says which setting raises it."""
    found = computed(Calculator(fault, (FrameInput("rows", visits, ("site",)),), visits))

    assert (found.value, found.status, found.reason) == (None, Status.UNKNOWN, reason)
    assert told in found.message


@FAULTS
def test_inputs_that_are_not_named(computed, visits, fault, reason, told):
    """The function that names a calculator's inputs is a stranger's as well."""
    found = computed(Calculator(lambda _: Estimate.of(1.0), fault, visits))

    assert (found.value, found.reason) == (None, reason)
    assert told in found.message


@FAULTS
def test_a_formula_that_does_not_return(computed, visits, fault, reason, told):
    """So is the function of a metric."""
    found = computed(Formula({"n": count(visits)}, fault))

    assert (found.value, found.reason) == (None, reason)
    assert told in found.message


@pytest.mark.parametrize("fault", [exits, interrupts, is_unspeakable, hangs])
def test_a_state_that_is_not_told_costs_the_cache_alone(computed, visits, fault):
    """Without it nothing is kept; the value stands."""
    calculator = Calculator(lambda _: Estimate.of(0.5), (), visits, state=fault)

    assert computed(calculator).value == 0.5


@pytest.mark.parametrize("fault", [exits, interrupts, is_unspeakable])
def test_settings_that_are_not_told_stop_the_plugins_kpis(computed, visits, fault):
    """Without the user's settings they would be other KPIs, and nobody would know."""
    found = computed(Calculator(lambda _: Estimate.of(0.5), (), visits), settings=fault)

    assert (found.value, found.reason) == (None, Reason.CALCULATOR_FAILED)
    assert "settings" in found.message


def test_settings_that_refuse_to_be_made_stop_the_plugins_kpis(computed, visits):
    """A validator of the plugin's class runs when the settings are read."""

    @attrs.frozen
    class Odd:
        place: str = attrs.field(default="", validator=exits)

    found = computed(Calculator(lambda _: Estimate.of(0.5), (), visits), settings=lambda: Odd)

    assert (found.value, found.reason) == (None, Reason.CALCULATOR_FAILED)
    assert "SystemExit" in found.message


class Odd:
    """Something that cannot be shown."""

    __str__ = __repr__ = exits


@pytest.mark.parametrize(
    "made",
    [
        lambda: Estimate.of(0.5, details={"what": Odd()}),
        lambda: Estimate.of(0.5, warnings=(Odd(),)),
        lambda: Estimate(None, Reason.NO_ROWS, Odd()),
        Odd,
    ],
    ids=["details", "warnings", "message", "no estimate"],
)
def test_an_estimate_with_objects_that_cannot_be_shown_is_a_fault(computed, visits, made):
    """They are turned into plain values where the function runs, and not in the report."""
    found = computed(Calculator(lambda _: made(), (), visits))

    assert (found.value, found.reason) == (None, Reason.CALCULATOR_FAILED)


def test_what_a_calculator_changes_of_the_process_is_put_back_and_told(computed, visits, capsys):
    """The value stands, with a warning; what it prints is not in the report's way."""

    def meddles(_):
        print("hello")
        os.environ["KPISDK_SOURCE"] = "elsewhere"
        return Estimate.of(0.5)

    found = computed(Calculator(meddles, (), visits))

    assert found.value == 0.5
    assert [each.code for each in found.warnings] == ["side_effect"]
    assert "KPISDK_SOURCE" in found.warnings[0].message
    assert "KPISDK_SOURCE" not in os.environ
    out, err = capsys.readouterr()
    assert (out, err) == ("", "hello\n")


class OddWindow:
    """A window rule that does not answer."""

    label = "odd"

    def resolve(self, as_of):
        sys.exit(0)


class OddMetric:
    """A metric whose measures are asked for once more than it likes."""

    def __init__(self, visits):
        self._measures = {"n": count(visits)}
        self.patient = True

    def measures(self):
        return self._measures if self.patient else exits()

    def concepts(self):
        return ()

    def follow_ups(self, values):
        return {}

    def estimate(self, values):
        return Estimate.of(values["n"])


def test_a_window_rule_that_does_not_answer_stops_its_kpi(make, visits, table, now):
    """The rule is part of the record as well."""
    evil = attrs.evolve(
        make(Simple(count(visits))), id="CORE-EVIL", unit="count", window=OddWindow()
    )
    good = attrs.evolve(make(Simple(count(visits))), id="CORE-GOOD", unit="count")
    with Workspace(
        {"core_visits": table({})}, plugins=[Brought(evil, good)], clock=lambda: now, cache="off"
    ) as workspace:
        found = {each.kpi_id: each for each in workspace.compute("CORE-EVIL", "CORE-GOOD")}

    assert found["CORE-EVIL"].reason is Reason.CALCULATOR_FAILED
    assert "SystemExit: 0" in found["CORE-EVIL"].message
    assert found["CORE-GOOD"].value is not None


def test_a_metric_that_does_not_name_its_measures_stops_its_kpi(make, visits, table, now):
    """Whoever calls it: it is a stranger's method."""
    metric = OddMetric(visits)
    evil = attrs.evolve(make(metric), id="CORE-EVIL", unit="count")
    good = attrs.evolve(make(Simple(count(visits))), id="CORE-GOOD", unit="count")
    with Workspace(
        {"core_visits": table({})}, plugins=[Brought(evil, good)], clock=lambda: now, cache="off"
    ) as workspace:
        workspace.compute("CORE-GOOD")
        metric.patient = False
        found = {each.kpi_id: each for each in workspace.compute("CORE-EVIL", "CORE-GOOD")}

    assert found["CORE-EVIL"].reason is Reason.CALCULATOR_FAILED
    assert found["CORE-GOOD"].value is not None

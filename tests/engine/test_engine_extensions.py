"""A calculator reaches the plugins of its own workspace, and its kept answer depends on them."""

from __future__ import annotations

import pytest

from kpisdk import Calculator, Estimate, FrameInput, Workspace, hookimpl, hookspec
from kpisdk.builtin.caches.memory_cache import MemoryCache

HOOK = "kpisdk_core_numbers"
FAULT = "no licence"


class Door:
    """A plugin that specifies a hook of its own, and brings a KPI that asks it."""

    name = "door"

    def __init__(self, kpi):
        self._kpi = kpi

    @hookimpl
    def kpisdk_kpis(self):
        """The KPI."""
        return [self._kpi]

    @hookimpl
    def kpisdk_addhooks(self, manager):
        """The hook: numbers to add up."""

        class Specification:
            @hookspec
            def kpisdk_core_numbers(self):
                """Numbers."""

        manager.add_hookspecs(Specification)


class Numbers:
    """A plugin that brings numbers through that hook, or what it raises."""

    def __init__(self, *numbers, version="1.0", name="numbers"):
        self._numbers, self.__version__, self.name = numbers, version, name

    @hookimpl
    def kpisdk_core_numbers(self):
        """The numbers; a text is a complaint."""
        for number in self._numbers:
            if number == FAULT:
                raise ValueError(FAULT)
            yield number


def summed(inputs):
    """The sum of all numbers that the workspace's plugins bring."""
    brought = inputs.extensions(HOOK)
    faults = [each.error for each in brought if each.error is not None]
    total = sum(number for each in brought for number in each.records)
    return Estimate.of(float(total), details={"faults": faults})


@pytest.fixture
def asked(make, visits, table, now):
    """``asked(*plugins, hooks=…)``: the sum in a workspace of its own, one cache behind."""
    cache, frames = MemoryCache(), {"core_visits": table({})}

    def ask(*plugins, hooks=(HOOK,)):
        rows = FrameInput("rows", visits, ("site",))
        kpi = make(Calculator(summed, (rows,), visits, extensions=hooks))
        workspace = Workspace(frames, plugins=[Door(kpi), *plugins], cache=cache, clock=lambda: now)
        workspace.open_source()._fingerprint = "the same rows"
        return workspace.compute(kpi.id)[0]

    return ask


def test_a_calculator_reaches_the_plugins_of_its_own_workspace(asked):
    """And of no other one: an earlier workspace leaves nothing behind."""
    assert asked().value == 0
    assert asked(Numbers(3, 4)).value == 7
    assert asked().value == 0
    assert asked(Numbers(1), Numbers(2, name="more")).value == 3


@pytest.mark.parametrize(
    "other",
    [Numbers(2, version="1.1"), Numbers(2, name="renamed"), Numbers(3), Numbers(FAULT)],
    ids=["version", "name", "record", "failure"],
)
def test_who_extends_it_is_part_of_what_a_kept_result_depends_on(asked, other):
    """Another version, plugin or record makes a new result; the same ones find the old one."""
    asked(Numbers(2))

    assert not asked(other).cached
    assert asked(Numbers(2)).cached


def test_a_hook_that_the_calculator_does_not_name_keeps_nothing(asked):
    """Nobody could tell that its answer has changed."""
    assert asked(Numbers(2), hooks=()).value == 2

    again = asked(Numbers(5), hooks=())

    assert (again.value, again.cached) == (5, False)


def test_a_plugin_that_fails_is_told_and_costs_the_others_nothing(asked):
    """The calculator learns why, and the installation's problems name it."""
    found = asked(Numbers(FAULT), Numbers(2, name="more"))

    assert found.value == 2
    assert found.details == {"faults": ["ValueError: no licence"]}


def test_a_workspace_says_what_extends_it(make, table):
    """The same door, for commands and scripts; the failure is among the registry's problems."""
    workspace = Workspace(
        {"core_visits": table({})},
        plugins=[Door(make()), Numbers(FAULT), Numbers(2, version="3.1", name="more")],
    )

    failed, more = workspace.extensions(HOOK)

    assert (failed.plugin, failed.records) == ("numbers", ())
    assert (more.plugin, more.version, more.records) == ("more", "3.1", (2,))
    assert any(FAULT in problem.what for problem in workspace.registry.problems)
    assert workspace.extensions("kpisdk_nobody_has_it") == ()

"""Quarantined plugins: one that exits, raises anything, hangs or meddles costs itself alone."""

import sys
import threading
from types import ModuleType

import pytest

from kpisdk.contracts.cache_backends import CacheBackend
from kpisdk.hookspecs import hookimpl
from kpisdk.plugins import PluginState, load_plugins
from kpisdk.registry import Registry
from kpisdk.settings import Settings

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


def exits():
    sys.exit(0)


def interrupts():
    raise KeyboardInterrupt


def is_rude():
    raise BaseException("rude")  # noqa: TRY002 - that is the subject


def is_unspeakable():
    raise UnspeakableError


def hangs():
    HANGS.wait()


FAULTS = pytest.mark.parametrize(
    ("fault", "told"),
    [
        (exits, "SystemExit: 0"),
        (interrupts, "KeyboardInterrupt"),
        (is_rude, "BaseException: rude"),
        (is_unspeakable, "its words cannot be read"),
        (hangs, "did not come back within 0.05 s"),
    ],
)


class Good:
    """A plugin that works."""

    name = "good"

    @hookimpl
    def kpisdk_kpis(self):
        return []


def plugin(hook, call):
    """A plugin with that one hook, which makes that call."""
    module = ModuleType("evil")
    arguments = {
        "kpisdk_computed": "result",
        "kpisdk_addhooks": "manager",
        "kpisdk_plugins": "settings",
    }.get(hook, "")
    space = {"call": call, "hookimpl": hookimpl}
    exec(f"@hookimpl\ndef {hook}({arguments}):\n    call()\n", space)  # noqa: S102 - any name
    setattr(module, hook, space[hook])
    return module


def loaded(*plugins):
    """These plugins and no other ones, with little patience."""
    return load_plugins(plugins, entry_points=(), builtins=(), timeout=0.05, settings=Settings())


@FAULTS
@pytest.mark.parametrize(
    "hook",
    [
        "kpisdk_kpis",
        "kpisdk_sources",
        "kpisdk_engines",
        "kpisdk_plugins",
        "kpisdk_caches",
        "kpisdk_reports",
        "kpisdk_commands",
        "kpisdk_methods",
        "kpisdk_settings",
        "kpisdk_addhooks",
    ],
)
def test_a_hook_that_does_not_return_fails_its_plugin_alone(hook, fault, told):
    """Nothing that it raises comes through, and the plugin says what was wrong, and where."""
    evil, good = found = loaded(plugin(hook, fault), Good())

    registry = Registry(found)
    registry.complete()

    where = "on registration" if hook == "kpisdk_addhooks" else hook
    assert evil.state is PluginState.FAILED
    assert evil.error.startswith(f"{where}: ")
    assert told in evil.error
    assert good.state is PluginState.ACTIVE
    assert [each.where for each in registry.problems] == ["plugin 'evil' (in this process 0)"]
    unheard = [each.name for each in registry.unheard]
    silent = ("kpisdk_kpis", "kpisdk_addhooks", "kpisdk_plugins")
    assert unheard == (["evil"] if hook in silent else [])


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("raise BaseException('rude')", "BaseException: rude"),
        ("import threading; threading.Event().wait(1)", "did not come back within 0.2 s"),
    ],
)
def test_a_module_that_does_not_come_up_fails_its_plugin_alone(site, source, told):
    """Also one that waits for ever: it is left behind."""
    name = f"plug_never_up_{len(source)}"
    site.install("kpisdk-evil", "1", name, source)

    (found,) = load_plugins(entry_points=site.points(), builtins=(), timeout=0.2)

    assert found.error.startswith("on import: ")
    assert told in found.error


def test_a_generator_that_raises_midway_brings_nothing():
    """Half of a plugin's KPIs would look like all of them."""

    class Evil:
        name = "evil"

        @hookimpl
        def kpisdk_kpis(self):
            yield None
            sys.exit(0)

    found = loaded(Evil())

    assert Registry(found).kpis == {}
    assert found["evil"].error == "kpisdk_kpis: SystemExit: 0"


@pytest.mark.parametrize("answer", [5, "plugins", object()])
def test_an_answer_that_is_no_list_of_plugins_fails_its_plugin(answer):
    """Whatever else a hook may return."""

    class Evil:
        name = "evil"

        @hookimpl
        def kpisdk_plugins(self, settings):
            return answer

    found = loaded(Evil())

    assert found["evil"].state is PluginState.FAILED


def test_a_generator_without_end_is_ended():
    """Before it fills the memory."""

    class Evil:
        name = "evil"

        @hookimpl
        def kpisdk_sources(self):
            while True:
                yield None

    found = load_plugins([Evil()], entry_points=(), builtins=())
    assert not Registry(found).sources
    assert "more than 100000 records" in found["evil"].error


def test_a_plugin_that_meddles_with_the_process_is_told_and_its_answer_stands(monkeypatch):
    """The folder and the environment are as they were for whoever comes next."""
    monkeypatch.delenv("KPISDK_SOURCE", raising=False)

    class Meddler:
        name = "meddler"

        @hookimpl
        def kpisdk_kpis(self):
            import os

            os.environ["KPISDK_SOURCE"] = "elsewhere"
            print("hello")
            return []

    found = loaded(Meddler())
    (problem,) = Registry(found).problems

    assert found["meddler"].state is PluginState.ACTIVE
    assert problem.what == (
        "kpisdk_kpis: it changed the environment (KPISDK_SOURCE), which was put back."
    )


def test_an_object_whose_attributes_raise_is_a_failed_plugin():
    """Its name and version are asked for before it is loaded."""

    class Evil:
        @property
        def name(self):
            sys.exit(0)

    (found,) = loaded(Evil())

    assert found.name == "Evil"
    assert found.error == "on import: SystemExit: 0"


@FAULTS
def test_an_observer_that_does_not_return_costs_a_note(make_result, fault, told):
    """And one that hangs is not asked again: every further result would wait for it."""
    registry = Registry(loaded(plugin("kpisdk_computed", fault)))

    (note,) = registry.announce(make_result())

    assert note.code == "observer_failed"
    assert told in note.message
    assert len(registry.announce(make_result())) == (0 if fault is hangs else 1)


def test_an_observer_cannot_change_a_result(make_result):
    """It is told of a copy."""

    class Evil:
        @hookimpl
        def kpisdk_computed(self, result):
            result.details["value"] = 1
            object.__setattr__(result, "value", 1.0)

    result = make_result(details={"value": 0})

    assert Registry(loaded(Evil())).announce(result) == ()
    assert (result.value, result.details) == (0.7, {"value": 0})


def test_a_record_whose_name_cannot_be_read_fails_its_plugin():
    """Its class is a stranger's."""

    class Odd(CacheBackend):
        @property
        def name(self):
            sys.exit(0)

        @name.setter
        def name(self, _value):
            pass

    class Evil:
        name = "evil"

        @hookimpl
        def kpisdk_caches(self):
            yield object.__new__(Odd)

    found = loaded(Evil())

    assert not Registry(found).caches
    assert found["evil"].error == "kpisdk_caches: SystemExit: 0"

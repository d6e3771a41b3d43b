"""Loading plugins: each is tried by itself, and every failure is recorded with its plugin."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from types import ModuleType

import pluggy
import pytest

from kpisdk.hookspecs import hookimpl, hookspec
from kpisdk.plugins import (
    BUILTINS,
    PluginState,
    core_version,
    discovery as discovery_room,
    load_plugins,
)
from kpisdk.quarantine import PluginFaultError

GOOD = """
from kpisdk.hookspecs import hookimpl

@hookimpl
def kpisdk_kpis():
    return ["a record"]
"""


def in_process(*extra):
    """The given objects as the only plugins."""
    return load_plugins(extra, entry_points=(), builtins=())


def test_an_installed_plugin_is_known_by_name_distribution_and_version(site):
    """An entry point of group kpisdk becomes an active plugin that says who brought it."""
    site.install("kpisdk-hello", "1.2", "plug_hello", GOOD, name="hello")

    (plugin,) = load_plugins(entry_points=site.points(), builtins=())

    assert (plugin.name, plugin.distribution, plugin.version) == ("hello", "kpisdk-hello", "1.2")
    assert plugin.state is PluginState.ACTIVE
    assert plugin.error is None
    assert plugin.ask("kpisdk_kpis") == ["a record"]


def test_a_plugin_that_fails_on_import_is_listed_and_the_others_work(site):
    """Pluggy's own loader stops at the first failure; ours tries each entry point."""
    site.install("kpisdk-a", "1", "plug_breaks", "raise ValueError('out of luck')")
    site.install("kpisdk-b", "1", "plug_exits", "raise SystemExit('no licence')")
    site.install("kpisdk-c", "1", "plug_lacks", "import a_module_that_nobody_has")
    site.install("kpisdk-d", "1", "plug_works", GOOD)

    loaded = load_plugins(entry_points=site.points(), builtins=())

    assert loaded["plug_breaks"].error == "on import: ValueError: out of luck"
    assert loaded["plug_exits"].error == "on import: SystemExit: no licence"
    assert "a_module_that_nobody_has" in loaded["plug_lacks"].error
    assert [each.state for each in loaded] == [PluginState.FAILED] * 3 + [PluginState.ACTIVE]
    assert loaded["plug_works"].ask("kpisdk_kpis") == ["a record"]
    assert loaded["plug_breaks"].ask("kpisdk_kpis") is None


def test_built_ins_come_first_and_by_name(site):
    """Built-ins use the same door; a missing one is a failed plugin like any other."""
    site.install("kpisdk-a", "1", "plug_a", GOOD)

    loaded = load_plugins(entry_points=site.points(), builtins=["nobody.home.plugin"])

    assert [each.name for each in loaded] == ["home", "plug_a"]
    assert PluginState.FAILED is loaded["home"].state
    assert loaded["home"].distribution == "kpisdk"
    assert len(loaded) == 2


def test_the_core_brings_its_own_sources_caches_and_reports_as_plugins():
    """What the core ships is asked through the hooks, and not by another way."""
    loaded = load_plugins(entry_points=())

    assert [
        f"kpisdk.builtin.{kind}.plugin" for kind in ("sources", "caches", "reports", "languages")
    ] == list(BUILTINS)
    assert [each.name for each in loaded] == [
        "builtin_sources",
        "builtin_caches",
        "builtin_reports",
        "builtin_languages",
    ]
    assert all(each.state is PluginState.ACTIVE for each in loaded), [e.error for e in loaded]


def test_installed_entry_points_are_found_by_themselves(site):
    """Without entry points as an argument, those of the environment are tried."""
    site.install("kpisdk-zz", "3", "plug_zz", GOOD)

    loaded = load_plugins(builtins=())

    assert loaded["plug_zz"].version == "3"


def test_loading_does_not_import_the_built_ins_room():
    """The room of plugins knows built-ins by name only: floors import downwards."""
    code = "import sys, kpisdk.plugins; print([m for m in sys.modules if 'builtin.' in m])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_misspelt_hook_refuses_the_plugin_and_names_the_nearest():
    """A hook that nobody specified would silently never be called."""

    class Plugin:
        @hookimpl
        def kpisdk_kpi(self):
            return []

        @hookimpl
        def sources(self):
            return []

    (plugin,) = in_process(Plugin())

    assert PluginState.FAILED is plugin.state
    assert "kpisdk_kpi is not a hook. Did you mean kpisdk_kpis?" in plugin.error
    assert "sources is not a hook." in plugin.error
    assert "Plugin" in plugin.error


def test_a_misspelling_that_resembles_nothing_lists_the_hooks():
    """Without a near name, all hooks are listed."""

    class Plugin:
        @hookimpl
        def zzz(self):
            return []

    (plugin,) = in_process(Plugin())

    assert "zzz is not a hook. The hooks are" in plugin.error
    assert "kpisdk_kpis" in plugin.error


def test_a_hook_without_its_decorator_refuses_the_plugin():
    """A function that is named like a hook and not marked would silently never be called."""
    module = ModuleType("forgetful")
    module.kpisdk_kpis = lambda: ["never asked"]

    (plugin,) = in_process(module)

    assert "kpisdk_kpis is not marked with @hookimpl" in plugin.error
    assert not plugin.implements("kpisdk_kpis")


def test_modules_and_own_specifications_named_like_hooks_are_no_hooks():
    """A plugin may import a module kpisdk_x, and specify hooks for plugins of its own."""
    module = ModuleType("innocent")
    module.kpisdk_innocent = ModuleType("kpisdk_innocent")
    module.kpisdk_estimators = hookspec(lambda: None)

    (plugin,) = in_process(module)

    assert PluginState.ACTIVE is plugin.state


def test_a_hook_that_is_marked_optional_may_be_unknown():
    """An author who says optionalhook expects a host that does not have the hook."""

    class Plugin:
        @hookimpl(optionalhook=True)
        def kpisdk_of_the_future(self):
            return []

        @hookimpl(specname="kpisdk_kpis")
        def ours(self):
            return ["ours"]

    (plugin,) = in_process(Plugin())

    assert PluginState.ACTIVE is plugin.state
    assert plugin.ask("kpisdk_kpis") == ["ours"]


def test_a_hook_with_a_wrong_argument_refuses_the_whole_plugin():
    """No half-registered plugins: none of the plugin's hooks answers."""

    class Plugin:
        @hookimpl
        def kpisdk_caches(self):
            return ["a cache"]

        @hookimpl
        def kpisdk_computed(self, outcome):
            return None

    (plugin,) = in_process(Plugin())

    assert PluginState.FAILED is plugin.state
    assert "outcome" in plugin.error
    assert plugin.ask("kpisdk_caches") is None


@pytest.mark.parametrize("stated", [1, None])
def test_a_plugin_for_this_api_or_of_no_stated_one_is_accepted(stated):
    """The handshake refuses only what is newer."""
    module = ModuleType("current")
    if stated is not None:
        module.KPISDK_API = stated

    (plugin,) = in_process(module)

    assert PluginState.ACTIVE is plugin.state


def test_a_plugin_for_a_newer_api_is_refused_with_what_to_do():
    """An old core cannot know what a new plugin expects of it."""
    module = ModuleType("of_tomorrow")
    module.KPISDK_API = 2

    (plugin,) = in_process(module)

    assert PluginState.FAILED is plugin.state
    assert "version 2 of the plugin API, and this kpisdk offers version 1" in plugin.error
    assert "Upgrade kpisdk" in plugin.error


@pytest.mark.parametrize("stated", ["1", 0, True, 1.0])
def test_an_api_version_that_is_none_is_refused(stated):
    """KPISDK_API is a positive whole number."""
    module = ModuleType("odd")
    module.KPISDK_API = stated

    (plugin,) = in_process(module)

    assert f"its KPISDK_API is {stated!r}" in plugin.error


def test_two_plugins_of_one_name_are_an_error_that_names_the_other(site):
    """Settings go by the plugin's name, so that it must tell plugins apart."""
    site.install("kpisdk-one", "1.0", "plug_one", GOOD, name="twin")
    site.install("kpisdk-two", "2.0", "plug_two", GOOD, name="twin")

    loaded = list(load_plugins(entry_points=site.points(), builtins=()))

    assert [each.state for each in loaded] == [PluginState.ACTIVE, PluginState.FAILED]
    assert "kpisdk-one 1.0 brings a plugin of that name too" in loaded[1].error
    assert "'twin' of kpisdk-two 2.0" in loaded[1].error
    assert loaded[0].ask("kpisdk_kpis") == ["a record"]
    assert loaded[1].ask("kpisdk_kpis") is None


def test_one_module_under_two_names_is_registered_once(site):
    """A second registration of one module would answer every hook twice."""
    site.install("kpisdk-one", "1.0", "plug_both", GOOD, name="first")
    site.install("kpisdk-two", "2.0", "plug_both", GOOD, name="second")

    loaded = load_plugins(entry_points=site.points(), builtins=())

    assert "it is registered already, as 'first'" in loaded["second"].error
    assert PluginState.ACTIVE is loaded["first"].state


def test_a_plugin_that_cannot_be_hashed_fails_by_itself():
    """Pluggy keeps plugins in sets; what breaks there must not break the others."""

    class Unhashable:
        __hash__ = None

    bad, good = in_process(Unhashable(), ModuleType("fine"))

    assert "TypeError" in bad.error
    assert PluginState.ACTIVE is good.state


class Host:
    """A plugin that can have plugins itself."""

    @hookimpl
    def kpisdk_addhooks(self, manager):
        manager.add_hookspecs(HostHooks)


class HostHooks:
    @hookspec
    def kpisdk_estimators(self, kind):
        """Estimators of a kind."""


class Guest:
    """A plugin of that plugin."""

    @hookimpl
    def kpisdk_estimators(self, kind):
        return [f"{kind} estimator"]


@pytest.mark.parametrize("order", [(Host, Guest), (Guest, Host)])
def test_a_plugin_may_have_plugins_whatever_the_order(order):
    """Hooks that a plugin adds are hooks, also for plugins that were found before it."""
    loaded = in_process(*(each() for each in order))

    assert all(each.state is PluginState.ACTIVE for each in loaded)
    assert loaded.manager.hook.kpisdk_estimators(kind="causal") == [["causal estimator"]]
    assert loaded["Guest"].ask("kpisdk_estimators", kind="causal") == ["causal estimator"]


def test_a_guest_with_a_wrong_argument_is_blamed_and_not_its_host():
    """Whoever implements a hook wrongly is the plugin that fails, also when it was found first."""

    class WrongGuest:
        @hookimpl
        def kpisdk_estimators(self, sort):
            return [sort]

    loaded = in_process(WrongGuest(), Host())

    assert PluginState.FAILED is loaded["WrongGuest"].state
    assert PluginState.ACTIVE is loaded["Host"].state


def test_a_plugin_whose_addhooks_raises_leaves_no_trace():
    """What fails half-way through registration is taken out again."""

    class Plugin:
        @hookimpl
        def kpisdk_addhooks(self, manager):
            raise RuntimeError("no hooks today")

        @hookimpl
        def kpisdk_kpis(self):
            return ["half"]

    loaded = in_process(Plugin(), ModuleType("Other"))

    assert loaded["Plugin"].error == "on registration: RuntimeError: no hooks today"
    assert loaded.manager.hook.kpisdk_kpis() == []
    assert PluginState.ACTIVE is loaded["Other"].state


def test_one_plugin_is_asked_at_a_time():
    """Every record knows who brought it, because nobody else was asked."""

    class First:
        @hookimpl
        def kpisdk_kpis(self):
            return ["first"]

    class Second:
        @hookimpl
        def kpisdk_kpis(self):
            return ["second"]

    loaded = in_process(First(), Second(), ModuleType("silent"))

    assert [each.ask("kpisdk_kpis") for each in loaded] == [["first"], ["second"], None]
    assert [each.implements("kpisdk_kpis") for each in loaded] == [True, True, False]


def test_what_a_hook_raises_comes_through_and_none_stays_none():
    """The caller decides what a failing hook means; an answer of None is no answer."""

    class Plugin:
        @hookimpl
        def kpisdk_kpis(self):
            raise KeyError("x")

        @hookimpl
        def kpisdk_settings(self):
            return None

    (plugin,) = in_process(Plugin())

    assert plugin.ask("kpisdk_settings") is None
    with pytest.raises(PluginFaultError, match="KeyError: 'x'") as caught:
        plugin.ask("kpisdk_kpis")
    assert isinstance(caught.value.cause, KeyError)


def test_a_second_failure_is_added_and_the_first_stays_the_cause():
    """Everything that is wrong with a plugin is told, and the traceback is that of the first."""
    (plugin,) = in_process(ModuleType("frail"))

    plugin.fail("kpisdk_kpis", ValueError("one"))
    plugin.fail("kpisdk_caches", KeyError())

    assert plugin.error == "kpisdk_kpis: ValueError: one kpisdk_caches: KeyError"
    assert isinstance(plugin.cause, ValueError)


def test_objects_are_named_by_their_name_module_or_class():
    """Plugins that are handed over say so in place of a distribution."""

    class Named:
        name = "spoken"

    class Unnamed:
        __version__ = "7"

    loaded = in_process(Named(), ModuleType("pack.age"), Unnamed)

    assert [each.name for each in loaded] == ["spoken", "age", "Unnamed"]
    assert loaded["Unnamed"].label == "in this process 7"


def test_an_unknown_plugin_is_a_key_error():
    """Loaded plugins are looked up by name."""
    with pytest.raises(KeyError, match="nobody"):
        _ = in_process()["nobody"]


def test_an_entry_point_without_a_distribution_says_so():
    """Entry points that are made by hand have no distribution."""
    point = discovery_room.EntryPoint("lone", "types", "kpisdk")

    (plugin,) = load_plugins(entry_points=[point], builtins=())

    assert plugin.label == "an unknown distribution 0"


def test_a_source_tree_without_metadata_has_an_unknown_version(monkeypatch):
    """The core's version is that of its metadata, and never invented."""

    def missing(_name):
        raise PackageNotFoundError

    monkeypatch.setattr(discovery_room, "version", missing)
    assert core_version() == "0+unknown"

    monkeypatch.setattr(discovery_room, "version", lambda _name: "4.5")
    assert core_version() == "4.5"


def test_registrations_of_two_loads_do_not_meet():
    """Loading keeps no state of its own: two workspaces have two managers."""
    plugin = ModuleType("shared")

    first, second = in_process(plugin), in_process(plugin)

    assert first.manager is not second.manager
    assert isinstance(first.manager, pluggy.PluginManager)
    assert PluginState.ACTIVE is second["shared"].state

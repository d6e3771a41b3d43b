"""The handshake: which plugins a core accepts, by the version of the plugin API they state."""

from types import ModuleType

import pytest

from kpisdk.hookspecs import API_VERSION
from kpisdk.plugins import PluginState, checking as checking_room, load_plugins

ACCEPTED, NEWER, NONSENSE = "accepted", "newer", "nonsense"

# What the core offers, what the plugin states, how it ends.
TABLE = [
    (1, 1, ACCEPTED),
    (1, 2, NEWER),
    (3, 1, ACCEPTED),
    (3, 2, ACCEPTED),
    (3, 3, ACCEPTED),
    (3, 4, NEWER),
    (3, 10**30, NEWER),
    (3, None, ACCEPTED),
    (3, 0, NONSENSE),
    (3, -1, NONSENSE),
    (3, "3", NONSENSE),
    (3, "3.1", NONSENSE),
    (3, 3.0, NONSENSE),
    (3, True, NONSENSE),
    (3, (3,), NONSENSE),
    (3, object, NONSENSE),
]


@pytest.mark.parametrize(("offered", "stated", "expected"), TABLE)
def test_a_plugin_is_refused_only_where_it_is_newer_or_states_nonsense(
    monkeypatch, offered, stated, expected
):
    """Older ones are accepted: a core goes on offering what it offered."""
    monkeypatch.setattr(checking_room, "API_VERSION", offered)
    module = ModuleType("guest")
    if stated is not None:
        module.KPISDK_API = stated

    (plugin,) = load_plugins([module], entry_points=(), builtins=())

    assert (plugin.state is PluginState.ACTIVE) is (expected is ACCEPTED)
    if expected is NEWER:
        assert f"version {stated} of the plugin API" in plugin.error
        assert f"offers version {offered}" in plugin.error
        assert "Upgrade kpisdk, or install an older release of the plugin." in plugin.error
    if expected is NONSENSE:
        assert f"its KPISDK_API is {stated!r}, and must be a whole number" in plugin.error


def test_a_refused_plugin_leaves_the_others_working():
    """One plugin from the future does not cost an installation its KPIs."""
    future, present = ModuleType("future"), ModuleType("present")
    future.KPISDK_API = API_VERSION + 1

    loaded = load_plugins([future, present], entry_points=(), builtins=())

    assert [each.state for each in loaded] == [PluginState.FAILED, PluginState.ACTIVE]

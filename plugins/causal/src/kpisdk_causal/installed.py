"""The estimators that are installed: the built-in ones and those that other plugins bring."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator

import pluggy

from kpisdk_causal.estimate import Caution
from kpisdk_causal.estimator import Estimator
from kpisdk_causal.router import Router, default_router

PLUGIN_FAILED = "PLUGIN_FAILED"

# A calculator is a plain function that knows no workspace, so the plugin managers that asked this
# plugin for its hooks are kept here, weakly: one that nobody uses any more brings nothing.
_managers: weakref.WeakSet[pluggy.PluginManager] = weakref.WeakSet()


def remember(manager: pluggy.PluginManager) -> None:
    """Ask the plugins of this manager for estimators too."""
    _managers.add(manager)


def installed_router() -> Router:
    """All estimators; a plugin that fails to say what it brings costs a caution, not the others.

    Raises:
        DuplicateEstimatorError: two different estimators of one task have one name.
    """
    found: list[Estimator] = []
    cautions: list[Caution] = []
    for name, brings in _implementations():
        try:
            estimators = list(brings())
        except Exception as fault:  # noqa: BLE001  # a stranger's plugin may raise anything
            text = f"The estimators of plugin {name!r} are left out: {fault!r}."
            cautions.append(Caution(PLUGIN_FAILED, text))
            continue
        found += [one for one in estimators if one not in found]
    router = default_router(found)
    return Router(router.estimators, tuple(dict.fromkeys(cautions)))


def _implementations() -> Iterator[tuple[str, Callable[[], Iterable[Estimator]]]]:
    for manager in list(_managers):
        caller = getattr(manager.hook, "kpisdk_causal_estimators", None)
        for implementation in [] if caller is None else caller.get_hookimpls():
            yield implementation.plugin_name, implementation.function

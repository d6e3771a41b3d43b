"""The plugin managers that asked this plugin for its hooks, and who implements them there."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pluggy

    from kpisdk_causal.estimator import Estimator

# A calculator is a plain function that knows no workspace, so the managers are kept here, weakly:
# one that nobody uses any more brings nothing.
_managers: weakref.WeakSet[pluggy.PluginManager] = weakref.WeakSet()


def remember(manager: pluggy.PluginManager) -> None:
    """Ask the plugins of this manager for estimators too."""
    _managers.add(manager)


def implementations() -> Iterator[tuple[str, Callable[[], Iterable[Estimator]]]]:
    """The plugins that bring estimators by name, and the function that yields them."""
    for manager in list(_managers):
        caller = getattr(manager.hook, "kpisdk_causal_estimators", None)
        for implementation in [] if caller is None else caller.get_hookimpls():
            yield implementation.plugin_name, implementation.function

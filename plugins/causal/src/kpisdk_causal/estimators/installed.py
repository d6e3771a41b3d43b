"""The estimators of a workspace: the built-in ones and those that its plugins bring."""

from __future__ import annotations

from typing import Protocol

from kpisdk import Extension, command_workspace
from kpisdk_causal.cautions import Caution
from kpisdk_causal.estimator import Estimator
from kpisdk_causal.estimators.router import Router, default_router
from kpisdk_causal.hookspecs import ESTIMATORS

PLUGIN_FAILED = "PLUGIN_FAILED"


class Extensible(Protocol):
    """What knows the plugins of one workspace: a workspace, or the inputs of a calculator."""

    def extensions(self, hook: str, /) -> tuple[Extension, ...]:
        """What they bring through a hook."""
        ...


def installed_router(within: Extensible | None = None) -> Router:
    """All estimators; a plugin that fails to say what it brings costs a caution, not the others.

    Args:
        within: the workspace (or the inputs of a calculator in it) whose plugins count; by default
            that of the running command, or of the working folder.

    Raises:
        DuplicateEstimatorError: two different estimators of one task have one name.
    """
    found: list[Estimator] = []
    cautions: list[Caution] = []
    for brought in (within or command_workspace()).extensions(ESTIMATORS):
        if brought.error is not None:
            text = f"The estimators of plugin {brought.plugin!r} are left out: {brought.error}."
            cautions.append(Caution(PLUGIN_FAILED, text))
        found += [one for one in brought.records if one not in found]
    router = default_router(found)
    return Router(router.estimators, tuple(dict.fromkeys(cautions)))

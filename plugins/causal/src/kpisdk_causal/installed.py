"""The estimators that are installed: the built-in ones and those that other plugins bring."""

from __future__ import annotations

from kpisdk_causal.asked_managers import implementations
from kpisdk_causal.estimate import Caution
from kpisdk_causal.estimator import Estimator
from kpisdk_causal.router import Router, default_router

PLUGIN_FAILED = "PLUGIN_FAILED"


def installed_router() -> Router:
    """All estimators; a plugin that fails to say what it brings costs a caution, not the others.

    Raises:
        DuplicateEstimatorError: two different estimators of one task have one name.
    """
    found: list[Estimator] = []
    cautions: list[Caution] = []
    for name, brings in implementations():
        try:
            estimators = list(brings())
        except Exception as fault:  # noqa: BLE001  # a stranger's plugin may raise anything
            text = f"The estimators of plugin {name!r} are left out: {fault!r}."
            cautions.append(Caution(PLUGIN_FAILED, text))
            continue
        found += [one for one in estimators if one not in found]
    router = default_router(found)
    return Router(router.estimators, tuple(dict.fromkeys(cautions)))

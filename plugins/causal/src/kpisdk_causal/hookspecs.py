"""The hook by which third parties bring estimators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from kpisdk_causal.estimator import Estimator

hookspec = pluggy.HookspecMarker("kpisdk")

ESTIMATORS = "kpisdk_causal_estimators"
"""The hook's name, by which calculators and commands ask for what it brings."""


@hookspec
def kpisdk_causal_estimators() -> Iterable[Estimator]:  # type: ignore[empty-body]  # a hook
    """Give :class:`~kpisdk_causal.estimator.Estimator` records.

    An installed plugin of kpisdk implements it with ``kpisdk.hookimpl``; two estimators of one
    task and one name are an error that names both.
    """

"""The hooks of this plugin, and nothing else."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpisdk import hookimpl

if TYPE_CHECKING:
    from kpisdk_causal import Estimator


@hookimpl
def kpisdk_causal_estimators() -> "Iterable[Estimator]":
    """The estimator ``hajek``."""
    from kpisdk_hajek.weighting import HAJEK

    yield HAJEK

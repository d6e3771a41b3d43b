"""An estimator as a record: what it estimates, with which library, and how to install it."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

import attrs

OWN = "kpisdk-causal"


class Task(StrEnum):
    """What kind of question an estimator answers, and so what its function gets and returns."""

    EFFECT = "effect"
    """``Sample`` -> ``Effect``: ate, att, atc, or per_unit for a dose."""
    SEGMENTS = "segments"
    """``Sample`` with segments -> ``SegmentEffects``."""
    SERIES = "series"
    """``Series`` -> ``SeriesEffect``."""
    PANEL = "panel"
    """``Panel`` -> ``PanelEffect``."""


def _strings(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(words)


@attrs.frozen(kw_only=True)
class Estimator:
    """One way to answer one kind of question.

    Attributes:
        name: how a caller asks for it.
        task: what kind of question it answers.
        estimands: what its number is: ``ate``, ``att``, ``atc``, ``per_unit``, ``cate``, ….
        fit: the function; see :class:`Task` for what it gets and returns.
        interval_method: name of the method behind interval and standard error.
        p_method: name of the test.
        requires: distributions that must be installed, as requirements (``econml>=0.17,<0.18``).
        install: what follows ``pip install`` to get them.
        covariates: ``needed``, ``refused``, or ``any``: what it does with confounders.
        rank: of several that could answer, the lowest is chosen.
        repeatable: the same rows in another order give the same number, to rounding.
    """

    name: str
    task: Task
    estimands: tuple[str, ...] = attrs.field(converter=_strings)
    fit: Callable[[Any], Any]
    interval_method: str
    p_method: str
    requires: tuple[str, ...] = attrs.field(default=(), converter=_strings)
    install: str = ""
    covariates: str = attrs.field(
        default="any", validator=attrs.validators.in_(("any", "needed", "refused"))
    )
    rank: int = 50
    repeatable: bool = True

    @property
    def library(self) -> str:
        """Distribution that does the work: the first required one, or this plugin."""
        from packaging.requirements import Requirement

        return Requirement(self.requires[0]).name if self.requires else OWN

    @property
    def library_version(self) -> str:
        """Version of :attr:`library` that is installed."""
        return version_of(self.library)

    def lacking(self) -> tuple[str, ...]:
        """The requirements that are not met here."""
        return tuple(text for text in self.requires if not is_met(text))


def is_met(requirement: str) -> bool:
    """Whether a distribution is installed in a version that ``requirement`` allows."""
    from packaging.requirements import Requirement

    wanted = Requirement(requirement)
    try:
        found = importlib.metadata.version(wanted.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return wanted.specifier.contains(found, prereleases=True)


def version_of(distribution: str) -> str:
    """The installed version; ``not installed`` for a plugin that runs from its source tree."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"

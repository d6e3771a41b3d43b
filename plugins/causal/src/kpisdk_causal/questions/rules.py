"""How a causal answer is computed and when it is refused; the same for every kind of question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import attrs

from kpisdk import Problem
from kpisdk_causal.errors import refuse
from kpisdk_causal.tables.missing_values import Missing

Refuter = Literal["placebo", "random_common_cause", "subset", "sensitivity"]

REFUTERS: tuple[Refuter, ...] = ("placebo", "random_common_cause", "subset", "sensitivity")


def names(value: str | Iterable[str]) -> tuple[str, ...]:
    """One name, or several, as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


@attrs.frozen(kw_only=True)
class Rules:
    """How an answer is computed and when it is refused; the same for every kind of question.

    Attributes:
        confidence_level: of every interval, in (0, 1).
        missing: ``raise`` or ``drop`` rows with missing values.
        min_n: fewer rows than this give no value (reason ``SMALL_N``).
        overlap_bounds: propensity scores outside of them count as lacking overlap.
        overlap_tolerance: largest share of scores outside the bounds for which the effect is
            reported.
        clip: scores are clipped to [clip, 1 - clip] before they become weights.
        force: report a value that a gate would refuse, and say so.
        seed: of bootstrap and simulations.
        n_boot: draws of a bootstrap.
        n_simulations: simulations of a refuter.
        refute: refuters to run: ``placebo``, ``random_common_cause``, ``subset``, ``sensitivity``.
        cross_check: let DoWhy, where it is installed, confirm the adjustment set and re-estimate.
        estimator: this estimator and no other.
        library: the library that should do the work, where it can.

    Raises:
        QuestionError: rules that contradict themselves, with every fault.
    """

    confidence_level: float = 0.95
    missing: Missing = "raise"
    min_n: int = 30
    overlap_bounds: tuple[float, float] = (0.05, 0.95)
    overlap_tolerance: float = 0.10
    clip: float = 0.01
    force: bool = False
    seed: int = 0
    n_boot: int = 1000
    n_simulations: int = 100
    refute: tuple[str, ...] = attrs.field(default=(), converter=names)
    cross_check: bool = True
    estimator: str | None = None
    library: str | None = None

    def __attrs_post_init__(self) -> None:
        refuse("rules of a causal question", self._faults())

    def _faults(self) -> Iterator[Problem]:
        if not 0 < self.confidence_level < 1:
            yield Problem("confidence_level", f"must lie in (0, 1), not {self.confidence_level}")
        if self.missing not in {"raise", "drop"}:
            yield Problem("missing", f"must be 'raise' or 'drop', not {self.missing!r}")
        low, high = self.overlap_bounds
        if not 0 <= low < high <= 1:
            yield Problem("overlap_bounds", f"must be ordered in [0, 1], not {low}, {high}")
        if not 0 <= self.overlap_tolerance <= 1:
            yield Problem("overlap_tolerance", f"must lie in [0, 1], not {self.overlap_tolerance}")
        if not 0 < self.clip < 0.5:
            yield Problem("clip", f"must lie in (0, 0.5), not {self.clip}")
        for name in ("min_n", "n_boot", "n_simulations"):
            if getattr(self, name) < 2:
                yield Problem(name, f"must be at least 2, not {getattr(self, name)}")
        for name in self.refute:
            if name not in REFUTERS:
                yield Problem("refute", f"{name!r} is none of {', '.join(REFUTERS)}")

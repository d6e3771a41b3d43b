"""Estimators that are missing, do not fit the question, gave up, or share a name."""

from __future__ import annotations

import attrs

from kpisdk import UsageError
from kpisdk_causal.errors.data import CausalDataError
from kpisdk_causal.errors.wording import names


@attrs.define(eq=False)
class NoEstimatorError(UsageError):
    """No installed estimator answers the question; each that could is named with its command.

    Attributes:
        task: the kind of question.
        estimand: what was asked for.
        commands: what would install one.
        known: the estimators that are there.
    """

    task: str
    estimand: str
    commands: tuple[str, ...]
    known: tuple[str, ...]

    template = "No installed estimator answers {task!r} for the estimand {estimand!r}. {_next_step}"

    @property
    def _next_step(self) -> str:
        if self.commands:
            return f"Run: {' or '.join(self.commands)}"
        return f"Known estimators of that task: {names(self.known) or 'none'}."


@attrs.define(eq=False)
class EstimatorMisfitError(UsageError):
    """A named estimator that would leave out what the question asks to adjust for.

    Attributes:
        estimator: its name.
    """

    estimator: str

    template = (
        "The estimator {estimator!r} does not adjust, and the question names confounders that "
        "would be ignored. Name another estimator, or no confounders."
    )


@attrs.define(eq=False)
class EstimatorFailedError(CausalDataError):
    """An estimator gave up; the sentence of its library is kept as a fact, not as the error.

    Attributes:
        estimator: its name.
        library: that raised.
        said: what it said.
    """

    estimator: str
    library: str
    said: str

    template = (
        "The estimator {estimator!r} ({library}) could not answer: {said}. Check the columns it "
        "was given, or choose another estimator."
    )


@attrs.define(eq=False)
class DuplicateEstimatorError(CausalDataError):
    """Two estimators of one task that go by one name.

    Attributes:
        name: of both.
        task: of both.
    """

    name: str
    task: str

    template = (
        "Two installed plugins bring an estimator {name!r} for {task!r}. Uninstall one of them, "
        "or ask its author for another name."
    )

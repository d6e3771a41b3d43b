"""Which estimator answers a question: declared by the estimators, never guessed from names."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from kpisdk import MissingDependencyError, UnknownNameError
from kpisdk_causal.cautions import LIBRARY_FALLBACK, Caution
from kpisdk_causal.errors import (
    DuplicateEstimatorError,
    EstimatorMisfitError,
    NoEstimatorError,
)
from kpisdk_causal.estimator import Estimator, Task


@attrs.frozen
class Choice:
    """An estimator that was chosen.

    Attributes:
        estimator: the one that answers.
        cautions: what the reader should know about how it came to be chosen.
    """

    estimator: Estimator
    cautions: tuple[Caution, ...] = ()


@attrs.frozen
class Router:
    """Chooses the estimator of a question.

    Attributes:
        estimators: those to choose from.
        cautions: what goes with every choice, a plugin that failed for instance.

    Raises:
        DuplicateEstimatorError: two estimators of one task have one name.
    """

    estimators: tuple[Estimator, ...]
    cautions: tuple[Caution, ...] = ()

    def __attrs_post_init__(self) -> None:
        seen = set()
        for estimator in self.estimators:
            key = (estimator.task, estimator.name)
            if key in seen:
                raise DuplicateEstimatorError(estimator.name, estimator.task.value)
            seen.add(key)

    def choose(
        self,
        task: Task,
        estimand: str,
        *,
        covariates: bool = True,
        name: str | None = None,
        library: str | None = None,
    ) -> Choice:
        """The estimator for ``task`` and ``estimand``, with the router's own cautions.

        A named estimator is taken or refused. A named library is taken where it is installed and
        answers; otherwise the best installed estimator of the same estimand is, and the choice
        says so. Without either, the best of all, and the choice says when a better one is not
        installed.

        Args:
            task: kind of question.
            estimand: what the number must be.
            covariates: whether there are confounders to adjust for.
            name: of the estimator, or ``None``.
            library: distribution that should do the work, or ``None``.

        Raises:
            UnknownNameError: no estimator of the task has this name.
            MissingDependencyError: the named estimator's library is not installed.
            EstimatorMisfitError: the named estimator would ignore the confounders.
            NoEstimatorError: nothing installed answers; the error holds the pip commands.
        """
        choice = self._choose(task, estimand, covariates, name, library)
        return attrs.evolve(choice, cautions=(*choice.cautions, *self.cautions))

    def _choose(
        self, task: Task, estimand: str, covariates: bool, name: str | None, library: str | None
    ) -> Choice:
        able = sorted(
            (e for e in self.estimators if e.task == task and estimand in e.estimands),
            key=lambda e: (e.rank, e.name),
        )
        if name is not None:
            return self._named(name, task, estimand, able, covariates)
        fitting = [
            e for e in able if e.covariates in {"any", "needed" if covariates else "refused"}
        ]
        installed = [e for e in fitting if not e.lacking()]
        if not installed:
            raise NoEstimatorError(
                task.value,
                estimand,
                tuple(sorted({_command(e) for e in fitting if e.install})),
                tuple(e.name for e in self.estimators if e.task == task),
            )
        if library is not None:
            return self._of_library(library, fitting, installed)
        best, chosen = fitting[0], installed[0]
        if best is chosen:
            return Choice(chosen)
        return Choice(chosen, (_fallback(best.library, best, chosen),))

    def _named(
        self, name: str, task: Task, estimand: str, able: list[Estimator], covariates: bool
    ) -> Choice:
        for estimator in able:
            if estimator.name == name:
                if covariates and estimator.covariates == "refused":
                    raise EstimatorMisfitError(name)
                if estimator.lacking():
                    raise MissingDependencyError(
                        " and ".join(estimator.lacking()),
                        f"The estimator {name!r}",
                        _command(estimator),
                    )
                return Choice(estimator)
        if any(e.name == name and e.task == task for e in self.estimators):
            raise NoEstimatorError(task.value, estimand, (), tuple(e.name for e in able))
        raise UnknownNameError(f"estimator of {task.value!r}", name, [e.name for e in able])

    @staticmethod
    def _of_library(library: str, fitting: list[Estimator], installed: list[Estimator]) -> Choice:
        wanted = [e for e in fitting if e.library == library]
        for estimator in wanted:
            if estimator in installed:
                return Choice(estimator)
        return Choice(
            installed[0], (_fallback(library, wanted[0] if wanted else None, installed[0]),)
        )


def _command(estimator: Estimator) -> str:
    return f"pip install {estimator.install or ' '.join(map(repr, estimator.requires))}"


def _fallback(library: str, wanted: Estimator | None, chosen: Estimator) -> Caution:
    same = f"{chosen.name!r} ({chosen.library}), which estimates the same, answered"
    if wanted is None:
        return Caution(LIBRARY_FALLBACK, f"No estimator of {library} answers this; {same}.")
    return Caution(
        LIBRARY_FALLBACK, f"{library} is not installed; {same}. To use it: {_command(wanted)}"
    )


def default_router(more: Iterable[Estimator] = ()) -> Router:
    """The built-in estimators and ``more``.

    Raises:
        DuplicateEstimatorError: see :class:`Router`.
    """
    from kpisdk_causal.estimators.builtin import estimators

    return Router((*estimators(), *more))

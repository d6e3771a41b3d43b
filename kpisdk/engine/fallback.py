"""Which of several ways to one figure answers: the next one where the one before holds nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs

from kpisdk.contracts.calculators import FirstOf
from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.fetching import Cell
from kpisdk.engine.jobs import Job, OptionJob
from kpisdk.errors import listed

_NOTHING = (
    Reason.NO_ROWS,
    Reason.MISSING_TABLE,
    Reason.MISSING_COLUMN,
    Reason.MISSING_PARAMETER,
    Reason.UNSUPPORTED_SLICE,
    Reason.ONE_CLASS,
)
"""Reasons of a way that holds nothing to answer from; every other one is a failure."""


@attrs.frozen
class Found:
    """What one way came to: its estimates by cell, and what it says of a cell without rows.

    ``whole`` is the failure of the way as a whole, which stands for every cell.
    """

    cells: Mapping[Cell, Estimate]
    otherwise: Callable[[Cell], Estimate]
    whole: Estimate | None = None

    @classmethod
    def failed(cls, estimate: Estimate) -> Found:
        """A way that answers no cell, for one reason."""
        return cls({}, lambda _: estimate, estimate)

    def at(self, cell: Cell | None) -> Estimate:
        """The estimate of a cell; of ``None``, what stands for all of them."""
        if self.whole is not None:
            return self.whole
        if cell is None:
            return Estimate.absent(Reason.NO_ROWS, "No row lies in the window and slice.")
        return self.cells[cell] if cell in self.cells else self.otherwise(cell)


def holds_nothing(estimate: Estimate) -> bool:
    """Whether a way has nothing to answer from, so that the next one may: it did not fail.

    A denominator of zero is nothing where no row stands behind it, and an answer where rows do.
    """
    if estimate.reason is Reason.ZERO_DENOMINATOR:
        return not estimate.n
    return estimate.reason in _NOTHING


def answer(
    job: Job, options: Sequence[OptionJob], found: Mapping[str, Found], cell: Cell | None
) -> tuple[Estimate, OptionJob]:
    """The estimate of a cell, and the way that it comes from.

    Ways are taken in order. One with a value answers, with a warning that names those before it;
    one that failed is the answer, without a value. Where all hold nothing, the first says so.
    """
    asked = [option for option in options if option.option.name in found]
    before: list[tuple[OptionJob, Estimate]] = []
    for place, option in enumerate(asked):
        made = found[option.option.name].at(cell)
        if made.value is not None:
            others = [(each, found[each.option.name].at(cell)) for each in asked[place + 1 :]]
            return _agreeing(job, _fallen_back(made, option, before), option, others), option
        if not holds_nothing(made):
            return _failure(made, option, before, asked[place + 1 :]), option
        before.append((option, made))
    option, made = before[0]
    if len(before) == 1:
        return made, option
    return attrs.evolve(made, message=_messages(before)), option


def _messages(ways: Sequence[tuple[OptionJob, Estimate]]) -> str:
    return " ".join(f"{each.option.name}: {made.message}" for each, made in ways)


def _failure(
    made: Estimate,
    option: OptionJob,
    before: Sequence[tuple[OptionJob, Estimate]],
    later: Sequence[OptionJob],
) -> Estimate:
    if not before and not later:
        return made
    message = _messages([*before, (option, made)])
    if later:
        names = listed(each.option.name for each in later)
        message += f" It failed, so that nothing is taken from {names} instead."
    return attrs.evolve(made, message=message)


def _fallen_back(
    made: Estimate, option: OptionJob, before: Sequence[tuple[OptionJob, Estimate]]
) -> Estimate:
    """A value with the ways before it that hold nothing, and with their own warnings."""
    notes = [
        Note(
            "fell_back",
            f"{each.option.name} {_why(other)}, so that {option.option.name} answers: "
            f"{other.message}",
        )
        for each, other in before
    ]
    return made.with_notes(*notes, *(note for _, other in before for note in other.warnings))


def _why(estimate: Estimate) -> str:
    code = "" if estimate.reason is None else estimate.reason.value
    if estimate.reason is Reason.UNSUPPORTED_SLICE:
        return f"cannot carry the slice ({code})"
    return f"holds nothing ({code})"


def _agreeing(
    job: Job, made: Estimate, option: OptionJob, others: Sequence[tuple[OptionJob, Estimate]]
) -> Estimate:
    """A value with a warning for each later way that differs from it by more than is tolerated."""
    calculation = job.kpi.calculation
    tolerance = calculation.tolerance if isinstance(calculation, FirstOf) else None
    if tolerance is None or made.value is None:
        return made
    notes = [
        Note(
            "sources_disagree",
            f"{option.option.name} says {made.value:.6g} and {each.option.name} says "
            f"{other.value:.6g}: they differ by more than {tolerance:g}.",
        )
        for each, other in others
        if other.value is not None and abs(other.value - made.value) > tolerance
    ]
    return made.with_notes(*notes)

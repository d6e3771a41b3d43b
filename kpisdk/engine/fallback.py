"""Which of several options answers a cell: the next where the one before holds nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import attrs

from kpisdk.contracts.calculators import Calculator, FirstOf
from kpisdk.contracts.estimates import Estimate, Note
from kpisdk.contracts.vocabulary import Reason
from kpisdk.engine.fetching import Cell
from kpisdk.engine.resolution import Refused, ResolvedKpi, ResolvedOption
from kpisdk.errors import listed, quoted

AnyOption: TypeAlias = Refused | ResolvedOption
"""One of a KPI's options, whether it can be taken or not."""

_NOTHING = (
    Reason.NO_ROWS,
    Reason.MISSING_TABLE,
    Reason.MISSING_COLUMN,
    Reason.MISSING_PARAMETER,
    Reason.UNSUPPORTED_SLICE,
    Reason.ONE_CLASS,
)
"""Reasons of an option that holds nothing to answer from; every other one is a failure."""


@attrs.frozen
class Found:
    """What one option came to: its estimates by cell, and what it says of a cell without rows.

    ``whole`` is the failure of the option as a whole, which stands for every cell.
    """

    cells: Mapping[Cell, Estimate]
    otherwise: Callable[[Cell], Estimate]
    whole: Estimate | None = None

    @classmethod
    def failed(cls, estimate: Estimate) -> Found:
        """An option that answers no cell, for one reason."""
        return cls({}, lambda _: estimate, estimate)

    def at(self, cell: Cell | None) -> Estimate:
        """The estimate of a cell; of ``None``, what stands for all of them."""
        if self.whole is not None:
            return self.whole
        if cell is None:
            return Estimate.absent(Reason.NO_ROWS, "No row lies in the window and slice.")
        return self.cells[cell] if cell in self.cells else self.otherwise(cell)


def holds_nothing(estimate: Estimate) -> bool:
    """Whether an option has nothing to answer from, so that the next one may: it did not fail.

    A denominator of zero is nothing where no row stands behind it, and an answer where rows do.
    """
    if estimate.reason is Reason.ZERO_DENOMINATOR:
        return not estimate.n
    return estimate.reason in _NOTHING


def options_in_turn(kpi: ResolvedKpi) -> tuple[AnyOption, ...]:
    """The options that may answer, in order: all of them, or the one that the request forces."""
    if kpi.forced is None:
        return kpi.options
    return tuple(each for each in kpi.options if each.option.name == kpi.forced)


def unknown_option(kpi: ResolvedKpi) -> str:
    """Why no option answers where the request forces one that there is not."""
    calculation = kpi.kpi.calculation
    what = calculation.parameter if isinstance(calculation, FirstOf) else "source"
    options = listed(each.option.name for each in kpi.options)
    return f"{what} {quoted(kpi.forced)} is none of the ways to a value: {options}."


def outcomes(
    options: Sequence[AnyOption], evaluated: Callable[[AnyOption], Found]
) -> dict[str, Found]:
    """What each option came to; one outside of the source is not asked where the others settle it.

    Asking a tracking server costs time, so that it is the last resort.
    """
    found: dict[str, Found] = {}
    for option in options:
        if not (_is_external(option) and found and _is_settled(tuple(found.values()))):
            found[option.option.name] = evaluated(option)
    return found


def _is_external(option: AnyOption) -> bool:
    return isinstance(option.option.calculation, Calculator) and not option.frame_inputs


def _is_settled(found: Sequence[Found]) -> bool:
    """Whether every cell seen so far has a value from some option, or the failure of one."""
    cells = dict.fromkeys(cell for each in found for cell in each.cells)
    return all(any(_settles(each, cell) for each in found) for cell in cells or (None,))


def _settles(found: Found, cell: Cell | None) -> bool:
    made = found.at(cell)
    return made.value is not None or not holds_nothing(made)


def stands_for_all(options: Sequence[AnyOption], found: Mapping[str, Found]) -> bool:
    """Whether one result says it all: an option failed as a whole, or none of them has any cell."""
    for option in options:
        each = found.get(option.option.name)
        if each is None:
            continue
        if each.whole is None:
            return False
        if not holds_nothing(each.whole):
            return True
    return True


def answer(
    kpi: ResolvedKpi,
    options: Sequence[AnyOption],
    found: Mapping[str, Found],
    cell: Cell | None,
) -> tuple[Estimate, AnyOption]:
    """The estimate of a cell, and the option that it comes from.

    Options are taken in order. One with a value answers, with a warning that names those before it;
    one that failed is the answer, without a value. Where all hold nothing, the first says so.
    """
    tried = [option for option in options if option.option.name in found]
    before: list[tuple[AnyOption, Estimate]] = []
    for place, option in enumerate(tried):
        made = found[option.option.name].at(cell)
        if made.value is not None:
            if len(tried) == 1:
                return made, option
            others = [(each, found[each.option.name].at(cell)) for each in tried[place + 1 :]]
            return _agreeing(kpi, _fallen_back(made, option, before), option, others), option
        if not holds_nothing(made):
            return _failure(made, option, before, tried[place + 1 :]), option
        before.append((option, made))
    option, made = before[0]
    if len(before) == 1:
        return made, option
    return attrs.evolve(made, message=_messages(before)), option


def _messages(ways: Sequence[tuple[AnyOption, Estimate]]) -> str:
    return " ".join(f"{each.option.name}: {made.message}" for each, made in ways)


def _failure(
    made: Estimate,
    option: AnyOption,
    before: Sequence[tuple[AnyOption, Estimate]],
    later: Sequence[AnyOption],
) -> Estimate:
    if not before and not later:
        return made
    message = _messages([*before, (option, made)])
    if later:
        names = listed(each.option.name for each in later)
        message += f" It failed, so that nothing is taken from {names} instead."
    return attrs.evolve(made, message=message)


def _fallen_back(
    made: Estimate, option: AnyOption, before: Sequence[tuple[AnyOption, Estimate]]
) -> Estimate:
    """A value with the options before it that hold nothing, and with their own warnings."""
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
    kpi: ResolvedKpi,
    made: Estimate,
    option: AnyOption,
    others: Sequence[tuple[AnyOption, Estimate]],
) -> Estimate:
    """A value with a warning for each later option that differs by more than is tolerated."""
    calculation = kpi.kpi.calculation
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

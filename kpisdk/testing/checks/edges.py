"""Rows at the edge: none, nothing in them, no denominator, infinities, not-a-numbers, no tables."""

from __future__ import annotations

import math
from collections.abc import Iterator

from kpisdk.contracts.calculators import Calculator, options_of
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.expression_tree import ColumnRef, Expression, Function
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.measures import Measure
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.required_columns import required_columns
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import LogicalType, Reason, Unit
from kpisdk.testing.benches import Bench
from kpisdk.testing.checks.applying import DoesNotApplyError, Faults
from kpisdk.testing.checks.values import absence
from kpisdk.testing.generating import GROUP

NOBODY = "nobody-has-this"
"""A word that no row holds."""


def empty_tables(bench: Bench, kpi_id: str) -> Faults:
    """Tables without a row give no value, and a reason."""
    if not bench.subject.kpis[kpi_id].datasets:
        raise DoesNotApplyError(f"{kpi_id} names no table that could be empty")
    yield from _absent(bench, kpi_id, "empty", "All tables were emptied:")


def missing_values(bench: Bench, kpi_id: str) -> Faults:
    """Columns without a value give no value, and a reason: a NULL is no zero."""
    kpi = bench.subject.kpis[kpi_id]
    if not _needs_values(kpi):
        raise DoesNotApplyError(f"{kpi_id} reads nothing but keys and times, which are never blank")
    done = "Every column but keys and times was blanked (NULL):"
    yield from _absent(bench, kpi_id, "blank", done)


def _absent(bench: Bench, kpi_id: str, variant: str, done: str) -> Iterator[str]:
    for result in bench.results(kpi_id, variant=variant):
        if result.value is not None:
            yield (
                f"{done} it still has the value {result.value}. Do not fill what is missing; "
                "answer with Estimate.absent or Estimate.of(None)."
            )
        else:
            yield from absence(result, done)


def _needs_values(kpi: Kpi) -> bool:
    for option in options_of(kpi.calculation):
        calculation = option.calculation
        if isinstance(calculation, Calculator) and callable(calculation.inputs):
            return True
        asked = calculation.inputs if isinstance(calculation, Calculator) else ()
        assert not callable(asked)  # noqa: S101 - returned above
        needs = required_columns(calculation, asked, windowed=False)
        for dataset in kpi.datasets:
            plain = {*dataset.keys, dataset.time}
            if set(needs.get(dataset.name, ())) - plain:
                return True
    return False


def zero_denominator(bench: Bench, kpi_id: str) -> Faults:
    """Where no row counts there is no value: the formula at zero, and a slice that holds no row."""
    kpi = bench.subject.kpis[kpi_id]
    for option in options_of(kpi.calculation):
        if not isinstance(option.calculation, Calculator):
            yield from _at_zero(kpi, option.calculation)
    yield from _in_no_slice(bench, kpi)


def _at_zero(kpi: Kpi, metric: Metric) -> Iterator[str]:
    asked = metric.measures()
    zeros = {name: 0.0 if each.aggregate.is_count else None for name, each in asked.items()}
    try:
        made = metric.estimate(zeros)
    except Exception as error:  # noqa: BLE001 - a plugin's formula may raise anything
        yield (
            f"The formula was given counts of zero and nothing else, and raised "
            f"{type(error).__name__}: {error}. Return Estimate.absent(Reason.ZERO_DENOMINATOR, …)."
        )
        return
    if made.value is not None and kpi.unit is not Unit.COUNT:
        yield (
            f"The formula was given counts of zero and nothing else, and made {made.value} of it. "
            "Return Estimate.absent(Reason.ZERO_DENOMINATOR, ...) where there is nothing to divide."
        )


def _in_no_slice(bench: Bench, kpi: Kpi) -> Iterator[str]:
    if GROUP not in bench.slice_columns:
        return
    for result in bench.results(kpi.id, where={GROUP: NOBODY}):
        if result.value is None:
            yield from absence(result, f"Filtered on {GROUP} = {NOBODY!r}, which no row has:")
        elif not _is_true_zero(result):
            yield (
                f"Filtered on {GROUP} = {NOBODY!r}, which no row has, it has the value "
                f"{result.value} (n = {result.n}). Slice every input, and give no value where none "
                "is left."
            )


def _is_true_zero(result: Result) -> bool:
    """Nothing was counted, or there was something to count it against."""
    if result.value != 0:
        return False
    return result.unit is Unit.COUNT or bool(result.denominator)


def infinite_values(bench: Bench, kpi_id: str) -> Faults:
    """Infinities give no value and a reason, where the value is made of them."""
    yield from _wild(bench, kpi_id, "frames", "infinite", "infinite")
    yield from _wild(bench, kpi_id, "sqlite", "infinite", "infinite")


def not_a_number(bench: Bench, kpi_id: str) -> Faults:
    """Not-a-numbers (which databases can store) give no value and a reason."""
    yield from _wild(bench, kpi_id, "duckdb", "not a number", "not-a-number")


def _wild(bench: Bench, kpi_id: str, engine: str, variant: str, word: str) -> Iterator[str]:
    kpi = bench.subject.kpis[kpi_id]
    if not any(_fractions(each) for each in kpi.datasets):
        raise DoesNotApplyError(f"{kpi_id} reads no fractions, and nothing else can be {word}")
    done = f"Every fraction was made {word}:"
    made_of_them = all(
        _is_made_of_fractions(each.calculation) for each in options_of(kpi.calculation)
    )
    for result in bench.results(kpi_id, engine, variant):
        if result.value is None:
            yield from absence(result, done)
        elif made_of_them:
            yield (
                f"{done} it still has the value {result.value}. Do not drop or clip such values; "
                "answer with Estimate.of, which gives the reason not_finite."
            )
        ends = () if result.interval is None else (result.interval.low, result.interval.high)
        parts = (result.numerator, result.denominator, *ends)
        if result.value is not None and any(
            part is not None and math.isnan(part) for part in parts
        ):
            yield f"{done} beside the value {result.value} stand not-a-numbers: {parts}."


def _fractions(dataset: Dataset) -> list[str]:
    return [
        each.name for each in dataset.columns if each.type is LogicalType.FLOAT and not each.key
    ]


def _is_made_of_fractions(calculation: Metric | Calculator) -> bool:
    """Whether the value itself is computed from a fraction, and not only a condition."""
    if isinstance(calculation, Calculator):
        asked = () if callable(calculation.inputs) else calculation.inputs
        return any(set(ask.columns) & set(_fractions(ask.relation.base)) for ask in asked)
    return any(_reads_fraction(each) for each in calculation.measures().values())


def _reads_fraction(measure: Measure) -> bool:
    if measure.aggregate.is_count or measure.value is None:
        return False
    return _has_fraction(measure.value, _fractions(measure.relation.base))


def _has_fraction(expression: Expression, names: list[str]) -> bool:
    """Whether the expression cannot have a value without one of those columns."""
    if isinstance(expression, ColumnRef):
        return expression.name in names
    below = [_has_fraction(each, names) for each in expression.operands]
    is_choice = isinstance(expression, Function) and expression.name == "coalesce"
    return bool(below) and (all(below) if is_choice else any(below))


def missing_tables(bench: Bench, kpi_id: str) -> Faults:
    """A source without its tables gives no value, and the reason names what is missing."""
    if not bench.subject.kpis[kpi_id].datasets:
        raise DoesNotApplyError(f"{kpi_id} names no table that could be missing")
    expected = (Reason.MISSING_TABLE, Reason.MISSING_COLUMN, Reason.MISSING_PARAMETER)
    for result in bench.results(kpi_id, variant="nothing"):
        if result.value is not None:
            yield f"The source had none of its tables, and it has the value {result.value}."
        elif result.reason not in (*expected, Reason.CALCULATOR_FAILED):
            yield f"The source had none of its tables, and the reason is {result.reason}."
        else:
            yield from absence(result, "The source had none of its tables:")

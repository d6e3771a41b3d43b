"""The parts of a whole. Grouping is filtering on each value, and counts add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpisdk.contracts.calculators import Calculator, options_of
from kpisdk.contracts.datasets import Dataset
from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.measures import Aggregate, Measure
from kpisdk.contracts.metrics import Lift, Mean, Median, Ratio
from kpisdk.contracts.plain_metrics import Simple
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Reason
from kpisdk.testing.benches import Bench
from kpisdk.testing.checks.applying import DoesNotApplyError, Faults
from kpisdk.testing.checks.differences import differences
from kpisdk.testing.tolerance import close


def slices_are_filters(bench: Bench, kpi_id: str) -> Faults:
    """The slice of a value is what filtering on that value gives."""
    columns = _columns(bench, kpi_id)
    for column in columns:
        parts = sorted(bench.results(kpi_id, by=[column]), key=lambda each: str(each.slice))
        for part in parts[-_PARTS:]:
            if column not in part.slice:
                continue  # refused for another reason, which the filter would repeat
            value = part.slice[column]
            filtered = bench.results(kpi_id, where={column: value})
            alone = [_as_slice(each, part) for each in filtered]
            names = ("as a slice", "as a filter")
            yield from differences([part], alone, names)


_PARTS = 3
"""So many slices of a column are compared; rows without a value in it come last and are in."""


def _as_slice(result: Result, part: Result) -> Result:
    import attrs

    return attrs.evolve(result, slice=part.slice, answered_by=part.answered_by)


def _columns(bench: Bench, kpi_id: str) -> list[str]:
    """The columns that the KPI can be sliced by."""
    refused = {}
    for column in bench.slice_columns:
        results = bench.results(kpi_id, by=[column])
        if [result.reason for result in results] == [Reason.UNSUPPORTED_SLICE]:
            refused[column] = results[0].message
    columns = [each for each in bench.slice_columns if each not in refused]
    if not columns:
        why = "; ".join(str(each) for each in refused.values()) or "its rows have no such column"
        raise DoesNotApplyError(f"{kpi_id} takes no slice: {why}")
    return columns


def slices_add_up(bench: Bench, kpi_id: str) -> Faults:
    """Counts and sums of the slices add up to those of the whole; elsewhere n never exceeds it."""
    kpi = bench.subject.kpis[kpi_id]
    whole = bench.results(kpi_id)[0]
    additive = _additive(kpi)
    looked = False
    for column in _columns(bench, kpi_id):
        parts = [each for each in bench.results(kpi_id, by=[column]) if _answers(each, whole)]
        for field, why in additive.items():
            total = getattr(whole, field)
            told = [getattr(part, field) for part in parts]
            if total is None or not any(each is not None for each in told):
                continue
            looked = True
            found = sum(each for each in told if each is not None)
            if not close(float(found), float(total)):
                yield (
                    f"Sliced by {column}, its {field} ({why}) adds up to {found}, and the whole "
                    f"has {total}: rows are lost, or counted in several slices."
                )
        if "n" not in additive and whole.n is not None and _counts_rows(kpi):
            looked = True
            for part in parts:
                if part.n is not None and part.n > whole.n:
                    yield (
                        f"Sliced by {column}, {part.slice[column]!r} stands on n = {part.n}, and "
                        f"the whole on {whole.n}: a slice cannot hold more than the whole."
                    )
    if not looked:
        raise DoesNotApplyError(f"{kpi_id} reports no counts or sums that could be added up")


def _counts_rows(kpi: Kpi) -> bool:
    """Whether n of a slice cannot exceed n of the whole; a formula may look at other rows there."""
    ways = options_of(kpi.calculation)
    known = Calculator | Simple | Ratio | Mean | Median | Lift
    return len(ways) == 1 and isinstance(ways[0].calculation, known)


def _answers(part: Result, whole: Result) -> bool:
    return part.answered_by == whole.answered_by or part.value is None


def _additive(kpi: Kpi) -> Mapping[str, str]:
    """The fields of a result that slices add up to, each with what it counts.

    Rows of a table belong to one slice each. Rows of a derived relation are built for every slice
    anew, distinct values may lie in several slices, and what a function makes of measures is its
    own affair: of those nothing is said.
    """
    ways = options_of(kpi.calculation)
    if len(ways) > 1 or isinstance(ways[0].calculation, Calculator):
        return {}
    metric = ways[0].calculation
    if isinstance(metric, Simple) and _adds(metric.measure):
        return {"value": "the value itself"}
    measures = metric.measures()
    if isinstance(metric, Ratio):
        named = {"numerator": "numerator", "denominator": "denominator", "n": "n"}
        if metric.numerator.aggregate.is_count and metric.denominator.aggregate.is_count:
            named["n"] = "denominator"
    elif isinstance(metric, Mean | Median):
        named = {"n": "n"}
    elif isinstance(metric, Lift):
        named = {"n": "treated"}
    else:
        return {}
    return {
        field: f"measure {name!r}"
        for field, name in named.items()
        if name in measures and _adds(measures[name])
    }


def _adds(measure: Measure) -> bool:
    is_sum = measure.aggregate in (Aggregate.COUNT, Aggregate.SUM)
    return is_sum and not measure.across and isinstance(measure.relation, Dataset)


_MONTHS = 2
"""So many months are compared: the last ones."""


def months_are_windows(bench: Bench, kpi_id: str) -> Iterator[str]:
    """The bucket of a month is what asking for that month gives."""
    kpi = bench.subject.kpis[kpi_id]
    if kpi.window is None:
        raise DoesNotApplyError(f"{kpi_id} has no time window, so it has no months")
    import attrs

    for bucket in bench.results(kpi_id, grain="month")[-_MONTHS:]:
        if bucket.period is None or bucket.reason is Reason.UNSUPPORTED_SLICE:
            raise DoesNotApplyError(f"{kpi_id}: {bucket.message}")
        asked = bench.results(kpi_id, window=bucket.period)
        alone = [attrs.evolve(each, period=bucket.period) for each in asked]
        if kpi.is_extensive and bucket.ok:
            # A month may be as long as the KPI's own window, and a bucket is never judged.
            alone = [
                attrs.evolve(each, status=bucket.status, reason=bucket.reason) for each in alone
            ]
        yield from differences([bucket], alone, ("as a bucket", "as a window"))

"""What a recorded run said of its KPIs: a run that is recorded again exits by it."""

from __future__ import annotations

from kpisdk import Result
from kpisdk_history.store import Run, Store


def recorded_results(store: Store, run: Run) -> tuple[Result, ...]:
    """The results of a recorded run as they were computed, in their order.

    Figures that were not among its results any more are left out, as its report left them out.

    Args:
        store: where the run is.
        run: the run, with its number.

    Raises:
        StoreError: the store cannot be read.
        DamagedResultError: a result's JSON is none any more.
    """
    with store.reading() as reading:
        numbers = [each.id for each in reading.results(run_id=run.id) if not each.gone]
        return tuple(reading.result(number) for number in numbers)

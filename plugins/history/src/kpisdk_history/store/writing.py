"""One transaction that appends a run, and whatever belongs to it, or nothing at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from kpisdk_history.store.reading import Reading
from kpisdk_history.store.runs import Restatement, Run
from kpisdk_history.store.tables import RESTATEMENTS, RESULTS, RUNS


@attrs.frozen
class Writing(Reading):
    """The open transaction of a writer, which no other one is beside.

    Everything that has to be there together is written through one of these: the run, its results,
    the state of alerts and the outbox. It is kept as a whole when the ``with`` block ends, and not
    at all where that raises or the process dies. What it reads is what it wrote, too.

    ``connection`` takes any statement on the tables of ``kpisdk_history.store.tables``.
    """

    def append_run(self, run: Run) -> Run:
        """Append a run; the same with its number."""
        values = attrs.asdict(run, recurse=False)
        del values["id"]
        values["request"] = json.dumps(run.request, ensure_ascii=False, default=str)
        made = self.connection.execute(sa.insert(RUNS).values(values))
        return attrs.evolve(run, id=_number(made))

    def append_results(self, run: Run, rows: Sequence[Mapping[str, Any]]) -> range:
        """Append the results of a run, as :func:`~kpisdk_history.store.figures.row_of` makes them.

        Args:
            run: the run, with its number.
            rows: the results.

        Returns:
            Their numbers, in order: a writer is alone, so that they follow one another.
        """
        if not rows:
            return range(0)
        first = 1 + (self.connection.execute(sa.select(sa.func.max(RESULTS.c.id))).scalar() or 0)
        numbers = range(first, first + len(rows))
        self.connection.execute(
            sa.insert(RESULTS),
            [
                {**row, "run_id": run.id, "id": number}
                for row, number in zip(rows, numbers, strict=True)
            ],
        )
        return numbers

    def append_restatements(self, found: Iterable[Restatement]) -> None:
        """Append restatements."""
        rows = [{**attrs.asdict(each), "reasons": json.dumps(each.reasons)} for each in found]
        if rows:
            self.connection.execute(sa.insert(RESTATEMENTS), rows)


def _number(made: sa.CursorResult[Any]) -> int:
    (number,) = made.inserted_primary_key or (0,)
    return int(number)

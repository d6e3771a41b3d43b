"""What was run to compute each KPI: a receipt of every statement, and of nothing that it read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import attrs

from kpisdk.contracts.manifest import Bound, StatementReceipt


@attrs.define
class StatementLog:
    """The receipts of one execution, by the KPIs that the statements were run for.

    What is run outside of :meth:`of` (to find tables, the newest row, the keys of a cache) is
    preparation, and no part of a value.
    """

    _entries: list[tuple[frozenset[str], StatementReceipt]] = attrs.field(factory=list)
    _owners: frozenset[str] = frozenset()

    def note(self, text: str, values: Bound, rows: int) -> None:
        """A statement that was run, as the driver received it."""
        if self._owners:
            self._entries.append((self._owners, StatementReceipt.of(text, values, rows)))

    @contextmanager
    def of(self, kpi_ids: Iterable[str]) -> Iterator[None]:
        """What is run inside is run for these KPIs."""
        before, self._owners = self._owners, frozenset(kpi_ids)
        try:
            yield
        finally:
            self._owners = before

    def receipts(self, kpi_id: str) -> tuple[StatementReceipt, ...]:
        """The statements that were run for a KPI, alone or with others, in order."""
        return tuple(receipt for owners, receipt in self._entries if kpi_id in owners)

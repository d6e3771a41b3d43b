"""Two plugins that bring one KPI id, or that read one table differently."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from kpisdk.errors import KpisdkError, listed


@attrs.frozen
class Clash:
    """One aspect of a dataset that is read in more than one way.

    ``sides`` holds a reading each, with the plugins (distribution and version) that declare it.
    """

    dataset: str
    aspect: str
    sides: tuple[tuple[str, tuple[str, ...]], ...]

    def __str__(self) -> str:
        readings = [f"{reading} by {listed(labels)}" for reading, labels in self.sides]
        return f"{self.aspect} of dataset {self.dataset!r} is declared {listed(readings)}"


ADVICE = "Ask the plugins' authors to agree, or uninstall one of the plugins."
"""What to do about a clash."""


@attrs.define(eq=False)
class KpiConflictError(KpisdkError):
    """One KPI id that several plugins bring."""

    kpi_id: str
    labels: Sequence[str]

    template = "KPI {kpi_id!r} {fault}"

    @property
    def fault(self) -> str:
        """What is wrong with the KPI, for a list that names it already."""
        return (
            f"is brought by {listed(self.labels)}, so it is not clear which to compute. "
            "Uninstall all of them but one."
        )


@attrs.define(eq=False)
class DatasetClashError(KpisdkError):
    """A KPI that reads a table which the plugins declare in contradicting ways."""

    kpi_id: str
    clashes: Sequence[Clash]

    template = "KPI {kpi_id!r} {fault}"

    @property
    def fault(self) -> str:
        """What is wrong with the KPI, for a list that names it already."""
        return f"cannot be computed: {'; '.join(str(clash) for clash in self.clashes)}. {ADVICE}"

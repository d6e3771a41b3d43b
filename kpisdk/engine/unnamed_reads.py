"""What a plugin's calculation reads and does not name, so that its results cannot be kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from kpisdk.contracts.calculators import Calculator
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.relations import Derived, Relation
from kpisdk.engine.outside_reads import (
    home_of,
    names_environment,
    names_libraries,
    outside_reads,
)
from kpisdk.engine.resolution import ResolvedKpi


@attrs.define
class UnnamedReads:
    """What the calculations of one execution read and do not name, by KPI.

    Nobody watches a calculator of a KPI whose results are not kept anyway: see :meth:`keep`.
    """

    _found: dict[str, set[str]] = attrs.field(factory=dict)
    _kept: set[str] = attrs.field(factory=set)
    _stateless: list[Calculator] = attrs.field(factory=list)

    def of(self, kpi_id: str) -> frozenset[str]:
        """What was read for a KPI, in words."""
        return frozenset(self._found.get(kpi_id, ()))

    def note(self, kpi_id: str, what: str) -> None:
        """Something was read for a KPI."""
        self._found.setdefault(kpi_id, set()).add(what)

    def keep(self, kpi_id: str) -> None:
        """The results of this KPI may be kept, if nothing unnamed is read for them."""
        self._kept.add(kpi_id)

    def is_kept(self, kpi_id: str) -> bool:
        """Whether the results of a KPI may be kept."""
        return kpi_id in self._kept

    def stateless(self, calculator: Calculator) -> None:
        """A calculator says that the state of what it reads cannot be told."""
        self._stateless.append(calculator)

    def is_stateless(self, calculator: Calculator) -> bool:
        """Whether a calculator has said so."""
        return any(calculator is each for each in self._stateless)

    @contextmanager
    def watched(self, kpi: ResolvedKpi, calculation: Calculator | Metric) -> Iterator[None]:
        """Note what is read in the block and is no file that the calculation names.

        A calculator with a state says by it what it depends on. Files of the function's own package
        go by its version.
        """
        if isinstance(calculation, Calculator) and calculation.state is not None:
            yield
            return
        function = getattr(calculation, "function", None)
        if function is not None and names_environment(function):
            self.note(kpi.id, "variables of the environment")
        names_files = isinstance(calculation, Calculator) and calculation.reads is not None
        if function is not None and not names_files and names_libraries(function):
            self.note(kpi.id, "what a library may open by itself")
        with outside_reads() as seen:
            yield
        if seen.files or seen.others:
            named: list[str | Path] = list(home_of(function))
            if isinstance(calculation, Calculator):
                named += calculation.outside(kpi.parameters, kpi.settings)
            for what in seen.beyond(named):
                self.note(kpi.id, what)


def builds_from_outside(relations: Iterable[Relation]) -> bool:
    """Whether a function that builds one of these relations may read anything; told by its names.

    Such functions run where statements are made, for several KPIs at once, and are not watched.
    """
    return any(
        names_environment(relation.build) or names_libraries(relation.build, opening=True)
        for relation in relations
        if isinstance(relation, Derived)
    )

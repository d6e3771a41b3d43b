"""What a plugin's calculation reads and does not name, so that its results cannot be kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kpisdk.contracts.calculators import Calculator, relations_of
from kpisdk.contracts.metric_protocol import Metric
from kpisdk.contracts.relations import Derived
from kpisdk.engine.outside_reads import (
    home_of,
    names_environment,
    names_libraries,
    outside_reads,
)


@contextmanager
def unnamed_reads(
    unnamed: set[str],
    calculation: Calculator | Metric,
    parameters: Mapping[str, Any],
    settings: Any,
) -> Iterator[None]:
    """Add to ``unnamed`` what is read in the block and is no file that the calculation names.

    A calculator with a state says by it what it depends on. Files of the function's own package go
    by its version.
    """
    if isinstance(calculation, Calculator) and calculation.state is not None:
        yield
        return
    function = getattr(calculation, "function", None)
    if function is not None and names_environment(function):
        unnamed.add("variables of the environment")
    names_files = isinstance(calculation, Calculator) and calculation.reads is not None
    if function is not None and not names_files and names_libraries(function):
        unnamed.add("what a library may open by itself")
    with outside_reads() as seen:
        yield
    if seen.files or seen.others:
        named: list[str | Path] = list(home_of(function))
        if isinstance(calculation, Calculator):
            named += calculation.outside(parameters, settings)
        unnamed.update(seen.beyond(named))


def builds_from_outside(calculation: Calculator | Metric) -> bool:
    """Whether a function that builds one of its relations may read anything; told by its names.

    Such functions run where statements are made, for several KPIs at once, and are not watched.
    """
    return any(
        names_environment(relation.build) or names_libraries(relation.build, opening=True)
        for relation in relations_of(calculation)
        if isinstance(relation, Derived)
    )

"""Which source each KPI of a request is computed in: the one that all of its tables lie in."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from kpisdk.contracts.kpis import Kpi
from kpisdk.contracts.requests import Request
from kpisdk.contracts.results import Result
from kpisdk.engine.context import ExecutionContext
from kpisdk.registry import Registry


@attrs.frozen
class Part:
    """The KPIs of a request that are computed in one place.

    Attributes:
        request: the request for these KPIs alone, with the parameters that they take.
        datasets: what they read, where one of them lies elsewhere; empty for the workspace's own
            source.
        sources: the names of the sources that these lie in, for whoever reads the results.
    """

    request: Request
    datasets: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()

    def context(self, own: ExecutionContext) -> ExecutionContext:
        """The context that answers this part.

        Raises:
            SourceUnavailableError: a source that is needed does not exist.
        """
        if not self.datasets or own.elsewhere is None:
            return own
        columns = frozenset((*self.request.where, *self.request.by))
        return own.elsewhere.context(own, self.datasets, columns)

    def told(self, result: Result) -> Result:
        """A result that says which source its tables lie in, where that is not the workspace's."""
        if not self.sources or result.answered_by is None:
            return result
        where = f"{result.answered_by} ({', '.join(self.sources)})"
        return attrs.evolve(result, answered_by=where)


def parts(request: Request, context: ExecutionContext) -> tuple[Part, ...]:
    """A request by the sources that answer it, the workspace's own first.

    KPIs whose tables lie in one source are computed there, by its own engine. Those whose tables
    lie in several are computed together with those that read the same sources.
    """
    elsewhere = context.elsewhere
    if elsewhere is None or not elsewhere.places:
        return (Part(request),)
    registry = context.definitions.registry
    own = elsewhere.own
    found: dict[frozenset[str], list[tuple[str, frozenset[str]]]] = {}
    for kpi_id in request.kpi_ids:
        datasets = frozenset(_reached(registry.kpis[kpi_id], request, registry))
        places = frozenset(elsewhere.places.get(each, own) for each in datasets)
        found.setdefault(places or frozenset({own}), []).append((kpi_id, datasets))
    made = []
    for places, members in sorted(found.items(), key=lambda each: each[0] != {own}):
        ids = tuple(kpi_id for kpi_id, _ in members)
        taken = {each.name for kpi_id in ids for each in registry.kpis[kpi_id].parameters}
        given = {name: value for name, value in request.parameters.items() if name in taken}
        part = attrs.evolve(request, kpi_ids=ids, parameters=given)
        if places == {own}:
            made.append(Part(part))
        else:
            read = frozenset().union(*(datasets for _, datasets in members))
            made.append(Part(part, read, tuple(sorted(places))))
    return tuple(made)


def _reached(kpi: Kpi, request: Request, registry: Registry) -> Iterator[str]:
    """The datasets that a KPI reads, and those that a slice may reach from them.

    A column of the request that its own datasets do not declare may be that of a dataset that they
    refer to; only then does it matter where that one lies.
    """
    timed = () if kpi.time_dataset is None else (kpi.time_dataset,)
    own = dict.fromkeys(each.name for each in (*kpi.datasets, *timed))
    yield from own
    known = [registry.contract[name] for name in own if name in registry.contract]
    declared = {column.name for dataset in known for column in dataset.columns}
    if not {*request.where, *request.by} - declared:
        return
    waiting, seen = list(own), set(own)
    while waiting:
        dataset = registry.contract.get(waiting.pop())
        for reference in () if dataset is None else dataset.references:
            name = reference.to.name
            if name not in seen:
                seen.add(name)
                waiting.append(name)
                yield name

"""The records that the checked measures and metrics of a definition file make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from kpisdk import (
    Aggregate,
    Calculation,
    Dataset,
    DefinitionError,
    Difference,
    Expression,
    FirstOf,
    Formula,
    Lift,
    LogicalType,
    Mean,
    Measure,
    Median,
    Metric,
    Option,
    Ratio,
    Simple,
    UnknownNameError,
    with_referenced,
)
from kpisdk_definitions.arithmetic import MeasureArithmetic, read_arithmetic, with_rows_behind
from kpisdk_definitions.expression_reader import read_expression, read_predicate
from kpisdk_definitions.grammar import METRICS
from kpisdk_definitions.operand_reader import Names
from kpisdk_definitions.places import Faults, Node, Place
from kpisdk_definitions.sampling_reader import read_sampling
from kpisdk_definitions.window_reader import read_window

AGGREGATES: Mapping[str, Aggregate] = {
    "count": Aggregate.COUNT,
    "count_distinct": Aggregate.DISTINCT,
    "total": Aggregate.SUM,
    "mean": Aggregate.MEAN,
    "median": Aggregate.QUANTILE,
    "quantile": Aggregate.QUANTILE,
    "variance": Aggregate.VARIANCE,
    "minimum": Aggregate.MIN,
    "maximum": Aggregate.MAX,
}
"""The key that tells measures apart, and what it aggregates."""


@attrs.frozen(eq=False)
class Reading:
    """What the parts of one KPI may refer to, and where their faults go.

    Attributes:
        datasets: by name; the place of one that is declared and faulty.
        faults: where what is wrong is noted.
        parameters: the types of the parameters that expressions may name.
    """

    datasets: Mapping[str, Dataset | Place]
    faults: Faults
    parameters: Mapping[str, LogicalType] = attrs.field(factory=dict)

    def dataset(self, node: Node) -> Dataset | None:
        """The dataset that a node names."""
        if node.value not in self.datasets:
            error = UnknownNameError("dataset", node.value, tuple(self.datasets))
            self.faults.add(node.place, error.message)
            return None
        found = self.datasets[node.value]
        if isinstance(found, Dataset):
            return found
        if found.file != node.place.file:
            # Its own file tells the faults; this one must not look as if it had none.
            self.faults.add(node.place, f"the dataset {node.value!r} has faults, told at {found}")
        return None

    def expression(
        self, node: Node, dataset: Dataset, *, is_predicate: bool = False
    ) -> Expression | None:
        """The expression that a text says over the columns of a dataset.

        Args:
            node: the text.
            dataset: whose columns it may name.
            is_predicate: whether a condition is wanted, and not a value.
        """
        columns = {column.name: column.type for column in dataset.columns}
        names = Names(dataset.name, columns, self.parameters)
        read = read_predicate if is_predicate else read_expression
        return self.told(node, read(node.value, names))

    def told(self, node: Node, found: Expression | list[tuple[int, str]]) -> Expression | None:
        """What was read of a text, its faults noted at their places.

        Args:
            node: the text.
            found: what its reader gave: an expression, or faults with their offsets.
        """
        if not isinstance(found, list):
            return found
        for offset, what in found:
            self.faults.add(node.within(offset), what)
        return None

    def made(self, node: Node, make: Callable[[], Any]) -> Any:
        """A record, or ``None`` where it refuses its parts.

        Args:
            node: where its faults are noted.
            make: makes the record.
        """
        try:
            return make()
        except DefinitionError as error:
            for problem in error.problems:
                first = problem.where.split(".")[0]
                self.faults.add(node.at(first), f"{problem.where}: {problem.what}")
            return None


def measure_of(node: Node, reading: Reading) -> Measure | None:
    """The measure that a checked node says, or ``None`` with its faults noted.

    Args:
        node: the value in its document.
        reading: what the KPI may refer to, and where faults go.
    """
    key = next(each for each in AGGREGATES if each in node)
    dataset = reading.dataset(node[key] if key == "count" else node["from"])
    if dataset is None:
        return None
    before = len(reading.faults.found)
    value = None if key == "count" else reading.expression(node[key], dataset)
    where = _predicate(node, "where", dataset, reading)
    across = node.get("across")
    for column in () if across is None else across.value:
        slice_column(column, dataset, reading)
    if len(reading.faults.found) > before:
        return None
    level = node["level"].value if key == "quantile" else 0.5 if key == "median" else None
    names = () if across is None else tuple(across.plain())
    made: Measure | None = reading.made(
        node, lambda: Measure(AGGREGATES[key], dataset, value, where, level, names)
    )
    return made


def slice_column(node: Node, dataset: Dataset, reading: Reading) -> None:
    """Note where a name is no column of the dataset, nor of one that it refers to.

    Args:
        node: the name.
        dataset: the rows.
        reading: what the KPI may refer to, and where faults go.
    """
    tables = with_referenced((dataset,)).values()
    known = [column.name for table in tables for column in table.columns]
    if node.value not in known:
        error = UnknownNameError(f"column of {dataset.name!r}", node.value, known)
        reading.faults.add(node.place, error.message)


def _predicate(node: Node, key: str, dataset: Dataset, reading: Reading) -> Expression | None:
    text = node.get(key)
    return None if text is None else reading.expression(text, dataset, is_predicate=True)


def calculation_of(node: Node, reading: Reading) -> Calculation | None:
    """The calculation of a KPI's checked node, or ``None`` with its faults noted.

    Args:
        node: the value in its document.
        reading: what the KPI may refer to, and where faults go.
    """
    if "first_of" not in node:
        return metric_of(node, reading)
    body = node["first_of"]
    options = [_option(each, reading) for each in body["options"].value]
    kept = tuple(each for each in options if each is not None)
    if len(kept) < len(options):
        return None
    named = {key: body[key].value for key in ("parameter", "tolerance") if key in body}
    made: FirstOf | None = reading.made(body, lambda: FirstOf(kept, **named))
    return made


def _option(node: Node, reading: Reading) -> Option | None:
    metric = metric_of(node, reading)
    window = read_window(node.get("window"), reading.faults)
    if metric is None:
        return None
    sampling = None
    if "sampling" in node:
        sampling = read_sampling(node["sampling"])
        fault = sampling.fault(each.relation for each in metric.measures().values())
        if fault is not None:
            reading.faults.add(node.at("sampling"), f"sampling: {fault}")
    return Option(node["name"].value, metric, window, sampling)


def metric_of(node: Node, reading: Reading) -> Metric | None:
    """The metric of a checked node that has one of the keys of the grammar's metrics.

    Args:
        node: the value in its document.
        reading: what the KPI may refer to, and where faults go.
    """
    key = next(each for each in METRICS if each in node)
    return _MAKERS[key](node[key], reading)


def _simple(node: Node, reading: Reading) -> Metric | None:
    measure = measure_of(node, reading)
    return None if measure is None else Simple(measure)


def _of_measures(make: Callable[..., Metric], *keys: str) -> Callable[[Node, Reading], Any]:
    def read(node: Node, reading: Reading) -> Metric | None:
        found = {key: measure_of(node[key], reading) for key in (*keys, "n") if key in node}
        return None if None in found.values() else make(**found)

    return read


def _estimated(make: Callable[..., Metric]) -> Callable[[Node, Reading], Any]:
    def read(node: Node, reading: Reading) -> Metric | None:
        dataset = reading.dataset(node["from"])
        if dataset is None:
            return None
        before = len(reading.faults.found)
        value = reading.expression(node["value"], dataset)
        where = _predicate(node, "where", dataset, reading)
        if value is None or len(reading.faults.found) > before:
            return None
        metric = make(dataset, value, where)
        # The measures are made when they are asked for; a fault of theirs is told here.
        asked = reading.made(node, metric.measures)
        return None if asked is None else metric

    return read


def _lift(node: Node, reading: Reading) -> Metric | None:
    dataset = reading.dataset(node["from"])
    if dataset is None:
        return None
    parts = [_predicate(node, key, dataset, reading) for key in ("hit", "treated", "control")]
    hit, treated, control = parts
    if hit is None or treated is None or control is None:
        return None
    return Lift(dataset, hit, treated, control)


def _arithmetic(node: Node, reading: Reading) -> Metric | None:
    measures = {name: measure_of(each, reading) for name, each in node["measures"].items()}
    text, n = node["value"], node.get("n")
    value = reading.told(text, read_arithmetic(text.value, measures))
    if n is not None and n.value not in measures:
        error = UnknownNameError("measure", n.value, tuple(measures))
        reading.faults.add(n.place, error.message)
        return None
    kept = {name: each for name, each in measures.items() if each is not None}
    if value is None or len(kept) < len(measures):
        return None
    unused = set(measures) - {each.name for each in value.walk() if hasattr(each, "name")}
    if n is not None:
        unused.discard(n.value)
    for name in sorted(unused):
        reading.faults.add(node["measures"].at(name), f"the measure {name!r} is not used")
    counted = tuple(
        name for name, each in kept.items() if each.aggregate.is_count and each.where is not None
    )
    function = MeasureArithmetic(value, None if n is None else n.value)
    return Formula(with_rows_behind(kept) if n is None else kept, function, counted)


_MAKERS: Mapping[str, Callable[[Node, Reading], Metric | None]] = {
    "simple": _simple,
    "ratio": _of_measures(Ratio, "numerator", "denominator"),
    "mean": _estimated(Mean),
    "median": _estimated(Median),
    "lift": _lift,
    "difference": _of_measures(Difference, "left", "right"),
    "arithmetic": _arithmetic,
}

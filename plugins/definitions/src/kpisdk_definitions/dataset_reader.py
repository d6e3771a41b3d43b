"""The records that the checked ``datasets`` of definition files make."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from kpisdk import Column, Dataset, DefinitionError, Reference, UnknownNameError
from kpisdk_definitions.places import Faults, Node


@attrs.define(eq=False)
class DatasetReader:
    """Datasets by name, each made when it is first referred to; ``None`` for a faulty one.

    Attributes:
        nodes: those whose shape is right, by name.
        declared: the names of all.
        faults: where what is wrong is noted.
        made: those that were made so far.
        open: the names that are being made, for a circle of references.
    """

    nodes: Mapping[str, Node]
    declared: frozenset[str]
    faults: Faults
    made: dict[str, Dataset | None] = attrs.field(factory=dict)
    open: list[str] = attrs.field(factory=list)

    def all(self) -> dict[str, Dataset | None]:
        """Every dataset."""
        for name in self.nodes:
            self.dataset(name)
        return self.made

    def dataset(self, name: str) -> Dataset | None:
        """The dataset of that name."""
        if name not in self.made:
            self.open.append(name)
            self.made[name] = self._make(name, self.nodes[name])
            self.open.pop()
        return self.made[name]

    def _make(self, name: str, node: Node) -> Dataset | None:
        types = {column: each.value for column, each in node["columns"].items()}
        references = self._references(node, types)
        key, time = node.get("key"), node.get("time")
        for each in (key, time):
            if each is not None and each.value not in types:
                known = tuple(types)
                error = UnknownNameError(f"column of dataset {name!r}", each.value, known)
                self.faults.add(each.place, error.message)
                return None
        if references is None:
            return None
        is_key = None if key is None else key.value
        columns = tuple(Column(column, kind, column == is_key) for column, kind in types.items())
        try:
            return Dataset(name, columns, None if time is None else time.value, references)
        except DefinitionError as error:
            for problem in error.problems:
                where = problem.where if problem.where in node else "columns"
                self.faults.add(node.at(where), f"{problem.where}: {problem.what}")
            return None

    def _references(self, node: Node, types: Mapping[str, str]) -> tuple[Reference, ...] | None:
        """The references, or ``None`` where one of them is faulty."""
        body = node.get("references")
        found: list[Reference] = []
        for column, target in () if body is None else body.items():
            if column not in types:
                what = UnknownNameError("column", column, tuple(types)).message
                self.faults.add(body.at(column) if body else node.place, what)
            elif target.value in self.open:
                self.faults.add(target.place, f"{target.value!r} refers back to this dataset")
            elif target.value not in self.declared:
                what = UnknownNameError("dataset", target.value, sorted(self.declared)).message
                self.faults.add(target.place, what)
            else:
                other = self.dataset(target.value) if target.value in self.nodes else None
                if other is None:
                    self.faults.add(target.place, f"the dataset {target.value!r} has faults")
                else:
                    found.append(Reference(column, other))
        return None if body is not None and len(found) < len(body.value) else tuple(found)

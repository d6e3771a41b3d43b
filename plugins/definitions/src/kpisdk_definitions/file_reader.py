"""Definition files as KPI records, all faults of a file at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path

import attrs

from kpisdk import Dataset, DefinitionFileError, Kpi, Problem, quoted
from kpisdk_definitions.dataset_reader import DatasetReader
from kpisdk_definitions.documents import read_document
from kpisdk_definitions.grammar import DATASET, DOCUMENT
from kpisdk_definitions.kpi_reader import read_kpi
from kpisdk_definitions.places import Faults, Node, Place


def read_kpis(*paths: str | PathLike[str]) -> tuple[Kpi, ...]:
    """The KPIs that definition files (``.yaml``, ``.yml``, ``.toml``) define, in their order.

    A plugin needs no more than this in its hook ``kpisdk_kpis``::

        return read_kpis(Path(__file__).with_name("kpis.yaml"))

    Args:
        *paths: the files; the datasets of one are known in all of them.

    Raises:
        DefinitionFileError: all faults of all files, each with file, line and column.
    """
    files = DefinitionFiles({path.name: path for path in map(Path, paths)})
    problems = [problem for name in files.paths for problem in files.problems(name)]
    if problems:
        raise DefinitionFileError(", ".join(files.paths), problems)
    return tuple(kpi for name in files.paths for kpi in files.kpis(name))


@attrs.define(eq=False, slots=False)
class DefinitionFiles:
    """Definition files that are read together, when the first of them is asked for.

    The datasets of one file are known in all of them.

    Attributes:
        paths: the files, by the names that places are told by.
    """

    paths: Mapping[str, Path]

    def kpis(self, name: str) -> tuple[Kpi, ...]:
        """The KPIs of one file; those with faults are missing."""
        return self._read[0][name]

    def problems(self, name: str) -> list[Problem]:
        """What is wrong with one file, in the order of its lines."""
        faults = self._read[1]
        return Faults([each for each in faults.found if each[0].file == name]).problems()

    @cached_property
    def _read(self) -> tuple[dict[str, tuple[Kpi, ...]], Faults]:
        faults = Faults()
        documents = {
            name: document
            for name, path in self.paths.items()
            if (document := read_document(path, name, faults)) is not None
        }
        for document in documents.values():
            DOCUMENT.check(document, faults)
            if isinstance(document.value, dict) and not {"datasets", "kpis"} & set(document.value):
                faults.add(document.place, "holds neither datasets nor kpis")
        datasets = _datasets(documents.values(), faults)
        listed = {name: _listed(document.get("kpis")) for name, document in documents.items()}
        _refuse_twins([node for nodes in listed.values() for node in nodes], faults)
        found: dict[str, tuple[Kpi, ...]] = dict.fromkeys(self.paths, ())
        for name, nodes in listed.items():
            made = [read_kpi(each, datasets, faults) for each in nodes]
            found[name] = tuple(each for each in made if each is not None)
        return found, faults


def _datasets(documents: Iterable[Node], faults: Faults) -> dict[str, Dataset | Place]:
    """The datasets of all documents by name; of a faulty one its place."""
    places: dict[str, Place] = {}
    sound: dict[str, Node] = {}
    for document in documents:
        section = document.get("datasets")
        if section is None or not isinstance(section.value, dict):
            continue
        for name, node in section.items():
            if name in places:
                what = f"the dataset {quoted(name)} is declared at {places[name]} too"
                faults.add(section.at(name), what)
                continue
            places[name] = section.at(name)
            if DATASET.accepts(node):
                sound[name] = node
    made = DatasetReader(sound, frozenset(places), faults).all()
    return {name: made.get(name) or place for name, place in places.items()}


def _listed(section: Node | None) -> Sequence[Node]:
    return section.value if section is not None and isinstance(section.value, tuple) else ()


def _refuse_twins(nodes: Iterable[Node], faults: Faults) -> None:
    first: dict[str, Place] = {}
    for node in nodes:
        found = node.get("id")
        if found is None or not isinstance(found.value, str):
            continue
        if found.value in first:
            what = f"the KPI {quoted(found.value)} is defined at {first[found.value]} too"
            faults.add(found.place, what)
        first.setdefault(found.value, found.place)

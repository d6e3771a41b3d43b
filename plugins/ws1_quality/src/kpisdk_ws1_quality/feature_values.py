"""The numbers of features in production documents, and all that stood there and was none."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

import attrs

from kpisdk import Note
from kpisdk_ws1_quality.json_documents import (
    is_nothing,
    kind_of,
    number,
    number_in_text,
    parsed_each,
)

MOST = 10
"""So many features are named in a warning, and of the rest how many there are."""


@attrs.define
class Production:
    """The numbers of each feature over documents, and what could not be counted.

    Attributes:
        values: by feature, its numbers.
        places: by feature, the document that each of its numbers stood in, counted from 0.
        as_text: by feature, how many of its numbers were written as texts.
        odd: by feature, the values that are no numbers, by what they are instead.
        rows: documents that hold a number of a wanted feature.
        documents: how many there were.
        junk: how many more were none.
    """

    values: dict[str, list[float]] = attrs.field(factory=dict)
    places: dict[str, list[int]] = attrs.field(factory=dict)
    as_text: Counter[str] = attrs.field(factory=Counter)
    odd: dict[str, Counter[str]] = attrs.field(factory=dict)
    rows: int = 0
    documents: int = 0
    junk: int = 0

    def _number(self, name: str, value: Any) -> float | None:
        found = number(value)
        if found is None:
            found = number_in_text(value)
            if found is not None:
                self.as_text[name] += 1
            else:
                self.odd.setdefault(name, Counter())[kind_of(value)] += 1
        return found

    def absent(self, name: str) -> int:
        """How many documents say nothing of a feature."""
        odd = self.odd.get(name, Counter())
        return self.documents - len(self.values.get(name, ())) - odd.total()

    def is_unreadable(self, names: Iterable[str]) -> bool:
        """Whether some of these features hold values, and none that could be read."""
        return any(self.odd.get(name, Counter()).keys() - {"null"} for name in names)

    def notes(self, names: Iterable[str]) -> tuple[Note, ...]:
        """The warnings of values of these features that were converted or left out."""
        wanted = sorted(names)
        texts = {name: self.as_text[name] for name in wanted if self.as_text[name]}
        lost = {name: self._lost(name) for name in wanted}
        told = {name: words for name, words in lost.items() if words}
        notes = []
        if texts:
            said = _several({name: f"{count} value(s)" for name, count in texts.items()})
            notes.append(Note("numbers_as_text", f"Written as texts, read as numbers: {said}."))
        if told:
            notes.append(Note("values_left_out", f"Left out, being no numbers: {_several(told)}."))
        return tuple(notes)

    def _lost(self, name: str) -> str:
        kinds = dict(sorted(self.odd.get(name, Counter()).items()))
        absent = self.absent(name)
        parts = [f"{count} {kind}" for kind, count in kinds.items()]
        return ", ".join([*parts, *([f"{absent} absent"] if absent else [])])


def production(documents: Sequence[Any], wanted: Collection[str]) -> Production:
    """What documents hold of features; ``wanted`` ones decide which rows stand behind a value.

    Args:
        documents: JSON objects as texts, one for each row.
        wanted: the features that decide which rows stand behind a value.
    """
    found = Production()
    values, places = found.values, found.places
    for place, (text, document) in enumerate(zip(documents, parsed_each(documents), strict=True)):
        if document is None:
            if is_nothing(text):
                found.documents += 1
            else:
                found.junk += 1
            continue
        found.documents += 1
        counts = False
        for name, value in document.items():
            # Most are finite floats already: they need no closer look.
            known = (
                value if type(value) is float and isfinite(value) else found._number(name, value)  # noqa: SLF001 - its own class
            )
            if known is not None:
                values.setdefault(name, []).append(known)
                places.setdefault(name, []).append(place)
                counts = counts or name in wanted
        found.rows += counts
    return found


def _several(words: Mapping[str, str]) -> str:
    shown = [f"{name} ({said})" for name, said in list(words.items())[:MOST]]
    rest = len(words) - MOST
    return "; ".join([*shown, *([f"and {rest} more feature(s)"] if rest > 0 else [])])

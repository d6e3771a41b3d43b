"""Recalls by group as documents of fairness_metrics store them, and what stood there instead."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import attrs

from kpisdk import Note
from kpisdk_ws1_quality.json_documents import (
    is_nothing,
    json_junk,
    kind_of,
    number,
    number_in_text,
    parsed,
)

MOST = 10
"""So many groups are named in a warning, and of the rest how many there are."""


@attrs.define
class StoredRecalls:
    """Reads documents one by one, and counts the rows whose groups were lost on the way.

    Attributes:
        junk: rows whose document is none.
        misshapen: rows whose document holds something other than recalls by group.
        outside: rows with a recall below 0 or above 1.
        as_text: rows whose recall is a number written as a text, by group.
        odd: rows by group and by what stood in its place.
    """

    junk: int = 0
    misshapen: int = 0
    outside: int = 0
    as_text: Counter[str] = attrs.field(factory=Counter)
    odd: Counter[tuple[str, str]] = attrs.field(factory=Counter)

    def of(self, text: Any, attribute: str, times: int) -> dict[str, float]:
        """The recalls by group that a document of ``times`` rows stores of the attribute.

        Args:
            text: the document, as JSON.
            attribute: what tells the groups apart.
            times: how many rows hold it.
        """
        document = parsed(text)
        if document is None:
            self.junk += 0 if is_nothing(text) else times
            return {}
        groups = self._groups(document, attribute)
        if groups is None:
            self.misshapen += times
            return {}
        found = {}
        for group, value in groups.items():
            recall = number(value)
            if recall is None:
                recall = number_in_text(value)
                if recall is None:
                    self.odd[group, kind_of(value)] += times
                    continue
                self.as_text[group] += times
            found[group] = recall
        self.outside += times if any(not 0 <= each <= 1 for each in found.values()) else 0
        return found

    @staticmethod
    def _groups(document: dict[str, Any], attribute: str) -> dict[str, Any] | None:
        """The groups of the attribute; none where nothing is stored, ``None`` where it is odd."""
        found: Any = document
        for key in ("recall_by_group", attribute):
            found = found.get(key)
            if found is None:
                return {}
            if not isinstance(found, dict):
                return None
        return dict(found)

    @property
    def unreadable(self) -> bool:
        """Whether something is stored that is neither a number nor nothing."""
        return self.junk > 0 or self.misshapen > 0 or any(kind != "null" for _, kind in self.odd)

    def notes(self) -> tuple[Note, ...]:
        """The warnings of all that was lost, converted, or no recall can be."""
        told = list(json_junk(self.junk, "fairness_metrics"))
        if self.misshapen:
            words = f"{self.misshapen} row(s) store no groups of recalls but something else."
            told.append(Note("values_left_out", words))
        if self.odd:
            lost = [f"{group} ({kind}, {n} row(s))" for (group, kind), n in self.odd.items()]
            what = "Left out of the gap, their stored recall being no number"
            told.append(Note("group_left_out", f"{what}: {_listed(lost)}."))
        if self.as_text:
            said = _listed(self.as_text)
            told.append(Note("numbers_as_text", f"Written as texts, read as numbers: {said}."))
        if self.outside:
            words = f"{self.outside} row(s) store a recall outside 0 to 1; it counts as it is."
            told.append(Note("out_of_range", words))
        return tuple(told)


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    rest = len(ordered) - MOST
    return ", ".join(ordered[:MOST]) + (f" and {rest} more" if rest > 0 else "")

"""Reported and computed results side by side: which numbers differ, and what has changed since."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import Any, TypeAlias

import attrs

from kpisdk.contracts.manifest import Manifest
from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Reason

Place: TypeAlias = tuple[str, str, str | None]
"""Where a result stands: the KPI, its slice as JSON, and its period."""

COMPARED = (
    *("name", "unit", "where", "parameters"),
    *("value", "status", "reason", "decided", "interval", "interval_reason", "status_p", "family"),
    *("numerator", "denominator", "n", "p_value", "thresholds", "window", "as_of", "comparison"),
)
"""The fields of a result that are claims."""

CLOSE = 1e-9
"""How far two numbers may lie apart, relatively: engines add up in any order."""


class Verdict(IntEnum):
    """What ``kpisdk verify`` exits with."""

    SAME = 0
    DIFFERENT = 1
    NOT_COMPARABLE = 3


@attrs.frozen
class Difference:
    """One claim of a report beside what was computed for it."""

    kpi_id: str
    slice: str
    period: str | None
    what: str
    reported: Any
    computed: Any


@attrs.frozen
class Change:
    """Something that a result rests on and that is not what it was: data, definition or engine."""

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


@attrs.frozen
class Comparison:
    """A report beside what was computed again.

    Attributes:
        results: how many results the report has.
        differences: the claims that do not hold now.
        changes: what they rest on and is another now; ``definition`` and ``engine`` are known by
            their versions, ``data`` by the fingerprint of the source.
        is_complete: whether all of it could be computed again.
        is_data_known: whether the sources tell of each result that its rows are the same, or not.
    """

    results: int
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    is_complete: bool = True
    is_data_known: bool = True

    @classmethod
    def refused(cls, results: int, change: Change) -> Comparison:
        """Nothing could be computed again, for one reason."""
        return cls(results, (), (change,), is_complete=False)

    @property
    def verdict(self) -> Verdict:
        """Same, different, or not comparable.

        Another definition or engine makes numbers incomparable, even equal ones. A source with
        another fingerprint (a copied file has one) may hold the same rows: there the numbers tell.
        """
        kinds = {each.kind for each in self.changes}
        if not self.is_complete or kinds - {DATA} or (kinds and self.differences):
            return Verdict.NOT_COMPARABLE
        return Verdict.DIFFERENT if self.differences else Verdict.SAME


DATA, DEFINITION, ENGINE = "data", "definition", "engine"


def side_by_side(
    reported: Iterable[Result], computed: Iterable[Result], installed: Iterable[str] = ()
) -> Comparison:
    """The results of a report beside those that were computed again.

    Args:
        reported: as the report has them.
        computed: what its question gives now.
        installed: the ids of further KPIs that could be computed here, had it asked for them: a
            result of theirs in the report is none that its question gives.
    """
    given = tuple(reported)
    left, right = _by_place(given), _by_place(computed)
    known_ids = {*installed, *(kpi_id for kpi_id, _, _ in right)}
    differences: list[Difference] = []
    changes: dict[Change, None] = {}
    for place in dict.fromkeys((*left, *right)):
        then, now = left.get(place), right.get(place)
        if then is not None and place[0] not in known_ids:
            changes[Change(DEFINITION, f"{place[0]} is brought by no installed plugin")] = None
        elif then is None or now is None:
            there = tuple("no result" if each is None else "a result" for each in (then, now))
            differences.append(Difference(*place, "result", *there))
        else:
            differences += _differences(place, then, now)
            changes.update(dict.fromkeys(_changes(then, now)))
    differences += _doubled(given)
    known = all(map(_tells_rows, (*left.values(), *right.values())))
    return Comparison(len(left), tuple(differences), tuple(changes), is_data_known=known)


def _doubled(results: Iterable[Result]) -> Iterator[Difference]:
    """Results that stand in a place where another one stood: readers differ in which they take."""
    seen: set[Place] = set()
    for each in results:
        (place,) = _by_place((each,))
        if place in seen:
            yield Difference(*place, "result", "another one of this place", "one result")
        seen.add(place)


def _tells_rows(result: Result) -> bool:
    return result.manifest is not None and result.manifest.source is not None


def _by_place(results: Iterable[Result]) -> dict[Place, Result]:
    return {
        (each.kpi_id, json.dumps(each.to_dict()["slice"], sort_keys=True), each.period): each
        for each in results
    }


def _differences(place: Place, then: Result, now: Result) -> Iterator[Difference]:
    before, after = _claims(then), _claims(now)
    for what in dict.fromkeys((*before, *after)):
        one, other = before.get(what), after.get(what)
        if not _is_same(one, other):
            yield Difference(*place, what, one, other)


def _claims(result: Result) -> dict[str, Any]:
    written = result.to_dict()
    return dict(_flat({name: written[name] for name in COMPARED}))


def _flat(written: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in written.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _is_same(one: Any, other: Any) -> bool:
    numbers = all(isinstance(each, int | float) for each in (one, other))
    if numbers and not isinstance(one, bool) and not isinstance(other, bool):
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)
    return bool(one == other)


def _changes(then: Result, now: Result) -> Iterator[Change]:
    if now.reason is Reason.SOURCE_UNAVAILABLE and then.reason is not now.reason:
        yield Change(DATA, f"the source could not be read. {now.message}")
        return
    if then.manifest is None or now.manifest is None:
        return
    yield from _other(then.kpi_id, then.manifest, now.manifest)


def _other(kpi_id: str, then: Manifest, now: Manifest) -> Iterator[Change]:
    for kind, names in _VERSIONS.items():
        for name, words in names.items():
            before, after = getattr(then, name), getattr(now, name)
            if before != after:
                whose = words.format(kpi_id=kpi_id)
                yield Change(kind, f"{whose} was {before}, and is {after}")
    if then.source is not None and now.source is not None and then.source != now.source:
        yield Change(DATA, f"the tables of {kpi_id} have another fingerprint")


_VERSIONS = {
    DEFINITION: {
        "core": "kpisdk",
        "plugin": "the plugin of {kpi_id}",
        "definition_version": "the definition of {kpi_id}",
    },
    ENGINE: {"engine": "the engine", "driver": "its driver", "python": "Python"},
}

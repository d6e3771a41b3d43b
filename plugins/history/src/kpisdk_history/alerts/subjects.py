"""Whom an alert is about: a KPI in one slice, and what a run says of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from kpisdk import Result
from kpisdk_history.store.figures import is_known, json_values, rule_of, text_of


@attrs.frozen(kw_only=True)
class Subject:
    """One KPI in one slice of one question, and its newest result in a run.

    Attributes:
        key: a hash of the KPI, the question that was asked of it, and the slice.
        cut: the same without the slice.
        result: the result of the newest window.
    """

    key: str
    cut: str
    result: Result


@attrs.frozen
class Question:
    """What a run asked, as far as it tells subjects apart.

    An outage has no window, and still is about the KPI that has one when the source is there: the
    question is what was asked for, and not what came of it.

    Attributes:
        words: grouping columns, grain and window, as one text.
    """

    words: str

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> Question:
        """That of a run's request.

        Args:
            request: the request as plain JSON values, as a run keeps it.
        """
        window = request.get("window")
        rule = "stated" if isinstance(window, Mapping) else rule_of(window)
        return cls(text_of([sorted(request.get("by") or ()), request.get("grain"), rule]))

    def cut(self, result: Result) -> str:
        """The hash of a KPI as it was asked for: by which columns, with which filters."""
        narrowed = text_of(json_values((result.where, result.parameters)))
        return _hash(result.kpi_id, self.words, narrowed)


def subjects_of(results: Iterable[Result], question: Question) -> dict[str, Subject]:
    """What a run is about, by key; of a trend the newest period speaks for its slice.

    Args:
        results: those of the run.
        question: what it asked.
    """
    found: dict[str, Subject] = {}
    for result in results:
        cut = question.cut(result)
        key = _hash(cut, text_of(json_values(result.slice)))
        before = found.get(key)
        if before is None or _is_newer(result, before.result):
            found[key] = Subject(key=key, cut=cut, result=result)
    return found


def looked_at(results: Iterable[Result], question: Question) -> frozenset[str]:
    """The cuts of which at least one slice was looked at: what is not among them is gone.

    Args:
        results: those of the run.
        question: what it asked.
    """
    return frozenset(question.cut(result) for result in results if is_known(result))


def _is_newer(result: Result, than: Result) -> bool:
    if result.window is None or result.window.end is None:
        return than.window is None
    return than.window is None or than.window.end is None or result.window.end > than.window.end


def _hash(*parts: str) -> str:
    content = "\n".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=16).hexdigest()

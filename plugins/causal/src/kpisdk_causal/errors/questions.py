"""Questions that contradict themselves: all their faults at once."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from kpisdk import Problem, ProblemsError


@attrs.define(eq=False)
class QuestionError(ProblemsError):
    """A causal question that contradicts itself; all its faults are listed."""


def refuse(subject: str, problems: Iterable[Problem]) -> None:
    """Raise :class:`QuestionError` with all ``problems``; nothing where there are none.

    Args:
        subject: what has the faults, as the sentence begins.
        problems: the faults, each with the field it is in.
    """
    found = tuple(problems)
    if found:
        raise QuestionError(subject, found)

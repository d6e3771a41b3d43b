"""What keeps results from being drawn."""

from __future__ import annotations

import attrs

from kpisdk.errors import FAILURE, KpisdkError, UsageError


@attrs.define(eq=False)
class NothingToPlotError(KpisdkError):
    """A report in which no result has a value that can be drawn."""

    reasons: tuple[str, ...]

    template = "There is nothing to draw: {told}."

    @property
    def told(self) -> str:
        """Why, for each KPI."""
        return "; ".join(each.rstrip(".") for each in self.reasons) or "the report has no results"

    @property
    def exit_code(self) -> int:
        return FAILURE


@attrs.define(eq=False)
class TooManyPlotsError(UsageError):
    """More KPIs than one picture can show."""

    count: int
    most: int

    template = (
        "One picture shows {most} KPIs at most, and these are {count}. Name fewer, or write "
        "several pictures."
    )


@attrs.define(eq=False)
class PictureFormatError(UsageError):
    """A file whose ending is that of no picture that can be written."""

    path: str
    endings: tuple[str, ...]

    template = "{path:quoted} does not end in {listed}, which says what kind of picture it is."

    @property
    def listed(self) -> str:
        """The endings that are known."""
        return " or ".join(f".{each}" for each in self.endings)

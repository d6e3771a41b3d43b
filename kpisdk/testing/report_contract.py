"""The contract of a report format: nothing left out, nothing changed, nothing that could break."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any, ClassVar

from kpisdk.contracts.estimates import Interval, Note
from kpisdk.contracts.report_formats import ReportFormat
from kpisdk.contracts.results import Comparison, Report, Result, SourceIdentity
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Direction, Reason, Status, Unit
from kpisdk.testing.outcomes import NoSubjectError, broken, inapplicable, same

HOSTILE = '</script>|,"\n=1+1\x1b[31m\u202e'
"""A text that closes tags, cells, fields and lines, colours, and turns the way of writing."""

PRECISE = 0.1234567890123456
"""A value that rounding would change."""

_MONTH = Window(datetime(2026, 1, 30, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), "last 30 days")


def a_result(**facts: Any) -> Result:
    """A result, of which anything can be said."""
    said = {"kpi_id": "WS2-TR-004", "name": "Acceptance rate", "workstream": "ws2_triggers"}
    return Result(**{**said, "unit": Unit.RATIO, "definition_version": "1", **facts})


def a_report() -> Report:
    """A judged ratio, a late value with a warning, an absent one, and one in a hostile slice."""
    return Report(
        (
            a_result(
                value=PRECISE,
                status=Status.GOOD,
                decided=False,
                interval=Interval(0.1, 0.2, 0.95, "wilson"),
                numerator=130.0,
                denominator=250.0,
                n=250,
                thresholds=Thresholds(0.1, 0.05, 0.01),
                window=_MONTH,
                data_through=datetime(2026, 2, 28, 23, 59, 30, tzinfo=UTC),
                answered_by="triggers",
                computed_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
                details={"scans": 1},
            ),
            a_result(
                kpi_id="WS1-DQ-007",
                unit=Unit.DAYS,
                value=1234.5,
                status=Status.CRITICAL,
                thresholds=Thresholds(3, 7, 14, Direction.LOWER),
                stale=True,
                comparison=Comparison("previous", _MONTH, 1000.0, 234.5, 0.2345, "2026-01"),
                warnings=(Note("few_rows", "Only 12 rows were judged."),),
            ),
            a_result(
                kpi_id="WS3-BI-008",
                reason=Reason.MISSING_PARAMETER,
                message="Name a brand with --where brand=….",
            ),
            a_result(kpi_id="BR-001", value=0.5, status=Status.WARNING, slice={"brand": HOSTILE}),
        ),
        SourceIdentity("demo", "duckdb", "f00", synthetic=True),
        datetime(2026, 3, 1, tzinfo=UTC),
    )


class ReportContract:
    """What every report format promises: inherit from it, and name the format.

    ::

        class TestContract(ReportContract):
            format = ReportFormat("lines", render)

    Checks: ``is_named``, ``shows_every_result``, ``says_why_there_is_no_value``,
    ``shows_nothing_of_nothing``, ``keeps_precision``, ``holds_no_nan``, ``holds_hostile_strings``,
    ``is_plain_without_colour``, ``changes_nothing``, ``repeats_itself``.
    """

    contract_of: ClassVar[str] = "report"
    format: ClassVar[ReportFormat | None] = None

    def _text(self, report: Report, *, colour: bool = False) -> str:
        text = self._format.render(report, colour)
        same("the type of what render returns", "str", type(text).__name__)
        return text

    @property
    def _format(self) -> ReportFormat:
        if self.format is None:
            raise NoSubjectError(type(self).__name__, "format")
        return self.format

    def test_is_named(self) -> None:
        """A name in lower case, and the suffix of its files."""
        given = self._format
        same("whether the name can be typed", True, given.name.isidentifier())
        same("whether the name is in lower case", given.name.lower(), given.name)
        same("whether the suffix begins with a dot", True, given.suffix.startswith("."))

    def test_shows_every_result(self) -> None:
        """Every KPI, and every status as a word: a colour alone would be lost on paper."""
        report, text = a_report(), self._text(a_report())
        missing = [each.kpi_id for each in report.results if each.kpi_id not in text]
        same("the KPIs that are left out", [], missing)
        words = {each.status.value for each in report.results}
        same(
            "the statuses that are left out", [], sorted(each for each in words if each not in text)
        )

    def test_says_why_there_is_no_value(self) -> None:
        """A result without a value shows its reason, and no number in its place."""
        text = self._text(Report((a_report().results[2],)))
        same("whether the reason is told", True, "missing_parameter" in text)

    def test_shows_nothing_of_nothing(self) -> None:
        """A report without results is a report too."""
        self._text(Report(()))

    def test_keeps_precision(self) -> None:
        """Machines get every digit of a value."""
        if not self._format.machine:
            inapplicable("the format is for people, and rounds")
        same("whether every digit is there", True, repr(PRECISE) in self._text(a_report()))

    def test_holds_no_nan(self) -> None:
        """Whatever details hold, no NaN and no Infinity comes out as a bare word."""
        wild = a_result(value=1.0, details={"a": float("nan"), "b": [float("inf")]})
        text = self._text(Report((wild,)))
        same("bare words for no number", [], [w for w in ("NaN", "Infinity") if w in text])

    def test_holds_hostile_strings(self) -> None:
        """A slice may be called anything: no control character goes out, no tag is closed."""
        text = self._text(a_report())
        if self._format.machine:
            inapplicable("a format for machines gives texts back as they are")
        found = [char for char in ("\x1b", "\u202e") if char in text]
        same("control characters that go out", [], found)
        if self._format.suffix == ".html":
            same("whether a script can be closed from within", False, "</script>|" in text)

    def test_is_plain_without_colour(self) -> None:
        """Without colour there is no escape sequence."""
        text = self._text(Report(a_report().results[:3]), colour=False)
        same("whether there is one", False, "\x1b[" in text)

    def test_changes_nothing(self) -> None:
        """The report is what it was before."""
        report, before = a_report(), copy.deepcopy(a_report())
        self._text(report, colour=True)
        same("whether the report is the same", True, report == before)

    def test_repeats_itself(self) -> None:
        """Rendered twice, the text is the same."""
        first, second = self._text(a_report()), self._text(a_report())
        if first != second:
            broken("repeats_itself: the same report was rendered in two ways.")

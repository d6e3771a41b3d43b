"""Results and reports made by hand, one of each kind."""

from datetime import UTC, datetime

import pytest

from kpisdk.contracts.estimates import Interval, Note
from kpisdk.contracts.results import Comparison, Report, Result, SourceIdentity
from kpisdk.contracts.thresholds import Thresholds
from kpisdk.contracts.time_windows import Window
from kpisdk.contracts.vocabulary import Direction, Reason, Status, Unit

FEBRUARY = Window(
    datetime(2026, 1, 30, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), "last 30 days"
)
HOSTILE = '</script>|,"\n=1+1\x1b[31m\u202e'


@pytest.fixture
def hostile():
    """A text that closes tags, cells, fields and lines, and turns the direction of writing."""
    return HOSTILE


@pytest.fixture
def make():
    """A result of the acceptance rate; whatever the test cares about is said by the test."""

    def result(**facts):
        plain = {
            "kpi_id": "WS2-TR-004",
            "name": "Acceptance rate",
            "workstream": "ws2_triggers",
            "unit": Unit.RATIO,
            "definition_version": "1",
        }
        return Result(**{**plain, **facts})

    return result


@pytest.fixture
def good(make):
    """A judged ratio with everything that a ratio has."""
    return make(
        value=0.52,
        status=Status.GOOD,
        decided=False,
        interval=Interval(0.4567, 0.5823, 0.95, "wilson"),
        numerator=130.0,
        denominator=250.0,
        n=250,
        thresholds=Thresholds(0.5, 0.4, 0.3),
        window=FEBRUARY,
        data_through=datetime(2026, 2, 28, 23, 59, 30, tzinfo=UTC),
        answered_by="triggers",
        computed_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        duration_ms=1.25,
        details={"scans": 1},
    )


@pytest.fixture
def late(make):
    """Days, lower is better, critical and stale, with a comparison and a warning."""
    return make(
        kpi_id="WS1-DQ-007",
        name="Data lag",
        workstream="ws1_quality",
        unit=Unit.DAYS,
        value=1234.5,
        status=Status.CRITICAL,
        decided=True,
        interval=Interval(1200.04, 1300.06, 0.9, "order"),
        thresholds=Thresholds(3, 7, 14, Direction.LOWER),
        window=FEBRUARY,
        data_through=datetime(2026, 1, 31, tzinfo=UTC),
        stale=True,
        comparison=Comparison("previous", FEBRUARY, 1000.0, 234.5, 0.2345, "2026-01"),
        warnings=(Note("few_rows", "Only 12 rows were judged."),),
        answered_by="ingestion",
    )


@pytest.fixture
def absent(make):
    """No value, and the reason why."""
    return make(
        kpi_id="WS3-BI-008",
        name="TRx share",
        workstream="ws3_business",
        reason=Reason.MISSING_PARAMETER,
        message="Name a brand with --where brand=….",
    )


@pytest.fixture
def unjudged(make):
    """A value that has no thresholds to be judged by."""
    return make(
        kpi_id="CM-001",
        name="Average effect",
        workstream="causal",
        unit=Unit.EFFECT,
        value=-0.25,
        reason=Reason.NO_TARGET,
        p_value=1e-9,
    )


@pytest.fixture
def report(good, late, absent, unjudged):
    """One result of each kind, on synthetic data."""
    return Report(
        (good, late, absent, unjudged),
        SourceIdentity("demo", "duckdb", "f00", synthetic=True),
        datetime(2026, 3, 1, tzinfo=UTC),
    )


@pytest.fixture
def sliced(make, hostile):
    """One KPI in slices: a plain one, none at all, an empty text, unicode, and a hostile one."""
    brands = ("Kisqali", None, "", "Kisqáli 药", hostile)
    return Report(
        tuple(
            make(value=0.5, status=Status.GOOD, slice={"brand": brand}, window=FEBRUARY)
            for brand in brands
        )
    )


@pytest.fixture
def empty():
    """A report without results."""
    return Report(())

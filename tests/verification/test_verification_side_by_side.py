"""Two lists of results side by side: what is the same, what is another, what cannot be compared."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from kpisdk import Interval, IntervalReason, Reason, Status, Unit
from kpisdk.contracts.certainty import Family
from kpisdk.contracts.results import Comparison as AgainstBefore
from kpisdk.verification.side_by_side import Change, Comparison, Verdict, side_by_side


def test_equal_results_are_the_same(make_result):
    """Beside claims there may be anything: when it was computed, how long it took, warnings."""
    later = make_result(computed_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), duration_ms=7.0)

    found = side_by_side([make_result()], [later])

    assert (found.verdict, found.differences, found.changes) == (Verdict.SAME, (), ())


def test_the_last_bits_of_a_sum_are_no_difference(make_result):
    """Engines add up in any order."""
    found = side_by_side([make_result(value=0.1 + 0.2)], [make_result(value=0.3)])

    assert found.verdict is Verdict.SAME


_OF_AN_INTERVAL = ("low", "high", "level", "method", "unit")


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"value": 0.7500001}, ["value"]),
        ({"value": None, "reason": Reason.NO_ROWS}, ["value", "reason"]),
        ({"status": Status.WARNING}, ["status"]),
        ({"n": 5}, ["n"]),
        ({"interval": Interval(0.2, 0.95, method="wilson")}, ["interval.low"]),
        ({"interval": Interval(0.3, 0.95, method="wilson", unit="site")}, ["interval.unit"]),
        ({"decided": True}, ["decided"]),
        ({"unit": Unit.DAYS}, ["unit"]),
        ({"where": {"site": ["a"]}}, ["where.site"]),
        (
            {"interval": None, "interval_reason": IntervalReason.CENSUS},
            ["interval_reason", *(f"interval.{end}" for end in _OF_AN_INTERVAL)],
        ),
        ({"status_p": 0.01}, ["status_p"]),
        ({"family": Family("holm", 50)}, ["family.method", "family.size"]),
    ],
)
def test_another_claim_is_shown_beside_the_reported_one(make_result, changes, what):
    """Value, status, rows, interval: whatever the report says of the KPI."""
    found = side_by_side([make_result(**changes)], [make_result()])

    assert found.verdict is Verdict.DIFFERENT
    assert [each.what for each in found.differences] == what


@pytest.mark.parametrize("first", [0.75, 0.9])
def test_two_results_of_one_place_are_not_the_same_report(make_result, first):
    """Whichever of the two is right, and whichever comes first."""
    found = side_by_side(
        [make_result(value=first), make_result(value=1.65 - first)], [make_result()]
    )

    assert found.verdict is Verdict.DIFFERENT
    assert "another one of this place" in [each.reported for each in found.differences]


def test_a_change_against_another_period_is_a_claim_too(make_result):
    """Its parts are compared one by one."""
    window = make_result().window
    before = AgainstBefore("previous", window, 0.5, 0.25, 0.5)

    found = side_by_side(
        [make_result(comparison=before)],
        [make_result(comparison=attrs.evolve(before, change=0.2))],
    )

    (difference,) = found.differences
    shown = (difference.what, difference.reported, difference.computed)
    assert shown == ("comparison.change", 0.25, 0.2)


def test_slices_and_periods_are_compared_each_with_its_own(make_result):
    """In any order; one that is there on one side only is a difference."""
    a, b = make_result(slice={"site": "a"}), make_result(slice={"site": "b"})
    may = make_result(slice={"site": "a"}, period="2025-05")

    found = side_by_side([a, b], [may, a])

    assert found.verdict is Verdict.DIFFERENT
    assert [(each.what, each.reported, each.computed) for each in found.differences] == [
        ("result", "a result", "no result"),
        ("result", "no result", "a result"),
    ]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"core": "0.2.0"}, "definition"),
        ({"plugin": "kpisdk-ours 1.1"}, "definition"),
        ({"definition_version": "1+bb+core.0.1.0"}, "definition"),
        ({"engine": "duckdb 1.6.0"}, "engine"),
        ({"driver": "psycopg 3.3"}, "engine"),
        ({"python": "3.12.0"}, "engine"),
    ],
)
def test_another_definition_or_engine_makes_even_equal_numbers_incomparable(
    make_result, make_manifest, changes, kind
):
    """It says which, with both versions."""
    found = side_by_side([make_result()], [make_result(make_manifest(**changes))])

    assert found.verdict is Verdict.NOT_COMPARABLE
    ((change),) = found.changes
    assert change.kind == kind
    assert next(iter(changes.values())) in change.what


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.75, Verdict.SAME), (0.5, Verdict.NOT_COMPARABLE)]
)
def test_where_the_source_has_another_fingerprint_the_numbers_tell(
    make_result, make_manifest, value, verdict
):
    """A file that was copied has another one and the same rows."""
    now = make_result(make_manifest(source="f2"), value=value)

    found = side_by_side([make_result()], [now])

    assert [each.kind for each in found.changes] == ["data"]
    assert found.verdict is verdict


def test_of_a_source_that_cannot_tell_nothing_is_said(make_result, make_manifest):
    """A view over a server elsewhere: another number is another number."""
    unknown = make_manifest(source=None)

    found = side_by_side([make_result(unknown)], [make_result(unknown, value=0.5)])

    assert (found.verdict, found.changes) == (Verdict.DIFFERENT, ())
    assert not found.is_data_known


def test_a_source_that_is_away_cannot_be_compared(make_result):
    """Its results say so."""
    away = make_result(value=None, reason=Reason.SOURCE_UNAVAILABLE, message="It is gone.")

    found = side_by_side([make_result()], [away])

    assert found.verdict is Verdict.NOT_COMPARABLE
    assert "It is gone." in str(found.changes[0])


def test_a_kpi_that_nobody_brings_any_more_cannot_be_compared(make_result):
    """Its plugin is not installed."""
    found = side_by_side([make_result()], [])

    assert found.verdict is Verdict.NOT_COMPARABLE
    assert found.changes[0].what == "OURS-001 is brought by no installed plugin"


def test_a_result_of_a_kpi_that_was_not_asked_for_is_a_difference(make_result):
    """Its id was changed in the file, to that of another installed KPI."""
    found = side_by_side([make_result()], [], ["OURS-001"])

    assert found.verdict is Verdict.DIFFERENT
    assert [(each.what, each.reported, each.computed) for each in found.differences] == [
        ("result", "a result", "no result")
    ]


def test_what_could_not_be_asked_again_is_not_comparable():
    """Although no number differs."""
    found = Comparison.refused(2, Change("data", "the source could not be read"))

    assert found.verdict is Verdict.NOT_COMPARABLE

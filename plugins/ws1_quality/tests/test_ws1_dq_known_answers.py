"""A data set that was worked out by hand, and the rules that each KPI states for itself."""

from __future__ import annotations

import pandas as pd
import pytest
import sqlalchemy as sa
from ws1_dq_data import AS_OF, DATASETS, IDS
from ws1_dq_example import example

from kpisdk import Reason, Status, Workspace
from kpisdk.testing import ENGINES, close


def codes(result) -> set[str]:
    """The codes of a result's warnings."""
    return {note.code for note in result.warnings}


def compute(data, *ids, **asked):
    """The report at AS_OF."""
    return Workspace(data, cache="off", clock=lambda: AS_OF).compute(*ids, as_of=AS_OF, **asked)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_example_gives_the_answers_worked_out_on_paper(source_on, engine):
    """One value, n and status for each of the nine."""
    report = compute(source_on(engine, example(), DATASETS), *IDS)

    expected = {
        "WS1-DQ-001": (3 / 4, 4, Status.WARNING),  # P1, P2, P3 of P1, P2, P3, P4
        "WS1-DQ-002": (2 / 8, 8, Status.CRITICAL),  # H1, H2 of 3 + 5
        "WS1-DQ-003": (310 / 500, 2, Status.WARNING),
        "WS1-DQ-004": (25 / 200, 2, Status.WARNING),
        "WS1-DQ-005": (3 / 4, 4, Status.CRITICAL),
        "WS1-DQ-006": (1 / 2 - 1 / 3, 3, Status.CRITICAL),  # north: 2 of 4 against 1 of 3
        "WS1-DQ-007": (2.5, 4, Status.GOOD),
        "WS1-DQ-008": ((1 / 3 + 1) / 2, 2, Status.WARNING),
        "WS1-DQ-009": (20.0, 3, Status.GOOD),
    }
    found = {result.kpi_id: (result.value, result.n, result.status) for result in report}
    assert set(found) == set(expected)
    for kpi_id, (value, n, status) in expected.items():
        assert found[kpi_id][0] == pytest.approx(value, abs=1e-12), kpi_id
        assert found[kpi_id][1:] == (n, status), kpi_id
    assert all("few_rows" in codes(result) for result in report)


def test_the_example_in_details():
    """What the semantics page asks for beside the value."""
    report = compute(example(), *IDS)

    assert report["WS1-DQ-001"].details["basis"] == "named"
    # A census is exact for its window: no interval, and it says why.
    assert report["WS1-DQ-001"].interval is report["WS1-DQ-002"].interval is None
    assert report["WS1-DQ-001"].interval_reason == report["WS1-DQ-002"].interval_reason == "census"
    assert report["WS1-DQ-003"].details["match_rate_vs_claims"] == pytest.approx(260 / 400)
    assert report["WS1-DQ-003"].details["match_rate_vs_ehr"] == pytest.approx(0.5)
    assert "match_rate_vs_specialty" not in report["WS1-DQ-003"].details
    assert report["WS1-DQ-003"].window.start.date().isoformat() == "2025-06-29"
    assert report["WS1-DQ-005"].details["missing"] == {"patient_id": 0, "brand": 0, "event_date": 1}
    assert report["WS1-DQ-006"].details["source_rows_without_region"] == 1
    assert report["WS1-DQ-006"].details["universe_rows_without_region"] == 0
    assert report["WS1-DQ-007"].details["avg_lag_days"] == pytest.approx(3.0)
    # The ranks of 1, 2, 3, 6 run from 0 to 3, and 0.95 of the way is 2.85.
    assert report["WS1-DQ-007"].details["p95_lag_days"] == pytest.approx(3 + 0.85 * 3)
    assert report["WS1-DQ-009"].details["avg_ttr_hours"] == pytest.approx(20.0)


def test_a_past_as_of_is_reproduced():
    """On 1 July the universe of 30 June has changed: P2 has left it, P6 has joined it."""
    workspace = Workspace(example(), cache="off")

    result = workspace.compute("WS1-DQ-001", as_of="2025-07-01T00:00:00Z")[0]

    assert (result.numerator, result.denominator) == (2, 4)


def test_a_universe_without_names_is_compared_by_number():
    """Where no patient is named, distinct patients stand over the sum of total_count."""
    data = example()
    data["reference_universe"]["patient_id"] = None
    data["reference_universe"].loc[0, "total_count"] = 5

    result = compute(data, "WS1-DQ-001")[0]

    assert result.value == pytest.approx(4 / 8)  # P1, P2, P3, P9 over 5 + 1 + 1 + 1
    assert result.details["basis"] == "counted"
    assert (result.interval, result.interval_reason, result.decided) == (None, "census", True)


def test_a_share_above_one_is_kept_and_said():
    """More patients than the universe states: the value stands, without an interval."""
    data = example()
    data["reference_universe"]["patient_id"] = None
    data["reference_universe"]["total_count"] = [1, 0, 0, 0, 0, 0, 0, 1, 0, 0]

    report = compute(data, "WS1-DQ-001", "WS1-DQ-002")

    assert [result.value for result in report] == [4.0, 2.0]
    for result in report:
        assert "share_above_one" in codes(result)
        assert result.interval is None


def test_brand_filters_both_sides_of_patient_coverage():
    """P3 has a journey of Fabhalta only, so a Kisqali universe that names it does not cover it."""
    data = example()
    data["reference_universe"]["brand"] = "Kisqali"

    result = compute(data, "WS1-DQ-001", where={"brand": "Kisqali"})[0]

    assert (result.numerator, result.denominator) == (2, 4)


def test_members_without_a_name_are_left_out_of_a_named_universe_and_said():
    """One named row decides for the slice; the sizes of the unnamed rows are in a warning."""
    data = example()
    data["reference_universe"].loc[3, ["patient_id", "total_count"]] = [None, 40]

    result = compute(data, "WS1-DQ-001")[0]

    assert result.value == pytest.approx(1.0)
    assert "unnamed_members" in codes(result)
    assert any("40 members" in note.message for note in result.warnings)


def test_ids_that_never_match_give_a_zero_with_a_warning():
    """No named patient in the journeys: a true zero, and a hint at the ids."""
    data = example()
    data["reference_universe"]["patient_id"] = [f"0{i}" for i in range(10)]

    result = compute(data, "WS1-DQ-001")[0]

    assert result.value == 0.0
    assert "no_match" in codes(result)


def test_hcp_coverage_slices_both_sides_by_specialty():
    """Oncology: H1 of the three that the universe states."""
    result = compute(example(), "WS1-DQ-002", where={"specialty": "Oncology"})[0]

    assert (result.numerator, result.denominator) == (1, 3)


def test_an_unsourced_column_makes_completeness_zero_and_is_named():
    """A critical field that is NULL everywhere is what completeness is there to find."""
    data = example()
    data["patient_journeys"]["brand"] = pd.Series([None] * 5, dtype="string")

    result = compute(data, "WS1-DQ-005")[0]

    assert (result.value, result.status) == (0.0, Status.CRITICAL)
    assert "always_missing" in codes(result)
    assert any("'brand'" in note.message for note in result.warnings)


def test_a_region_on_one_side_only_has_share_zero_on_the_other():
    """All journeys in the west, no member there: the gap is 1, and it is said."""
    data = example()
    data["patient_journeys"]["geographic_region"] = "west"

    result = compute(data, "WS1-DQ-006")[0]

    assert result.value == pytest.approx(1.0)
    assert "no_match" in codes(result)


def test_weights_that_add_up_to_zero_give_no_value():
    """No record was received, so no rate can be weighted."""
    data = example()
    data["data_source_tracking"][["records_received", "stacking_eligible_records"]] = 0

    for result in compute(data, "WS1-DQ-003", "WS1-DQ-004"):
        assert (result.value, result.reason) == (None, Reason.ZERO_DENOMINATOR)


def test_match_rates_in_percent_are_noticed():
    """A rate of 80 is no share: the value is kept, with a warning."""
    data = example()
    data["data_source_tracking"]["match_rate_vs_claims"] = 80.0

    assert "share_above_one" in codes(compute(data, "WS1-DQ-003")[0])


@pytest.mark.parametrize("engine", ENGINES)
def test_annotations_are_compared_as_json_and_junk_is_counted(source_on, engine):
    """Spaces, key order, escapes and the spelling of numbers do not matter; types and order do."""
    equal = [
        ('{"b": [1, 2], "a": null}', '{"a":null,"b":[1,2]}'),
        ("1.0", "1"),
        ("0.10", "0.1"),
        ('"caf\\u00e9"', '"café"'),
        ('"\\ud83d\\ude00"', '"😀"'),
    ]
    unequal = [("[1, 2]", "[2, 1]"), ("1", '"1"'), ("true", "1"), ('"Yes"', '"yes"'), ("null", "0")]
    junk = ['"\\u0000"', '"\\ud800"', "{", "NaN"]
    rows = [
        (f"G{number}", annotator, "t", value)
        for number, pair in enumerate(equal + unequal)
        for annotator, value in zip(("ann", "ben"), pair, strict=True)
    ]
    rows += [("G0", "cyd", "t", value) for value in junk]
    data = example()
    columns = data["ml_annotations"].columns
    data["ml_annotations"] = pd.DataFrame(rows, columns=columns)

    result = compute(source_on(engine, data, DATASETS), "WS1-DQ-008")[0]

    assert result.value == pytest.approx(len(equal) / (len(equal) + len(unequal)))
    assert result.details["unreadable"] == len(junk)
    assert "unreadable_json" in codes(result)


@pytest.mark.parametrize(
    ("engine", "native"), [("postgresql", "json"), ("postgresql", "jsonb"), ("duckdb", "json")]
)
def test_a_native_json_column_is_read_like_text(source_on, engine, native):
    """An engine's own JSON types have no equality, or another one; the agreement is the same."""
    url = source_on(engine, example(), DATASETS)
    statement = (
        "ALTER TABLE ml_annotations ALTER COLUMN annotation_value "
        f"TYPE {native} USING CAST(annotation_value AS {native})"
    )
    with sa.create_engine(url, poolclass=sa.pool.NullPool).begin() as connection:
        connection.execute(sa.text(statement))

    assert compute(url, "WS1-DQ-008")[0].value == pytest.approx(2 / 3)


def test_windows_say_where_they_do_not_apply():
    """A KPI without a time dimension keeps its value under a window and says so."""
    plain, windowed = (
        compute(example(), "WS1-DQ-001", "WS1-DQ-006", "WS1-DQ-008", **asked)
        for asked in ({}, {"window": "last 3 days"})
    )

    for left, right in zip(plain, windowed, strict=True):
        assert close(left.value, right.value)
        assert right.details["window"] == "not applicable"

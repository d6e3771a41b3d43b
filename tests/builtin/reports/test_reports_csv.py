"""CSV: RFC 4180, full precision, and nothing that a spreadsheet would run."""

import csv
import io
import json

import pytest

from kpisdk.builtin.reports.csv_rows import render
from kpisdk.contracts.results import Report
from kpisdk.contracts.vocabulary import Status


def rows(text):
    """The rows as Python's reader has them."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_csv_columns_are_paths_of_the_json_object(report):
    """The header names the same things as the JSON, dots for nesting, slices after identity."""
    header = render(report).split("\r\n")[0].split(",")

    assert header[:6] == ["kpi_id", "name", "workstream", "period", "value", "unit"]
    assert {"interval.low", "thresholds.target", "window.start", "source.synthetic"} < set(header)
    assert len(set(header)) == len(header)


def test_csv_holds_everything_of_a_result(report):
    """Every key of a result's JSON has a column, or columns below it."""
    header = render(report).split("\r\n")[0].split(",")
    keys = report.results[0].to_dict()

    assert not [key for key in keys if not any(c == key or c.startswith(f"{key}.") for c in header)]


def test_csv_of_one_result(good):
    """Numbers in full, truth values in small letters, absent values as nothing."""
    (row,) = rows(render(Report((good,))))

    assert row["value"] == "0.52"
    assert (row["interval.low"], row["interval.high"]) == ("0.4567", "0.5823")
    assert (row["n"], row["numerator"], row["p_value"]) == ("250", "130.0", "")
    assert (row["stale"], row["decided"]) == ("false", "false")
    assert row["window.start"] == "2026-01-30T00:00:00Z"
    assert row["data_through"] == "2026-02-28T23:59:30Z"
    assert json.loads(row["details"]) == {"scans": 1}


def test_csv_says_why_and_whether_synthetic(report):
    """An absent value is an empty field beside its reason; each row says where it comes from."""
    _, late, absent, _ = rows(render(report))

    assert (absent["value"], absent["reason"]) == ("", "missing_parameter")
    assert absent["message"] == "Name a brand with --where brand=…."
    assert {row["source.synthetic"] for row in rows(render(report))} == {"true"}
    assert json.loads(late["warnings"])[0]["code"] == "few_rows"
    assert late["comparison.relative"] == "0.2345"


def test_csv_lines_end_as_the_rfc_says(report):
    """Lines end with CR LF, and all have as many fields as the header."""
    text = render(report)

    assert text.endswith("\r\n")
    assert len({len(row) for row in csv.reader(io.StringIO(text, newline=""))}) == 1


def test_csv_slices_are_columns(sliced, hostile):
    """Slices have columns of their own, and the exact slice stands beside them as JSON."""
    shown = rows(render(sliced))

    assert [row["slice.brand"] for row in shown] == ["Kisqali", "", "", "Kisqáli 药", hostile]
    assert [json.loads(row["slice"])["brand"] for row in shown] == [
        *("Kisqali", None, "", "Kisqáli 药", hostile),
    ]


def test_csv_tells_nothing_from_empty(sliced):
    """No value is an empty field, an empty text a quoted one, as PostgreSQL reads and writes."""
    lines = render(sliced).split("\r\n")

    assert lines[2].startswith("WS2-TR-004,Acceptance rate,ws2_triggers,,")
    assert lines[3].startswith('WS2-TR-004,Acceptance rate,ws2_triggers,"",')


@pytest.mark.parametrize(
    "sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'"]
)
def test_csv_formulas_are_harmless(make, sign):
    """A text that a spreadsheet would take for a formula gets an apostrophe; one drop undoes it."""
    text = f"{sign}cmd|' /C calc'!A0"
    report = Report((make(slice={"brand": text}, name=text, message=text),))
    (row,) = rows(render(report))

    assert {row["slice.brand"], row["name"], row["message"]} == {f"'{text}"}
    assert json.loads(row["slice"]) == {"brand": text}


def test_csv_numbers_are_not_guarded(make):
    """A negative number is a number, in values and in slices."""
    report = Report((make(value=-0.25, status=Status.GOOD, slice={"step": -3}),))
    (row,) = rows(render(report))

    assert (row["value"], row["slice.step"]) == ("-0.25", "-3")


def test_csv_slice_column_with_a_hostile_name(make):
    """A column of the data may be called anything; it cannot hide or become another column."""
    name = '=value,"x"\n'
    (row,) = rows(render(Report((make(value=0.5, slice={name: "a", "value": "b"}),))))

    assert (row["value"], row[f"slice.{name}"], row["slice.value"]) == ("0.5", "a", "b")


def test_csv_without_results(empty):
    """The header is there all the same: an empty table has columns."""
    assert render(empty).startswith("kpi_id,name,workstream,")
    assert rows(render(empty)) == []

"""A folder of JSON lines answers like any other source, and says what it cannot read."""

import datetime as dt

import pytest

from kpisdk import Column, Dataset, Kpi, Ratio, SourceUnavailableError, Workspace, count, hookimpl
from kpisdk_jsonl import plugin

VISITS = Dataset("jsonl_visits", (Column("at", "timestamp"), Column("paid", "bool")), time="at")
PAID = Kpi(
    id="JSONL-001",
    name="Paid visits",
    workstream="jsonl_tests",
    definition="Share of visits that were paid.",
    formula="paid / visits",
    calculation=Ratio(count(VISITS, VISITS["paid"].is_true()), count(VISITS)),
    unit="ratio",
)
LINES = (
    '{"at": "2026-03-01T09:00:00Z", "paid": true, "site": "north"}',
    '{"at": "2026-03-01T12:00:00+02:00", "paid": false, "site": "south"}',
    "",
    '{"at": null, "paid": true, "site": "south"}',
)


class Visits:
    """The plugin of the KPI above."""

    @hookimpl
    def kpisdk_kpis(self):
        """One KPI."""
        return [PAID]


@pytest.fixture
def opened(tmp_path):
    """``opened(line, ...)``: a workspace on a folder with one file of these lines."""

    def make(*lines):
        (tmp_path / "jsonl_visits.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return Workspace(f"jsonl:{tmp_path}", plugins=[plugin, Visits()])

    return make


def test_a_folder_in_the_settings_is_relative_to_their_file(opened, tmp_path):
    """As every path in a settings file is, wherever the user works."""
    opened(*LINES)
    (tmp_path / "kpisdk.toml").write_text('[sources.visits]\nurl = "jsonl:."\n', encoding="utf-8")

    named = Workspace("visits", settings=tmp_path / "kpisdk.toml", plugins=[plugin, Visits()])

    assert named.compute("JSONL-001")[0].denominator == 3


def test_a_line_is_a_row_and_any_key_is_a_slice(opened):
    """2 of 3 visits are paid; undeclared keys can be grouped by, blank lines are none."""
    workspace = opened(*LINES)

    (whole,) = workspace.compute("JSONL-001")
    by_site = workspace.compute("JSONL-001", by=["site"])

    assert (whole.numerator, whole.denominator) == (2, 3)
    assert {each.slice["site"]: each.value for each in by_site} == {"north": 1.0, "south": 0.5}
    # 12:00 at +02:00 is 10:00 UTC, and the newest.
    assert whole.data_through == dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)


def test_new_lines_are_seen_at_once(opened, tmp_path):
    """The fingerprint changes with the file, so that a cache never answers for the old rows."""
    workspace = opened(*LINES)
    before = workspace.compute("JSONL-001")[0]
    with (tmp_path / "jsonl_visits.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"at": "2026-03-01T09:30:00Z", "paid": false}\n')

    after = workspace.compute("JSONL-001")[0]

    assert (before.denominator, after.denominator) == (3, 4)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{broken", "line 2 of"),
        ("[1, 2]", "line 2 of"),
        ('{"at": "yesterday", "paid": true}', "column at of"),
    ],
)
def test_what_cannot_be_read_is_named_and_gives_no_value(opened, line, told):
    """File and place stand in the message, and nothing is skipped in silence."""
    (result,) = opened(LINES[0], line).compute("JSONL-001")

    assert result.value is None
    assert result.reason.value == "source_unavailable"
    assert told in result.message


def test_a_file_without_lines_is_an_empty_table(opened):
    """It has no rows, and that is what the result says."""
    (result,) = opened("").compute("JSONL-001")

    assert (result.value, result.reason.value) == (None, "no_rows")


def test_bytes_that_are_no_text_are_named(opened, tmp_path):
    """UTF-16 is not guessed."""
    workspace = opened(*LINES)
    (tmp_path / "jsonl_visits.jsonl").write_bytes("{}".encode("utf-16"))

    (result,) = workspace.compute("JSONL-001")

    assert result.reason.value == "source_unavailable"
    assert "jsonl_visits.jsonl" in result.message


def test_an_empty_folder_is_no_source(tmp_path):
    """A folder without such files is refused when the source is opened."""
    with pytest.raises(SourceUnavailableError, match=r"not a folder with files \*\.jsonl"):
        Workspace(f"jsonl:{tmp_path}", plugins=[plugin, Visits()]).compute("JSONL-001")

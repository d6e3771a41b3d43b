"""What the panels of a KPI's page say, number by number, against what is reckoned by hand."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import date, timedelta
from math import sqrt

import pytest

from kpisdk import Column, Dataset, Guardrail, Kpi, Ratio, Trailing, count, hookimpl
from kpisdk.cli import main
from kpisdk.cli.installation import Installation
from kpisdk.reporting import Event

ORDERS = Dataset(
    "orders",
    (
        Column("order_id", "text", key=True),
        Column("ordered_at", "timestamp"),
        Column("city", "text"),
        Column("returned", "bool"),
        Column("late", "bool"),
    ),
    time="ordered_at",
)
DAYS, A_DAY = 30, 10


def share(kpi_id, column, **more):
    """A share of orders over thirty days; lower is better, judged at 0.15, 0.3 and 0.5."""
    return Kpi(
        id=kpi_id,
        name=f"Share {column}",
        workstream="shop",
        definition=f"Share of orders: {column}.",
        formula="orders / all orders",
        unit="ratio",
        direction="lower",
        target=0.15,
        warning=0.3,
        critical=0.5,
        calculation=Ratio(count(ORDERS, where=ORDERS[column]), count(ORDERS)),
        window=Trailing(DAYS),
        **more,
    )


class Panels:
    """Returns fell from two orders a day to one; late ones rose from three to four."""

    @hookimpl
    def kpisdk_kpis(self):
        """A KPI with a guardrail, and the guardrail."""
        guard = Guardrail("PANEL-002", margin=0.05)
        return [share("PANEL-001", "returned", guardrails=(guard,)), share("PANEL-002", "late")]

    @hookimpl(optionalhook=True)
    def kpisdk_web_events(self):
        """A restated value of one KPI, whose text would be a formula."""

        def told(_workspace, kpi_id):
            if kpi_id == "PANEL-001":
                yield Event("restated", "2026-03-05 08:00", "=0.2 became 0.1", "2026-02")

        return [told]


@pytest.fixture(scope="module")
def panels(tmp_path_factory):
    """The folder of the pages of KPIs, written by the command from sixty days of orders."""
    folder = tmp_path_factory.mktemp("panels")
    (folder / "shop").mkdir()
    lines = ["order_id,ordered_at,city,returned,late"]
    for day in range(2 * DAYS):
        at = date(2026, 1, 1) + timedelta(days=day)
        returned, late = (2, 3) if day < DAYS else (1, 4)
        lines += [
            f"{day}-{each},{at}T12:00:00,Bonn,{each < returned},{A_DAY - each <= late}"
            for each in range(A_DAY)
        ]
    (folder / "shop" / "orders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    given = ("site", "PANEL-001", "PANEL-002", "--source", str(folder / "shop"))
    more = ("--as-of", "2026-03-02T00:00Z", "--out", str(folder / "site"))
    assert main([*given, *more], Installation(folder, {}, plugins=(Panels(),))) == 0
    return folder / "site" / "kpis"


def panel(folder, kpi_id, name):
    """The words of a panel, in their order."""
    text = (folder / f"{kpi_id}.html").read_text(encoding="utf-8")
    found = re.search(rf'<section class="panel[^>]*id="{name}".*?</section>', text, re.DOTALL)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found)).split())


def wilson(successes, n, z=1.959963984540054):
    """The score interval of Wilson (1927), as its paper has it."""
    p = successes / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def newcombe(now, before, n):
    """The interval of a difference of two shares, method 10 of Newcombe (1998)."""
    p, q = now / n, before / n
    (low, high), (low_before, high_before) = wilson(now, n), wilson(before, n)
    return (
        p - q - sqrt((p - low) ** 2 + (high_before - q) ** 2),
        p - q + sqrt((high - p) ** 2 + (q - low_before) ** 2),
    )


def test_the_change_is_told_with_its_interval_and_whether_it_is_decided(panels):
    """30 of 300 orders came back after 60 of 300: ten points less, and half of what it was."""
    words = panel(panels, "PANEL-001", "change")
    low, high = newcombe(30, 60, 300)

    assert "0.200 → 0.100" in words
    assert "-0.100 (-50.0 %)" in words
    assert f"[{low:+.3f}, {high:+.3f}]" in words
    assert high < 0
    assert "the direction is decided" in words


def test_a_guardrail_tells_its_rule_its_value_and_how_it_moved(panels):
    """120 of 300 orders are late after 90 of 300: worse than the warning, critical only at 0.5."""
    words = panel(panels, "PANEL-001", "guardrails")

    assert "PANEL-002 may become at most 5.0 % worse" in words
    assert "0.400 ratio" in words
    assert "+0.100 (+33.3 %)" in words
    assert "before: from 2026-01-01 UTC to before 2026-01-31 UTC" in words


def test_columns_are_those_that_the_kpi_reads_and_no_others(panels):
    """The time of its window and what it counts by; the table has five."""
    words = panel(panels, "PANEL-001", "columns")

    assert "orders ordered_at timestamp, returned bool" in words
    assert "late" not in words
    assert "city" not in words


def test_copies_of_the_change_hold_it_in_full(panels):
    """CSV and JSON have the same numbers, and the interval that was reckoned by hand."""
    document = json.loads((panels / "PANEL-001-change.json").read_text(encoding="utf-8"))
    (result,) = document["results"]
    text = (panels / "PANEL-001-change.csv").read_text(encoding="utf-8")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))

    found = result["comparison"]
    assert (found["value"], found["change"], found["relative"]) == pytest.approx((0.2, -0.1, -0.5))
    ends = (found["interval"]["low"], found["interval"]["high"])
    assert ends == pytest.approx(newcombe(30, 60, 300))
    assert float(row["comparison.change"]) == found["change"]
    assert float(row["comparison.interval.high"]) == found["interval"]["high"]


def test_copies_of_guardrails_hold_the_guardrails_alone(panels):
    """Not the KPI that they guard."""
    document = json.loads((panels / "PANEL-001-guardrails.json").read_text(encoding="utf-8"))

    assert [(each["kpi_id"], each["value"]) for each in document["results"]] == [
        ("PANEL-002", pytest.approx(0.4))
    ]
    assert not (panels / "PANEL-002-guardrails.json").exists()


def test_copies_of_events_are_harmless_in_a_spreadsheet(panels):
    """JSON has the text as it is; in CSV a formula is none."""
    document = json.loads((panels / "PANEL-001-events.json").read_text(encoding="utf-8"))
    text = (panels / "PANEL-001-events.csv").read_text(encoding="utf-8")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))

    assert document["events"][0]["text"] == "=0.2 became 0.1"
    assert row["text"] == "'=0.2 became 0.1"
    assert (row["kpi_id"], row["kind"], row["period"]) == ("PANEL-001", "restated", "2026-02")


def test_copies_of_the_meaning_and_of_the_statements_are_there(panels):
    """The record of the KPI, and what computes it."""
    record = json.loads((panels / "PANEL-001-meaning.json").read_text(encoding="utf-8"))
    told = json.loads((panels / "PANEL-001-statements.json").read_text(encoding="utf-8"))

    assert (record["id"], record["guardrails"]) == ("PANEL-001", ["PANEL-002"])
    assert record["thresholds"] == {"target": 0.15, "warning": 0.3, "critical": 0.5}
    assert all("PANEL-001" in each["kpis"] for each in told["statements"])
    assert "SELECT" in told["statements"][0]["sql"].upper()


def test_a_remembered_period_is_marked_in_drawing_list_and_table(panels):
    """One sign in all three, and the words beside it."""
    words = panel(panels, "PANEL-001", "trend")
    page = (panels / "PANEL-001.html").read_text(encoding="utf-8")

    assert words.count("1 restated: =0.2 became 0.1") == 1  # in the table
    assert "1 2026-02: restated: =0.2 became 0.1" in words  # in the list
    assert "<title>2026-02: restated: =0.2 became 0.1</title>" in page
    marks = json.loads(html.unescape(re.search(r'data-marks="([^"]*)"', page)[1]))
    assert marks == [[1, "1", "restated: =0.2 became 0.1"]]
    assert 'data-marks="[]"' in (panels / "PANEL-002.html").read_text(encoding="utf-8")


def test_a_published_page_names_its_source_and_not_where_it_lies(panels):
    """Neither pages nor copies hold the folder of the machine that wrote them."""
    place = str(panels.parents[1])
    files = [each for each in panels.parent.rglob("*") if each.suffix in (".html", ".csv", ".json")]

    assert len(files) > 10
    assert [each.name for each in files if place in each.read_text(encoding="utf-8")] == []
    footer = (panels / "PANEL-001.html").read_text(encoding="utf-8").partition("<footer>")[2]
    assert "Source: shop (files)." in footer

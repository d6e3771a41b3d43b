"""A small shop whose KPIs have every status, and names that try to be markup."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from kpisdk import Column, Dataset, Governance, Kpi, Ratio, Trailing, Workspace, count, hookimpl
from kpisdk.cli import main
from kpisdk.cli.installation import Installation
from kpisdk.reporting import Event

HOSTILE = '<script>document.title="taken"</script>'
HOSTILE_TOO = '"><img src=x onerror=alert(1)>'

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
PARCELS = Dataset("parcels", (Column("parcel_id", "text"), Column("lost", "bool")))


def bounds(three):
    """Target, warning and critical of a KPI, or none."""
    return dict(zip(("target", "warning", "critical"), three or (), strict=False))


def share(kpi_id, name, column, thresholds, **more):
    """A share of orders, or of parcels."""
    orders = column.name != "lost"
    dataset = ORDERS if orders else PARCELS
    return Kpi(
        id=kpi_id,
        name=name,
        workstream=more.pop("workstream", "shop"),
        definition=f"Share of rows: {name}.",
        formula="rows / all rows",
        unit="ratio",
        direction="lower",
        calculation=Ratio(count(dataset, where=column), count(dataset)),
        **bounds(thresholds),
        window=Trailing(30) if orders else None,
        **more,
    )


RETURNED, LATE, LOST = (ORDERS["returned"], ORDERS["late"], PARCELS["lost"])
KPIS = (
    share(
        "SHOP-001",
        "Return rate",
        RETURNED,
        (0.3, 0.5, 0.7),
        governance=Governance(owner="Ada"),
    ),
    share(
        "SHOP-002",
        HOSTILE,
        LATE,
        (0.001, 0.002, 0.003),
        governance=Governance(owner=HOSTILE_TOO),
    ),
    share("SHOP-003", HOSTILE_TOO, LATE, (0.1, 0.32, 0.5), workstream="post"),
    share("SHOP-004", "Late and unjudged", LATE, None, workstream="post"),
    share("POST-001", "Lost parcels", LOST, (0.1, 0.2, 0.3), workstream="post"),
    share("POST-002", "Lost parcels again", LOST, None, workstream="post"),
)


IDS = tuple(kpi.id for kpi in KPIS)


class Shop:
    """The plugin of the shop."""

    @hookimpl
    def kpisdk_kpis(self):
        """All of them."""
        return KPIS


def rows():
    """A year of orders, ten a day: one in ten returned, three in ten late."""
    cities = ("Bonn", "Köln", HOSTILE.replace('"', '""'))
    lines = ["order_id,ordered_at,city,returned,late"]
    for day in range(365):
        at = date(2025, 3, 1) + timedelta(days=day)
        for number in range(10):
            flags = f"{number == 3},{number in (1, 4, 7)}"
            lines.append(f'{day}-{number},{at}T{number:02}:00:00,"{cities[number % 3]}",{flags}')
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """A folder with the shop's one table; the other one is not there."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "orders.csv").write_text(rows(), encoding="utf-8")
    return folder


@pytest.fixture
def kpisdk(shop, tmp_path, capfd):
    """Run a command with the shop's KPIs: exit code, output, messages."""

    def called(*arguments):
        code = main(list(arguments), Installation(tmp_path, {}, plugins=(Shop(),)))
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return called


@pytest.fixture(scope="session")
def shop_workspace(shop, tmp_path_factory):
    """The shop as a workspace, without any settings."""
    settings = tmp_path_factory.mktemp("settings") / "kpisdk.toml"
    settings.write_text("")
    return Workspace(str(shop), settings=settings, plugins=[Shop()])


@pytest.fixture(scope="session")
def shop_plugin():
    """The plugin alone."""
    return Shop()


@pytest.fixture(scope="session")
def made_site(shop, tmp_path_factory):
    """The shop's site, written by the command."""
    folder = tmp_path_factory.mktemp("made")
    given = ("site", *IDS, "--source", str(shop), "--by", "city", "--out", str(folder / "site"))
    assert main(list(given), Installation(folder, {}, plugins=(Shop(),))) == 0
    return folder / "site"


class Remembers:
    """A plugin that remembers two things of one KPI, one of them in words that are markup."""

    @hookimpl(optionalhook=True)
    def kpisdk_web_events(self):
        """A restated period, and one from which on another definition holds."""

        def told(_workspace, kpi_id):
            if kpi_id == "SHOP-001":
                yield Event("restated", "2026-02-03 04:05", "0.2 became 0.1", "2025-11")
                yield Event("definition", "2026-01-02 03:04", HOSTILE, "2026-01")
                yield Event("alert", "2026-01-02 03:04", "Nobody was told.")

        return [told]


@pytest.fixture(scope="session")
def marked_site(shop, tmp_path_factory):
    """The site of one KPI of which something is remembered."""
    folder = tmp_path_factory.mktemp("marked")
    given = ("site", "SHOP-001", "--source", str(shop), "--out", str(folder / "site"))
    assert main(list(given), Installation(folder, {}, plugins=(Shop(), Remembers()))) == 0
    return folder / "site"


@pytest.fixture(scope="session")
def made_report(shop, tmp_path_factory):
    """The shop's KPIs as one HTML file."""
    path = tmp_path_factory.mktemp("made") / "report.html"
    given = ("compute", *IDS, "--source", str(shop), "--format", "html", "-o", str(path))
    assert main(list(given), Installation(path.parent, {}, plugins=(Shop(),))) in (0, 1)
    return path


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Where screenshots are kept: ``KPISDK_PICTURES``, or a folder of the tests' own."""
    named = os.environ.get("KPISDK_PICTURES")
    folder = Path(named) if named else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests; they are skipped where there is none."""
    from browser import Browser

    found = Browser()
    yield found
    found.close()

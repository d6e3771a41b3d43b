"""What kpisdk-history recorded is marked on the pages of kpisdk-web, whichever store is named."""

from datetime import date, timedelta

import attrs
import pytest

from kpisdk import Column, Dataset, Kpi, Ratio, Trailing, count, hookimpl
from kpisdk.cli import main
from kpisdk.cli.installation import Installation

pytest.importorskip("kpisdk_history")
pytest.importorskip("kpisdk_web")

ORDERS = Dataset(
    "orders",
    (
        Column("order_id", "text", key=True),
        Column("ordered_at", "timestamp"),
        Column("late", "bool"),
    ),
    time="ordered_at",
)
LATE = Kpi(
    id="TOGETHER-001",
    name="Late orders",
    workstream="shop",
    definition="Share of orders that came late.",
    formula="late / all",
    unit="ratio",
    direction="lower",
    calculation=Ratio(count(ORDERS, where=ORDERS["late"]), count(ORDERS)),
    window=Trailing(30),
)
AS_OF = "2026-04-01T00:00Z"


class Shop:
    """A plugin of one KPI."""

    @hookimpl
    def kpisdk_kpis(self):
        """It."""
        return [LATE]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """A folder of the test's own to work in: the store of nobody's settings would lie there."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def kpisdk(tmp_path, capfd):
    """Run a command in a folder of its own: exit code and messages."""

    def called(*arguments):
        code = main(list(arguments), Installation(tmp_path, {}, plugins=(Shop(),)))
        return code, capfd.readouterr().err

    return called


def write_orders(folder, late_in_february):
    """Ten orders a day from January to March, two of them late; in February as many as given."""
    lines = ["order_id,ordered_at,late"]
    for day in range(90):
        at = date(2026, 1, 1) + timedelta(days=day)
        late = late_in_february if at.month == 2 else 2
        lines += [f"{day}-{each},{at}T12:00:00,{each < late}" for each in range(10)]
    folder.mkdir(exist_ok=True)
    (folder / "orders.csv").write_text("\n".join(lines) + "\n")


@pytest.fixture
def recorded(tmp_path, kpisdk):
    """A store beside the settings' own, in which February was 0.3 and became 0.1."""
    store = tmp_path / "kept" / "runs.sqlite"
    store.parent.mkdir()
    for key, late in (("first", 3), ("second", 1)):
        write_orders(tmp_path / "shop", late)
        asked = ("--grain", "month", "--window", "last 24 months", "--as-of", AS_OF)
        kept = ("--store", str(store), "--run-key", key)
        code, told = kpisdk(
            "record", "TOGETHER-001", "--source", str(tmp_path / "shop"), *asked, *kept
        )
        assert code in (0, 3), told
    return store


def site(kpisdk, tmp_path, *more):
    """Write the site: exit code, messages, and the page of the KPI."""
    given = ("site", "TOGETHER-001", "--source", str(tmp_path / "shop"), "--as-of", AS_OF)
    code, told = kpisdk(*given, "--out", str(tmp_path / "site"), *more)
    page = tmp_path / "site" / "kpis" / "TOGETHER-001.html"
    return code, told, page.read_text(encoding="utf-8") if page.exists() else ""


def test_a_restated_month_is_marked_from_the_store_that_is_named(kpisdk, tmp_path, recorded):
    """In the drawing, in the table, and in the list of what is remembered."""
    code, _, page = site(kpisdk, tmp_path, "--store", str(recorded))

    assert code == 0
    assert "<title>2026-02: restated: 0.3 became 0.1" in page
    assert 'class="marked"><b>1</b> restated: 0.3 became 0.1' in page
    assert "<h2>History and alerts</h2>" in page


def test_months_that_another_definition_restates_say_so(tmp_path, capfd):
    """The same rows, counted by another formula in the second run: each month has its mark."""
    write_orders(tmp_path / "shop", 2)
    other = attrs.evolve(
        LATE, calculation=Ratio(count(ORDERS, where=~ORDERS["late"]), count(ORDERS))
    )

    class Changed:
        @hookimpl
        def kpisdk_kpis(self):
            return [other]

    source = ("TOGETHER-001", "--source", str(tmp_path / "shop"), "--as-of", AS_OF)
    asked = ("--grain", "month", "--window", "last 24 months")
    for key, plugin in (("first", Shop()), ("second", Changed())):
        given = ("record", *source, *asked, "--run-key", key)
        assert main(list(given), Installation(tmp_path, {}, plugins=(plugin,))) in (0, 3)
    given = ("site", *source, "--out", str(tmp_path / "site"))
    assert main(list(given), Installation(tmp_path, {}, plugins=(Changed(),))) == 0
    page = (tmp_path / "site" / "kpis" / "TOGETHER-001.html").read_text(encoding="utf-8")

    for month in ("2026-01", "2026-02", "2026-03"):
        assert f"<title>{month}: restated: 0.2 became 0.8 (definition)" in page
    assert page.count('class="marked"') == 3
    capfd.readouterr()


def test_without_a_store_there_is_nothing_to_tell_and_no_fault(kpisdk, tmp_path, recorded):
    """The settings' own store is not there, which is how most people begin."""
    assert recorded.exists()
    code, _, page = site(kpisdk, tmp_path)

    assert code == 0
    assert "History and alerts" not in page


def test_a_store_that_is_named_and_not_there_is_told_before_anything_is_written(kpisdk, tmp_path):
    """A usage error with the name of the store."""
    write_orders(tmp_path / "shop", 2)
    code, told, page = site(kpisdk, tmp_path, "--store", str(tmp_path / "none.sqlite"))

    assert (code, page) == (2, "")
    assert "none.sqlite" in told
    assert not (tmp_path / "none.sqlite").exists()
    code, told = kpisdk(
        "serve", "--source", str(tmp_path / "shop"), "--store", str(tmp_path / "none.sqlite")
    )
    assert code == 2
    assert "none.sqlite" in told


def test_a_store_that_cannot_be_read_is_told_on_the_page(kpisdk, tmp_path):
    """The settings' store is broken: a page without marks would claim that nothing was restated."""
    write_orders(tmp_path / "shop", 2)
    (tmp_path / "broken.sqlite").write_bytes(b"SQLite format 3\0 and then nothing of it")
    (tmp_path / "kpisdk.toml").write_text('[plugins.history]\nstore = "broken.sqlite"\n')
    code, _, page = site(kpisdk, tmp_path)

    assert code == 0
    assert "history failed" in page

"""The live pages in a real browser: quiet, whole at every width, and computed while one watches."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from browser import missing, until
from serving import Slow, running

PAGES = ("/", "/kpis/SHOP-001", "/kpis/POST-001", "/api", "/nothing")

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "there is a browser")


@pytest.fixture(scope="module")
def served(shop_workspace):
    """The address of a server on the shop; it waits for no page, so that each is there at once."""
    with running(shop_workspace) as client:
        for path in PAGES:
            client.ask(path)
        yield f"http://127.0.0.1:{client.port}"


@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways(browser, served, pictures, path, width):
    """The description of the API, too, whose tables are wide."""
    browser.open(f"{served}{path}", width)
    browser.picture(pictures / f"served{path.replace('/', '-')}-{width}.png")

    assert browser.run("return document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("path", PAGES[:-1])
def test_the_console_is_quiet_and_nothing_leaves_the_host(browser, served, path):
    """Not even an icon is missing; the policy is in the answer, and nothing breaks it."""
    browser.open(f"{served}{path}")
    assert until(lambda: browser.run("return document.readyState") == "complete")

    asked = browser.requested()
    assert f"{served}{path}" in asked
    assert [each for each in asked if not each.startswith((served, "data:", "about:"))] == []
    assert browser.complaints() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(browser, served, path, dark):
    """Contrast, names, roles and order, in light and dark."""
    browser.command("Page.setBypassCSP", enabled=True)
    browser.open(f"{served}{path}", dark=dark)
    found = browser.faults()
    browser.command("Page.setBypassCSP", enabled=False)

    assert found == []


def test_a_page_that_is_computed_appears_by_itself(browser, shop_workspace, monkeypatch):
    """First the seconds so far, then the scorecard, without a click and without a script."""
    monkeypatch.setattr("kpisdk_web.server.page_endpoints.PATIENCE", 0.2)
    slow = Slow(shop_workspace)
    with running(slow, seconds=60) as client:
        browser.open(f"http://127.0.0.1:{client.port}/", script=False)
        assert browser.driver.title == "Computing"
        assert "being computed" in browser.find("[role=status]")[0].text
        slow.go.set()
        assert until(lambda: browser.driver.title == "KPI report", 30)
        count = len(browser.find(".card"))
        browser.command("Emulation.setScriptExecutionDisabled", value=False)

    assert count == 4

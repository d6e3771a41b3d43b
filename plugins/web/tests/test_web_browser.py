"""The pages in a real browser: seen, filtered, walked by keyboard, on a phone and in the dark."""

from __future__ import annotations

import base64
import functools
import http.server
import sys
import threading
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from browser import missing, until

IDS = ("SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004", "POST-001", "POST-002")
WIDTHS = (390, 768, 1280, 1920)
TAB, ENTER = "\ue004", "\ue007"

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "there is a browser")


@pytest.fixture(scope="module")
def site(made_site):
    """The address of the shop's site, on a server of this machine."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    handler = functools.partial(quiet, directory=str(made_site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_scorecard_shows_every_kpi(browser, site, pictures):
    """Statuses are words that are seen whole; what is critical leads; absents have one reason."""
    browser.open(f"{site}/index.html")
    browser.picture(pictures / "scorecard.png")

    badges = browser.shown(".card .badge")
    assert [each.text for each in badges] == ["critical", "warning undecided", "good", "unknown"]
    for badge in badges:
        assert browser.run("return arguments[0].scrollWidth <= arguments[0].clientWidth + 1", badge)
    assert len(browser.shown(".card .spark")) == 4
    assert len(browser.shown(".card .scale")) == 3
    told = [each.text for each in browser.shown(".absent > li > p")]
    assert told == ["missing_table 2 KPIs: " + told[0].partition(": ")[2]]
    assert "'parcels'" in told[0]


@pytest.mark.parametrize("page", ["index.html", "kpis/SHOP-001.html"])
def test_names_that_are_markup_are_text(browser, site, page):
    """No script of a name runs, and no image of one is asked for."""
    browser.open(f"{site}/{page}")

    assert browser.find("img") == []
    assert browser.run("return document.title") != "taken"
    text = browser.run("return document.body.innerText")
    assert '<script>document.title="taken"</script>' in text
    if page == "index.html":
        assert '"><img src=x onerror=alert(1)>' in text


def test_filters_narrow_the_scorecard_and_are_a_link(browser, site):
    """By text, status, workstream and owner; whoever opens the address sees the same."""
    browser.open(f"{site}/index.html")
    search = browser.find("[name=text]")[0]

    search.send_keys("return")
    assert [each.text for each in browser.shown(".card h3")] == ["Return rate"]
    assert browser.find("output")[0].text == "1 of 6"
    assert browser.driver.current_url.endswith("#text=return")
    browser.driver.find_element("css selector", "button[type=reset]").click()
    assert until(lambda: len(browser.shown(".card")) == 4)

    for name, value, count in (
        ("status", "critical", 1),
        ("status", "undecided", 1),
        ("status", "absent", 2),
        ("workstream", "post", 4),
        ("owner", "Ada", 1),
        ("owner", '"><img src=x onerror=alert(1)>', 1),
    ):
        browser.open("about:blank")
        browser.open(f"{site}/index.html")
        browser.run(
            "const field = document.querySelector(`[name=${arguments[0]}]`);"
            "field.value = arguments[1]; field.dispatchEvent(new Event('input', {bubbles: true}));",
            name,
            value,
        )
        assert len(browser.shown(".card, .card-absent")) == count, (name, value)
        address = browser.driver.current_url
        browser.open("about:blank")
        browser.open(address)
        assert len(browser.shown(".card, .card-absent")) == count, address


def test_without_a_script_everything_is_there(browser, site):
    """All cards, the drawing of the trend and its table; only the filters stay away."""
    browser.open(f"{site}/index.html", script=False)
    assert len(browser.shown(".card")) == 4
    assert browser.shown("#filters") == []

    browser.open(f"{site}/kpis/SHOP-001.html", script=False)
    assert len(browser.shown("svg.trend")) == 1
    assert len(browser.shown(".periods tbody tr")) == 12
    browser.command("Emulation.setScriptExecutionDisabled", value=False)


def test_the_page_of_a_kpi_holds_all_of_it(browser, site, pictures):
    """Trend, slices, comparison, meaning, governance, columns and statements."""
    browser.open(f"{site}/kpis/SHOP-001.html")
    assert until(lambda: browser.shown(".canvas canvas"))
    browser.picture(pictures / "kpi.png")

    titles = [each.text for each in browser.shown("h2")]
    assert titles == [
        *("Trend", "By city", "Against the period before", "What it means", "Governance"),
        *("Columns read", "Statements"),
    ]
    rows = [each.text for each in browser.shown(".bars tbody th")]
    assert sorted(rows) == sorted(["Bonn", "Köln", '<script>document.title="taken"</script>'])
    assert "orders" in browser.find("#columns")[0].text
    assert "Ada" in browser.find("#governance")[0].text


def test_a_trend_is_read_with_the_arrow_keys(browser, site):
    """From the newest period back, in words that a screen reader is told."""
    browser.open(f"{site}/kpis/SHOP-001.html")
    assert until(lambda: browser.shown(".canvas canvas"))
    newest, before = [each.text for each in browser.shown(".periods tbody tr td:first-child")][:2]
    told = browser.find(".told")[0]
    assert told.text.startswith(f"{newest}: 0.1")

    browser.run("document.querySelector('.canvas').focus()")
    browser.driver.switch_to.active_element.send_keys("\ue012")
    assert told.text.startswith(f"{before}: 0.1")
    assert told.get_attribute("aria-live") == "polite"


def test_the_keyboard_reaches_a_kpi_and_comes_back(browser, site):
    """Tab goes through filters and cards in their order, each seen; enter opens the page."""
    browser.open(f"{site}/index.html")
    seen = []
    for _ in range(40):
        browser.driver.switch_to.active_element.send_keys(TAB)
        active = browser.driver.switch_to.active_element
        outline = browser.run("return getComputedStyle(arguments[0]).outlineStyle", active)
        seen.append(active.get_attribute("name") or active.text)
        assert outline != "none", seen
        if active.text == "Return rate":
            break
    fields = [name for name in seen if name in ("text", "status", "workstream", "owner")]
    assert fields == ["text", "status", "workstream", "owner"]
    browser.driver.switch_to.active_element.send_keys(ENTER)
    assert until(lambda: browser.driver.current_url.endswith("/kpis/SHOP-001.html"))
    browser.driver.switch_to.active_element.send_keys(TAB)
    browser.driver.switch_to.active_element.send_keys(ENTER)
    assert until(lambda: browser.driver.current_url.endswith("/index.html"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", ["index.html", "kpis/SHOP-001.html", "kpis/SHOP-002.html"])
def test_no_width_scrolls_sideways(browser, site, pictures, page, width):
    """From a phone to a wide screen, the page is as wide as the window."""
    browser.open(f"{site}/{page}", width)
    browser.picture(pictures / f"{page.replace('/', '-').removesuffix('.html')}-{width}.png")

    assert browser.run("return document.documentElement.scrollWidth") == width
    # No status is cut off, not even inside of what scrolls by itself.
    ends = browser.run(
        "return [...document.querySelectorAll('.badge, .word, .periods td:last-child')]"
        ".filter((each) => each.offsetParent).map((each) => [each.getBoundingClientRect().right,"
        " (each.closest('.wide') || document.body).getBoundingClientRect().right])"
    )
    assert ends
    assert [each for each in ends if each[0] > each[1] + 1] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", ["index.html", "kpis/SHOP-001.html", "kpis/POST-001.html"])
def test_axe_finds_nothing_serious(browser, site, pictures, page, dark):
    """Contrast, names, roles and order, in light and dark."""
    # The policy of the page lets no strange script in: the checker is not one of its own.
    browser.command("Page.setBypassCSP", enabled=True)
    browser.open(f"{site}/{page}", dark=dark)
    scheme = "dark" if dark else "light"
    browser.picture(pictures / f"{page.replace('/', '-').removesuffix('.html')}-{scheme}.png")
    found = browser.faults()
    browser.command("Page.setBypassCSP", enabled=False)

    assert found == []


def test_dark_is_dark(browser, site):
    """The ground is darker than the ink, and lighter where light is wanted."""
    grounds = {}
    for dark in (False, True):
        browser.open(f"{site}/index.html", dark=dark)
        told = browser.run("return getComputedStyle(document.body).backgroundColor")
        grounds[dark] = sum(int(each) for each in told[4:-1].split(","))

    assert grounds[True] < 150
    assert grounds[False] > 600


@pytest.mark.parametrize("page", ["index.html", "kpis/SHOP-001.html", "kpis/POST-001.html"])
def test_nothing_leaves_the_host_and_the_console_is_quiet(browser, site, page):
    """Every address is the site's own; no policy is broken, no file is missing, nothing fails."""
    browser.open(f"{site}/{page}")
    time.sleep(0.3)

    asked = browser.requested()
    assert f"{site}/{page}" in asked
    strangers = [each for each in asked if not each.startswith((site, "data:", "about:"))]
    assert strangers == []
    assert browser.complaints() == []


@pytest.mark.parametrize(("page", "view"), [("index.html", "all"), ("kpis/SHOP-001.html", "trend")])
@pytest.mark.parametrize("disk", [False, True], ids=["server", "disk"])
def test_a_view_is_copied_as_a_picture(browser, site, made_site, tmp_path, page, view, disk):
    """The button saves a PNG of the view, larger than a few bytes, as the browser shows it."""
    browser.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.open(f"{made_site.as_uri() if disk else site}/{page}")
    assert until(lambda: browser.shown(f"[data-picture={view}]"))
    browser.run("document.querySelector(`[data-picture=${arguments[0]}]`).click()", view)

    (saved,) = until(lambda: list(tmp_path.glob(f"*-{view}.png")), 15)
    assert saved.read_bytes().startswith(b"\x89PNG")
    # Drawn with its colours: what lost its style sheet would be black where the zones are.
    encoded = base64.b64encode(saved.read_bytes()).decode()
    dark = browser.driver.execute_async_script(
        "const [text, done] = arguments; const image = new Image();"
        "image.onload = () => { const canvas = document.createElement('canvas');"
        "canvas.width = 200; canvas.height = 200; const pen = canvas.getContext('2d');"
        "pen.drawImage(image, 0, 0, 200, 200); const all = pen.getImageData(0, 0, 200, 200).data;"
        "let count = 0; for (let at = 0; at < all.length; at += 4)"
        "{ if (all[at] + all[at + 1] + all[at + 2] < 60) count += 1; } done(count / 40000); };"
        "image.src = `data:image/png;base64,${text}`;",
        encoded,
    )
    assert dark < 0.1


def test_a_site_opened_from_a_disk_works(browser, made_site):
    """No server: the filters and the chart work all the same."""
    browser.open(f"{made_site.as_uri()}/index.html")
    assert browser.shown("#filters")
    browser.open(f"{made_site.as_uri()}/kpis/SHOP-001.html")
    assert until(lambda: browser.shown(".canvas canvas"))

"""Marks of what is remembered, in a real browser: on the canvas, by keyboard, in table and list."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from browser import missing, until

ARROW_LEFT = "\ue012"
HOSTILE = '<script>document.title="taken"</script>'

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "there is a browser")

INK_IN_A_COLUMN = """
const [index, count] = arguments;
const canvas = document.querySelector('.canvas canvas');
const over = document.querySelector('.u-over').getBoundingClientRect();
const box = canvas.getBoundingClientRect();
const ratio = canvas.width / box.width;
const x = Math.round((over.left - box.left + over.width * index / (count - 1)) * ratio);
const [top, height] = [Math.round((over.top - box.top) * ratio), Math.round(over.height * ratio)];
const drawn = document.createElement('canvas');
[drawn.width, drawn.height] = [canvas.width, canvas.height];
const pen = drawn.getContext('2d', {willReadFrequently: true});
pen.fillStyle = getComputedStyle(document.querySelector('.panel')).backgroundColor;
pen.fillRect(0, 0, drawn.width, drawn.height);
pen.drawImage(canvas, 0, 0);
const ink = document.createElement('p');
ink.style.color = 'var(--ink)';
document.body.append(ink);
const wanted = getComputedStyle(ink).color.match(/\\d+/g).map(Number);
ink.remove();
let most = 0;
for (const at of [x - 1, x, x + 1]) {
  const column = pen.getImageData(at, top, 1, height).data;
  let found = 0;
  for (let place = 0; place < column.length; place += 4) {
    if (wanted.every((part, each) => Math.abs(part - column[place + each]) < 40)) found += 1;
  }
  most = Math.max(most, found / height);
}
return most;
"""
"""The share of a period's column that has the colour of text: half of it under a broken line."""


@pytest.fixture
def opened(browser, marked_site):
    """Open the page of the KPI of which something is remembered."""

    def open_page(width=1280, **how):
        browser.open((marked_site / "kpis" / "SHOP-001.html").as_uri(), width, **how)
        return browser

    return open_page


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_canvas_has_a_line_at_each_marked_period_and_at_no_other(opened, dark, pictures):
    """Twelve periods from March 2025 on: November is the ninth, January the eleventh."""
    browser = opened(dark=dark)
    assert until(lambda: browser.shown(".canvas canvas"))
    browser.picture(pictures / f"marks-{'dark' if dark else 'light'}.png")

    shares = [browser.run(INK_IN_A_COLUMN, index, 12) for index in range(1, 11)]
    marked = [index for index, share in enumerate(shares, start=1) if share > 0.3]

    assert marked == [8, 10]
    assert max(share for index, share in enumerate(shares, start=1) if index not in marked) < 0.1
    assert browser.complaints() == []


def test_the_keyboard_reads_a_mark_with_its_period(opened):
    """One step back from the newest period, in words that a screen reader is told."""
    browser = opened()
    assert until(lambda: browser.shown(".canvas canvas"))

    browser.run("document.querySelector('.canvas').focus()")
    browser.driver.switch_to.active_element.send_keys(ARROW_LEFT)

    told = browser.find(".told")[0].text
    assert told.startswith("2026-01: 0.1")
    assert told.endswith(f"; mark 2: definition: {HOSTILE}")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_marks_are_told_in_table_and_list_with_the_same_sign(opened, script):
    """What concerns no period is listed below alone; markup is text everywhere."""
    browser = opened(script=script)

    marked = [each.text for each in browser.shown(".periods .marked")]
    listed = [each.text for each in browser.shown(".marks li")]
    events = [each.text for each in browser.shown("#events li")]
    title = browser.driver.title
    lines = len(browser.shown("svg.trend .m"))
    browser.command("Emulation.setScriptExecutionDisabled", value=False)

    assert marked == [f"2 definition: {HOSTILE}", "1 restated: 0.2 became 0.1"]
    assert listed == [
        "1 2025-11: restated: 0.2 became 0.1",
        f"2 2026-01: definition: {HOSTILE}",
    ]
    assert len(events) == 3
    assert "Nobody was told." in events[1] + events[2]
    assert title == "Return rate · SHOP-001"
    assert lines == (0 if script else 2)


@pytest.mark.parametrize("width", [390, 1920])
def test_marks_make_no_page_wider(opened, width, pictures):
    """A long text is broken over lines."""
    browser = opened(width)
    browser.picture(pictures / f"marks-{width}.png")

    assert browser.run("return document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_in_marks(browser, opened, dark):
    """Contrast and names, in light and dark."""
    browser.command("Page.setBypassCSP", enabled=True)
    opened(dark=dark)
    found = browser.faults()
    browser.command("Page.setBypassCSP", enabled=False)

    assert found == []

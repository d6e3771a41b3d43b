"""The report that is one file, in a real browser: filtered, copied, in the dark and on a phone."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from browser import missing, until

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "there is a browser")


def test_a_report_as_one_file_works(browser, made_report, pictures):
    """`--format html`: filtered by its own script, quiet, and fit for a phone."""
    browser.open(made_report.as_uri(), 390)
    browser.picture(pictures / "report-390.png")
    assert browser.run("return document.documentElement.scrollWidth") == 390
    owners = [each.text for each in browser.find("[name=owner] option")]
    assert owners == ["all", '"><img src=x onerror=alert(1)>', "Ada"]
    browser.find("[name=text]")[0].send_keys("return")
    assert [each.text for each in browser.shown(".card h3")] == ["Return rate"]
    assert browser.complaints() == []
    assert [each for each in browser.requested() if not each.startswith(("file:", "about:"))] == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_report_as_one_file_holds_its_copies(browser, made_report, tmp_path, form, script):
    """Unpacked where a script runs, packed where none does: the numbers are the same."""
    browser.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.open(made_report.as_uri(), script=script)
    (link,) = [each for each in browser.shown(".copies a") if each.text == form.upper()]
    link.click()

    name = f"kpis.{form}" if script else f"kpis.{form}.gz"
    assert until((tmp_path / name).is_file, 15), list(tmp_path.iterdir())
    browser.command("Emulation.setScriptExecutionDisabled", value=False)
    data = (tmp_path / name).read_bytes()
    text = (data if script else gzip.decompress(data)).decode()
    assert "SHOP-004" in text
    assert "taken" in text
    assert browser.complaints() == []


def test_a_report_as_one_file_is_copied_as_a_picture(browser, made_report, tmp_path):
    """Its policy allows the picture that it draws of itself, and nothing else."""
    browser.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.open(made_report.as_uri())
    browser.run("document.querySelector('[data-picture=all]').click()")

    assert until((tmp_path / "kpis-all.png").is_file, 15)
    assert (tmp_path / "kpis-all.png").read_bytes().startswith(b"\x89PNG")
    assert browser.complaints() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_in_a_report_as_one_file(browser, made_report, dark):
    """Contrast, names, roles and order, in light and dark."""
    browser.command("Page.setBypassCSP", enabled=True)
    browser.open(made_report.as_uri(), dark=dark)
    found = browser.faults()
    browser.command("Page.setBypassCSP", enabled=False)

    assert found == []

"""A site is a folder of files that stand by themselves."""

from __future__ import annotations

import json
import re

from kpisdk_web import plugin

IDS = ("SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004", "POST-001", "POST-002")


def test_the_plugin_brings_its_commands():
    """The hook yields both."""
    assert [each.name for each in plugin.kpisdk_commands()] == ["site", "serve"]


def test_a_site_holds_every_kpi(kpisdk, shop, tmp_path):
    """Those that have a value and those that have none; and the numbers for programs."""
    code, out, err = kpisdk("site", *IDS, "--source", str(shop), "--out", str(tmp_path / "site"))

    assert (code, out) == (0, "")
    assert err.endswith("index.html.\n")
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert [kpi_id for kpi_id in IDS if f">{kpi_id}<" not in page] == []
    assert "2 KPIs: table &#39;parcels&#39; does not exist" in page
    document = json.loads((tmp_path / "site" / "report.json").read_text(encoding="utf-8"))
    assert [result["kpi_id"] for result in document["results"]] == list(IDS)


def test_names_that_are_markup_are_shown_as_text(kpisdk, shop, tmp_path):
    """No name of a KPI, an owner or a slice opens an element."""
    kpisdk("site", *IDS, "--source", str(shop), "--out", str(tmp_path / "site"))

    for path in (tmp_path / "site").rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert "<script>document" not in page
        assert "<img" not in page


def test_an_unknown_kpi_writes_nothing(kpisdk, shop, tmp_path):
    """Whoever misspells an id finds no half site later."""
    code, _, err = kpisdk(
        "site", "SHOP-009", "--source", str(shop), "--out", str(tmp_path / "site")
    )

    assert code == 2
    assert "SHOP-009" in err
    assert not (tmp_path / "site").exists()


def test_a_folder_that_cannot_be_written_is_an_error_with_its_name(kpisdk, shop, tmp_path):
    """The system's own words, and what to do: no traceback."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "kpis").write_text("in the way")

    code, _, err = kpisdk("site", *IDS, "--source", str(shop), "--out", str(tmp_path / "site"))

    assert code == 1
    assert f"'{tmp_path / 'site' / 'kpis'}' could not be written" in err


def test_every_kpi_has_a_page_and_every_view_its_copies(kpisdk, shop, tmp_path):
    """The copies hold the numbers of the view in full precision."""
    site = tmp_path / "site"
    kpisdk("site", *IDS, "--source", str(shop), "--by", "city", "--out", str(site))

    assert sorted(path.stem for path in (site / "kpis").glob("*.html")) == sorted(IDS)
    trend = json.loads((site / "kpis" / "SHOP-001-trend.json").read_text(encoding="utf-8"))
    values = [each["value"] for each in trend["results"] if each["value"] is not None]
    assert values == [0.1] * 12
    cities = json.loads((site / "kpis" / "SHOP-001-by-1.json").read_text(encoding="utf-8"))
    # Order 3 of each day is returned; it is one of the four of Bonn (0, 3, 6, 9).
    found = {each["slice"]["city"]: each["value"] for each in cities["results"]}
    assert sorted(found.values()) == [0.0, 0.0, 0.25]
    assert found["Bonn"] == 0.25
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r'(?:href|src)="([^"#]+)"', text):
            assert (page.parent / link).is_file(), (page, link)


def test_no_page_holds_a_script_or_style_of_its_own(kpisdk, shop, tmp_path):
    """The policy allows none, so one could not run: what there is comes from files."""
    kpisdk("site", *IDS, "--source", str(shop), "--out", str(tmp_path / "site"))

    for path in (tmp_path / "site").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"<script(?! src=)|<style| style=| on[a-z]+=\"", text) == []
        assert "script-src &#39;self&#39;" in text

"""A site is a folder of files that stand by themselves."""

from __future__ import annotations

import json

from kpisdk_web import plugin

IDS = ("SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004", "POST-001", "POST-002")


def test_the_plugin_brings_its_command():
    """The hook yields it."""
    assert [each.name for each in plugin.kpisdk_commands()] == ["site"]


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

"""One version, one licence, one contract: what the distributions must agree on."""

import re

import pytest

from kpisdk.hookspecs import API_VERSION
from kpisdk.plugins import core_version, load_plugins
from kpisdk.registry import Registry
from kpisdk.registry.offers import OFFERS
from release.distributions import ROOT, all_distributions
from release.into_tests import requirements

DISTRIBUTIONS = all_distributions()
PLUGINS = DISTRIBUTIONS[1:]
BY_NAME = pytest.mark.parametrize("each", DISTRIBUTIONS, ids=lambda each: each.name)


def test_there_are_eleven_distributions():
    """The core, six plugins with KPIs, the reader of definition files, demo, history, pages."""
    assert [each.name for each in DISTRIBUTIONS] == [
        "kpisdk",
        "kpisdk-brand",
        "kpisdk-causal",
        "kpisdk-definitions",
        "kpisdk-demo",
        "kpisdk-edu-dkt",
        "kpisdk-history",
        "kpisdk-web",
        "kpisdk-ws1-quality",
        "kpisdk-ws2-triggers",
        "kpisdk-ws3-business",
    ]


@BY_NAME
def test_all_have_one_version_and_the_installed_core_says_it(each):
    """One tag releases all of them; --version, doctor and the documentation say the same."""
    page = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert each.version == core_version()
    assert f'release = "{each.version}"' in page
    assert re.search(rf"^## {re.escape(each.version)}\b", changelog, flags=re.MULTILINE)


@BY_NAME
def test_every_distribution_carries_the_licence(each):
    """A wheel without the text of its licence may not be passed on."""
    assert (each.folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@BY_NAME
def test_every_distribution_says_the_same_of_python_and_types(each):
    """Classifiers claim what is tested: one Python version, and types."""
    core = DISTRIBUTIONS[0].project

    for field in ("requires-python", "license", "classifiers", "urls"):
        assert each.project[field] == core[field]


@pytest.mark.parametrize("each", PLUGINS, ids=lambda each: each.name)
def test_every_plugin_requires_the_core_in_one_range(each):
    """What one plugin takes, all take, or pip could not install them together."""
    (required,) = [one for one in each.project["dependencies"] if one.startswith("kpisdk")]

    assert re.fullmatch(r"kpisdk(\[duckdb\])?>=0\.1,<0\.2", required)


def test_the_extras_of_the_core_are_those_that_are_promised():
    """``all`` holds every other one that a user needs; ``testing`` is for authors of plugins."""
    extras = dict(DISTRIBUTIONS[0].project["optional-dependencies"])
    extras.pop("testing")

    assert extras.pop("all") == [f"kpisdk[{','.join(sorted(extras))}]"]
    papers = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    told = "\n".join(paper.read_text(encoding="utf-8") for paper in papers)
    promised = {
        name for line in re.findall(r"kpisdk\[([\w,]+)\]", told) for name in line.split(",")
    }
    named = set(re.findall(r"`kpisdk-(\w+)`", told))
    assert promised - {"all", "testing"} <= set(extras) <= promised | named


def test_what_the_core_offers_is_what_the_plugins_bring():
    """Where a plugin is missing, the core names it by its ids, its workstream and its commands."""
    registry = Registry(load_plugins())
    offers = {offer.distribution: offer for offer in OFFERS}

    assert set(offers) == {each.name for each in PLUGINS}
    brought = {name: [] for name in offers}
    for kpi in registry.kpis.values():
        offer = offers[registry.owner(kpi.id).distribution]
        brought[offer.distribution].append(kpi.id)
        assert kpi.id.startswith(offer.prefix)
        assert kpi.workstream == offer.workstream
    without = [name for name, ids in brought.items() if not ids]
    assert without == ["kpisdk-definitions", "kpisdk-demo", "kpisdk-history", "kpisdk-web"]
    assert set(registry.commands) == {name for offer in OFFERS for name in offer.commands}


def test_the_environments_of_tox_are_the_core_and_every_plugin(monkeypatch):
    """A plugin that is in no environment is never tested alone; its extras come with it."""
    monkeypatch.setattr("release.distributions._built", lambda path: path)
    text = (ROOT / "tox.ini").read_text(encoding="utf-8")
    listed = re.search(r"^env_list = (.*)$", text, flags=re.MULTILINE)[1].split(", ")

    # An extra that is another distribution of ours comes as that one's own environment.
    extras = {
        name
        for name, required in DISTRIBUTIONS[0].project["optional-dependencies"].items()
        if name != "all" and not required[0].startswith("kpisdk-")
    }
    ours = ["core", *(each.folder.name for each in PLUGINS)]
    # The tutorial's plugin is nobody's release: it is built where it is tested.
    assert sorted(listed) == sorted([*ours, "bakery"])
    for name in ours:
        core, *plugin = requirements(name)
        assert core.startswith(f"kpisdk[{','.join(sorted(extras))}] @ file://")
        assert len(plugin) == (0 if name == "core" else 1)
    assert requirements("causal")[1].startswith("kpisdk-causal[all] @ ")
    assert requirements("ws1_quality")[1].startswith("kpisdk-ws1-quality[mlflow] @ ")
    assert requirements("brand")[1].startswith("kpisdk-brand @ ")


def test_the_page_on_versions_says_what_the_core_offers():
    """The page, the hooks' version and the plugins' ranges tell one story."""
    page = (ROOT / "docs" / "explanation" / "versions.md").read_text(encoding="utf-8")

    assert f"this release offers version {API_VERSION}." in page
    assert f"KPISDK_API = {API_VERSION}\n" in page
    assert "`kpisdk>=0.1,<0.2` today" in page


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "CHANGELOG.md"]
)
def test_the_papers_name_no_command_and_no_file_that_is_not_there(name):
    """A paper that points nowhere is worse than none."""
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))

    named = re.findall(r"`make ([a-z ]+)`", text)
    assert {target for words in named for target in words.split()} <= targets
    files = re.findall(r"`((?:[\w.-]+/)*[\w.-]+\.(?:md|txt|toml|pyi|py|sh))`", text)
    missing = [file for file in files if not (ROOT / file).exists()]
    assert [file for file in missing if file not in ("kpisdk.toml", "pyproject.toml")] == []

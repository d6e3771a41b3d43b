"""Every example of the documentation is run, in the order of its page."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from console import Console, is_like
from pages import EXAMPLES, PICTURES, ROOT, RUN, fences_of, name_of, needs_of, written_by_hand
from sybil import Example, Sybil
from sybil.example import SybilFailure
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

from kpisdk.settings import load_settings

PAGES = written_by_hand()
DEMO = ("demo", "--scale", "0.05", "--no-compute", "--out")


def _toml(example: Example) -> str | None:
    """Write a fence to the file that its first line names; settings must be settings."""
    name = example.parsed.splitlines()[0].removeprefix("# ").split()[0]
    if not name.endswith(".toml"):
        return "the first line of a toml fence names its file: # kpisdk.toml"
    Path(name).write_text(example.parsed, encoding="utf-8")
    if name == "kpisdk.toml":
        load_settings(Path.cwd(), None, {"WAREHOUSE_PASSWORD": "s3cret"})
    else:
        tomllib.loads(example.parsed)
    return None


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """The demo data set, as its command makes it."""
    from kpisdk.cli.entry_point import main

    path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    assert main([*DEMO, str(path)]) == 0
    return path


@pytest.fixture(scope="session")
def install(tmp_path_factory):
    """``install(name)``: the folder in which an example's wheel was unpacked, as pip would."""
    made: dict[str, Path] = {}

    def build(name: str) -> Path:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            source = shutil.copytree(EXAMPLES / name, folder / "source")
            command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
            subprocess.run(command, cwd=source, check=True, capture_output=True)
            made[name] = folder / "installed-example"
            (wheel,) = folder.glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(made[name])
        return made[name]

    return build


@pytest.fixture
def reader(request, tmp_path, monkeypatch):
    """``reader(page)``: puts the test where the page's reader is, with what the page needs."""

    def place(page: Path) -> Path:
        monkeypatch.chdir(tmp_path)
        for name in ("CI", "KPISDK_CONFIG", "KPISDK_SOURCE", "KPISDK_CACHE", "KPISDK_DEBUG"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
        monkeypatch.setenv("COLUMNS", "1000")
        monkeypatch.setenv("WAREHOUSE_PASSWORD", "s3cret")
        for need in needs_of(page):
            if need == "demo.duckdb":
                shutil.copy(request.getfixturevalue("demo"), tmp_path)
            elif need.startswith("installed "):
                folder = request.getfixturevalue("install")(need.removeprefix("installed "))
                monkeypatch.syspath_prepend(folder)
            elif (EXAMPLES / need).is_dir():
                shutil.copytree(EXAMPLES / need, tmp_path, dirs_exist_ok=True)
            else:
                shutil.copy(EXAMPLES / need, tmp_path)
        return tmp_path

    before = set(sys.modules)
    yield place
    for name in set(sys.modules) - before:  # an example's modules are gone with its folder
        if "installed-example" in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def run_only(page: Path) -> str:
    """A page in which what is not run is hidden from the parsers; lines stay where they are."""
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
    for fence in fences_of(page):
        if fence.why:
            lines[fence.line - 1] = "```text\n"
    return "".join(lines)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_examples_of_a_page_do_what_it_says(page, reader):
    """Commands succeed and print what is shown, settings are settings, Python runs."""
    copy = reader(page) / ".page.md"
    copy.write_text(run_only(page), encoding="utf-8")
    languages = [
        CodeBlockParser("console", Console()),
        CodeBlockParser("toml", _toml),
        PythonCodeBlockParser(),
    ]

    for example in Sybil(languages).parse(copy).examples():
        fault = None
        try:
            example.evaluate()
        except SybilFailure as failure:
            fault = failure.result
        if fault is not None:
            pytest.fail(f"{name_of(page)}:{example.line}\n{fault}", pytrace=False)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_not_run_says_why(page):
    """A fence is run, or is a picture, or the line above it says why it is not run."""
    silent = [
        f"{name_of(page)}:{fence.line} ({fence.language or 'no language'})"
        for fence in fences_of(page)
        if not fence.is_directive and not fence.why and fence.language not in (*RUN, *PICTURES)
    ]

    assert silent == []


def test_pages_are_found():
    """A moved folder would leave nothing to run, and every test green."""
    names = {name_of(page) for page in PAGES}

    assert {"README.md", "docs/tutorial/first-kpi.md", "docs/how-to/map-a-warehouse.md"} <= names
    assert all(ROOT in page.parents for page in PAGES)


@pytest.mark.parametrize(
    ("shown", "said", "alike"),
    [
        ("a  b\n", "a b", True),
        ("a b", "a c", False),
        ("a", "a b", False),
        ("a ...", "a b c", True),
        ("a\n...\nb", "a\nb", True),
        ("a\n...\nb", "a\nx\ny\nb", True),
        ("a\n...\nb", "a\nx", False),
        ("until 2026-03-01", "until 2027-12-24", True),
        ("(.*)", "anything", False),
    ],
)
def test_output_is_compared_and_not_only_run(shown, said, alike):
    """Blanks and dates are alike, three dots are anything; everything else is as it stands."""
    assert is_like(shown, said) is alike

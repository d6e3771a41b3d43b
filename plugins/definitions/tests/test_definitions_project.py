"""A project with definition files: plugins like any other, and no cost where there are none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kpisdk import DefinitionFileError, Settings, Workspace, hookimpl, read_kpis
from kpisdk.cli import main
from kpisdk.cli.installation import Installation
from kpisdk.plugins import loading as loading_room
from kpisdk.plugins.discovery import installed_points
from kpisdk.settings import load_settings

RATE = """\
datasets: {{orders: {{columns: {{at: timestamp, returned: bool}}, time: at}}}}
kpis:
  - id: {id}
    name: {id}
    workstream: shop
    definition: Orders.
    unit: count
    simple: {{count: orders, where: {where}}}
"""


@pytest.fixture
def alone(monkeypatch):
    """No installed plugin but the reader of definition files."""
    reader = next(each for each in installed_points() if each.name == "definitions")
    monkeypatch.setattr(loading_room, "installed_points", lambda: (reader,))


@pytest.fixture
def project(tmp_path, alone):
    """A project with one sound file and one that can be made otherwise."""

    def make(where: str = "returned", kpi_id: str = "SHOP-002") -> Path:
        (tmp_path / "kpisdk.toml").write_text('definitions = ["more/*.yaml"]')
        (tmp_path / "more").mkdir()
        (tmp_path / "kpis.yaml").write_text(RATE.format(id="SHOP-001", where="NOT returned"))
        odd = RATE.format(id=kpi_id, where=where).partition("\n")[2]
        (tmp_path / "more" / "odd.yaml").write_text(odd)
        return tmp_path

    return make


def told(folder: Path, capfd, *arguments: str):
    """How a command ends in a folder: exit code, output, messages."""
    code = main(list(arguments), Installation(folder, {}))
    captured = capfd.readouterr()
    return code, captured.out, captured.err


def test_each_file_is_a_plugin_of_its_name(project):
    """So that lists, conflicts and messages name the file."""
    registry = Installation(project(), {}).registry

    assert {registry.owner(kpi).label for kpi in registry.kpis} == {"kpis.yaml", "more/odd.yaml"}
    assert registry.problems == ()


def test_a_file_with_faults_takes_nobody_with_it(project, capfd):
    """Its KPIs are missing, which every command says; the others are there."""
    code, out, err = told(project("retruned"), capfd, "list", "--format", "csv")

    assert code == 0
    assert [line.partition(",")[0] for line in out.splitlines()] == ["id", "SHOP-001"]
    assert err == (
        "Warning: more/odd.yaml:7:36: There is no column 'retruned' of 'orders'. "
        "Did you mean returned?\n"
    )


def test_validate_tells_file_line_and_column(project, capfd):
    """One row a fault, in the area of definitions."""
    code, out, _ = told(project("retruned AND x > 1"), capfd, "validate", "--format", "csv")

    assert code == 1
    assert [line.split(",")[:2] for line in out.splitlines()[1:]] == [
        ["definitions", "more/odd.yaml:7:36"],
        ["definitions", "more/odd.yaml:7:49"],
    ]


def test_validate_passes_a_sound_project(project, capfd):
    """Nothing on standard output, and 0."""
    code, out, err = told(project(), capfd, "validate")

    assert (code, out) == (0, "")
    assert err == "No faults in 2 KPIs over 1 datasets of 7 plugins.\n"


def test_one_id_in_two_files_is_a_fault(project, capfd):
    """Told at the second, with the place of the first."""
    code, out, _ = told(project(kpi_id="SHOP-001"), capfd, "validate")

    assert code == 1
    assert "the KPI 'SHOP-001' is defined at kpis.yaml:3:9 too" in out


def test_settings_with_faults_leave_the_installed_kpis(tmp_path, alone, capfd):
    """Which files there are cannot be known then, and that is said."""
    (tmp_path / "kpisdk.toml").write_text("definitions = 3")

    code, _, err = told(tmp_path, capfd, "list")

    assert code == 0
    assert "Warning: no definition file is read, since the settings have faults." in err


def test_the_python_api_reads_the_project_too(project):
    """A workspace from settings has the same KPIs as the command line."""
    workspace = Workspace({}, settings=load_settings(project(), None, {}))

    assert list(workspace.registry.kpis) == ["SHOP-001", "SHOP-002"]


def test_files_of_one_name_in_python_settings_are_kept_apart(tmp_path, alone):
    """Without a settings file there is no folder that names are relative to."""
    paths = []
    for number in (1, 2):
        path = tmp_path / str(number) / "kpis.yaml"
        path.parent.mkdir()
        text = RATE.format(id=f"SHOP-00{number}", where="returned")
        path.write_text(text.replace("orders", f"orders_{number}"))
        paths.append(path)

    registry = Workspace({}, settings=Settings(definitions=tuple(paths))).registry

    assert [registry.owner(kpi).name for kpi in registry.kpis] == ["kpis.yaml", str(paths[1])]


def test_a_definition_has_one_version_until_it_changes(tmp_path, alone):
    """A comment or an example changes no version; a condition does, wherever somebody works."""

    def version(text: str, below: str = ".") -> str:
        (tmp_path / "kpis.yaml").write_text(text)
        (tmp_path / "below").mkdir(exist_ok=True)
        settings = load_settings(tmp_path / below, None, {})
        return Workspace({}, settings=settings).registry.definition_version("SHOP-001")

    text = RATE.format(id="SHOP-001", where="returned")
    example = "    examples: [{rows: {}, value: 0}]\n"

    assert version(text) == version(f"# why\n{text}{example}") == version(text, "below")
    assert version(text) != version(RATE.format(id="SHOP-001", where="NOT returned"))


def test_a_plugin_may_read_its_own_file(project, alone):
    """One line in its hook; faults then name the plugin as well as the place."""
    folder = project("retruned")

    class Shop:
        name = "shop"

        @hookimpl
        def kpisdk_kpis(self):
            return read_kpis(folder / "kpis.yaml", folder / "more" / "odd.yaml")

    with pytest.raises(DefinitionFileError) as caught:
        Shop().kpisdk_kpis()
    problems = Workspace({}, settings=Settings(), plugins=[Shop()]).registry.problems

    assert str(caught.value).startswith("kpis.yaml, odd.yaml: odd.yaml:7:36: There is no column")
    assert [each.where for each in problems] == ["plugin 'shop' (in this process 0), odd.yaml:7:36"]


LISTED = """
import sys
from kpisdk.cli import main
code = main(["list"])
rooms = ("kpisdk_definitions", "kpisdk.settings", "kpisdk.examples", "yaml", "sqlglot", "tomllib")
rooms += ("cattrs", "kpisdk.engine")
print([name for name in sys.modules if name.startswith(rooms)])
"""


def test_without_definitions_no_reader_is_imported(tmp_path):
    """``kpisdk list`` pays for what there is: neither YAML nor SQL, nor settings, nor results."""
    # Temporary folders may lie within a project of somebody's, whose settings would be loaded.
    above = tmp_path.anchor
    listed = subprocess.run(
        [sys.executable, "-c", LISTED], cwd=above, capture_output=True, text=True, check=True
    )

    hooks = ["kpisdk_definitions", "kpisdk_definitions.plugin"]
    assert listed.stdout.splitlines()[-1] == str(hooks)


def test_with_settings_alone_no_reader_is_imported(tmp_path):
    """A settings file is read for the files that it may name, and no more."""
    (tmp_path / "kpisdk.toml").write_text('default_source = "x"')
    listed = subprocess.run(
        [sys.executable, "-c", LISTED], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    names = listed.stdout.splitlines()[-1]
    assert "kpisdk_definitions.plugin" in names
    assert not [odd for odd in ("reading", "'yaml", "sqlglot", "examples") if odd in names]


@pytest.mark.parametrize(("text", "words"), [("[tool.x]", []), ("[tool.kpisdk]", ["SHOP-002"])])
def test_a_pyproject_counts_where_it_speaks_of_us(project, capfd, text, words):
    """Everybody has one, and few of them say anything here."""
    folder = project()
    (folder / "kpisdk.toml").unlink()
    (folder / "kpis.yaml").rename(folder / "more" / "even.yaml")
    named = 'definitions = ["more/*.yaml"]' if words else ""
    (folder / "pyproject.toml").write_text(f"{text}\n{named}\n")

    _, out, _ = told(folder, capfd, "list", "--format", "csv")

    assert [each for each in words if each not in out] == []
    assert ("SHOP-001" in out) is bool(words)

"""What was listed before is printed again without importing anything, and never if stale."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

MODULE = """
import os
from pathlib import Path
from kpisdk import Column, Dataset, Direction, Frequency, Kpi, Simple, Unit, count, hookimpl

visits = Dataset("visits", (Column("at", "timestamp"),), time="at")

@hookimpl
def kpisdk_kpis():
    name = Path(__file__).with_name("name.txt").read_text() + os.environ.get("REGION", "")
    yield Kpi(
        id="VI-001", name=name, workstream="visits", definition="d", formula="f", unit=Unit.COUNT,
        direction=Direction.HIGHER, frequency=Frequency.DAILY, calculation=Simple(count(visits)),
    )
"""


@attrs.frozen
class Installed:
    """A plugin in a folder of its own, and the listing of an installation that has it."""

    folder: Path

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    def install(self, version: str = "1.0", name: str = "visits") -> None:
        metadata = self.site / f"{name}-1.0.dist-info"
        metadata.mkdir(parents=True, exist_ok=True)
        (metadata / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
        (metadata / "entry_points.txt").write_text(f"[kpisdk]\n{name} = {name}\n")

    def listed(self, *arguments: str, **variables: str) -> tuple[dict[str, str], bool]:
        """The name and version of the KPI, and whether that was printed without click."""
        chosen = arguments or ("list", "--workstream", "visits", "--format", "json")
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "kpisdk", *chosen],
            check=True,
            capture_output=True,
            text=True,
            cwd=self.work,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "XDG_CACHE_HOME": str(self.folder / "cache"),
                "PYTHONPATH": os.pathsep.join((str(self.site), *sys.path)),
                **variables,
            },
        )
        is_kept = "click.core" not in done.stderr
        ((row,),) = (json.loads(done.stdout or '[{"name": "", "version": ""}]'),)
        return {key: row[key] for key in ("name", "version")}, is_kept


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    found = Installed(tmp_path)
    found.install()
    found.work.mkdir()
    (found.site / "visits.py").write_text(MODULE)
    (found.site / "name.txt").write_text("Visits")
    found.listed()  # which compiles the modules
    return found


VISITS = {"name": "Visits", "version": "1.0"}


def test_a_listing_is_printed_again_until_a_file_that_a_plugin_reads_changes(installed):
    """The same size, the same second: its content tells."""
    assert installed.listed()[0] == VISITS
    assert installed.listed() == (VISITS, True)
    (installed.site / "name.txt").write_text("Visitx")
    assert installed.listed() == (VISITS | {"name": "Visitx"}, False)


def test_a_changed_module_or_version_is_listed_at_once(installed):
    """Whether the distribution is upgraded or its source edited."""
    changed = MODULE.replace(".read_text() +", '.read_text() + "!" +')
    (installed.site / "visits.py").write_text(changed)
    assert installed.listed() == (VISITS | {"name": "Visits!"}, False)
    installed.install("1.1")
    assert installed.listed() == ({"name": "Visits!", "version": "1.1"}, False)


def test_what_is_installed_or_uninstalled_is_listed_at_once(installed):
    """A second distribution with the same KPI is a conflict; without it there is none."""
    installed.listed()
    assert installed.listed()[1]
    (installed.site / "others.py").write_text(MODULE)
    installed.install(name="others")
    assert not installed.listed()[1]
    (installed.site / "others-1.0.dist-info" / "entry_points.txt").unlink()
    assert not installed.listed()[1]


def test_variables_folders_and_settings_are_part_of_the_question(installed):
    """A variable that a plugin reads, and a settings file that was not there before."""
    installed.listed()
    assert installed.listed(REGION=" north") == (VISITS | {"name": "Visits north"}, False)
    assert installed.listed()[1]
    (installed.folder / "kpisdk.toml").write_text("[plugins]\n")
    assert not installed.listed()[1]


def test_a_listing_of_what_a_program_or_a_host_says_is_not_kept(installed):
    """Nobody can tell whether it would say the same again."""
    asked = MODULE.replace(
        "    yield", "    import subprocess; subprocess.run(['true'])\n    yield"
    )
    (installed.site / "visits.py").write_text(asked)
    installed.listed()
    assert installed.listed() == (VISITS, False)


def test_damaged_or_unwanted_listings_are_made_anew(installed):
    """A file that was cut off, and the variable that switches them off."""
    installed.listed()
    assert not installed.listed(KPISDK_LISTINGS="off")[1]
    (kept,) = (installed.folder / "cache" / "kpisdk" / "listings").iterdir()
    kept.write_bytes(kept.read_bytes()[:-50])
    assert installed.listed() == (VISITS, False)
    assert installed.listed() == (VISITS, True)


def test_a_file_is_written_each_time(installed):
    """``--output`` prints nothing that could be kept."""
    output = installed.work / "list.json"
    for _ in range(2):
        output.unlink(missing_ok=True)
        installed.listed("list", "--format", "json", "--output", str(output))
        assert json.loads(output.read_text())[-1]["id"]


def test_a_listing_of_one_language_never_answers_for_another(installed):
    """``LANG`` and ``--lang`` are part of the question, like every variable and argument."""
    in_french = ("list", "--workstream", "visits", "--format", "json", "--lang", "fr")
    installed.listed()
    assert installed.listed()[1]
    assert not installed.listed(LANG="fr_FR.UTF-8")[1]
    assert installed.listed(LANG="fr_FR.UTF-8")[1]
    assert not installed.listed(*in_french)[1]
    assert installed.listed(*in_french)[1]

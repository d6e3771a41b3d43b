"""Definition files of a project: which are read, and that none is left out in silence."""

from __future__ import annotations

import pytest

from kpisdk import SettingsError
from kpisdk.settings import load_settings


@pytest.fixture
def project(tmp_path):
    """A folder with files of these names."""

    def make(*names: str, settings: str | None = None):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        if settings is not None:
            (tmp_path / "kpisdk.toml").write_text(settings)
        return tmp_path

    return make


def found(folder, start: str = ".") -> list[str]:
    """The definition files in force for someone who works in ``start``."""
    files = load_settings(folder / start, None, {}).definitions
    return [path.relative_to(folder).as_posix() for path in files]


def test_known_names_are_read_where_the_user_works(project):
    """Without any settings."""
    folder = project("kpis.yaml", "kpis.yml", "kpis.toml", "other.yaml")

    assert found(folder) == ["kpis.yaml", "kpis.yml", "kpis.toml"]


def test_known_names_are_found_from_a_folder_below(project):
    """As settings are; the nearest folder that has one counts."""
    folder = project("kpis.yaml", "sub/deep/notes.txt", "near/kpis.toml")

    assert found(folder, "sub/deep") == ["kpis.yaml"]
    assert found(folder, "near") == ["near/kpis.toml"]


def test_files_beside_the_settings_belong_to_the_project(project):
    """They are read wherever in the project somebody works, and a nearer one beside them."""
    folder = project("kpis.yaml", "sub/kpis.yaml", settings="")

    assert found(folder, "sub") == ["kpis.yaml", "sub/kpis.yaml"]
    assert found(folder) == ["kpis.yaml"]


def test_nothing_is_looked_for_above_the_project(project):
    """A project ends at its settings file."""
    folder = project("kpis.yaml", "shop/kpisdk.toml", "shop/sub/notes.txt")

    assert found(folder, "shop/sub") == []


def test_settings_name_files_and_patterns(project):
    """In order, each once; paths are relative to the settings file."""
    named = 'definitions = ["tables.yaml", "kpis/**/*.yaml", "kpis/a.yaml"]'
    folder = project("kpis/b.yaml", "kpis/a.yaml", "kpis/x/c.yaml", "tables.yaml", settings=named)

    assert found(folder, "kpis") == [
        "tables.yaml",
        "kpis/a.yaml",
        "kpis/b.yaml",
        "kpis/x/c.yaml",
    ]


def test_a_pattern_that_matches_nothing_is_a_fault(project):
    """The KPIs that somebody means to have would be missing."""
    folder = project("a.yaml", settings='definitions = ["a.yaml", "b*.yaml"]')

    with pytest.raises(SettingsError, match=r"definitions\[1\]: no file is called or matches"):
        load_settings(folder, None, {})


def test_doctor_can_tell_where_definitions_come_from(project):
    """As of every setting."""
    folder = project("kpis.yaml")
    told = {each.key: each for each in load_settings(folder, None, {}).provenance()}

    assert (told["definitions"].value, told["definitions"].origin) == (
        str(folder / "kpis.yaml"),
        "default",
    )

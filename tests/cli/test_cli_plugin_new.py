"""``kpisdk plugin new``: a project that passes its own tests, and never overwrites anything."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FILES = {
    "pyproject.toml",
    "README.md",
    ".github/workflows/tests.yml",
    "src/kpisdk_my_team/__init__.py",
    "src/kpisdk_my_team/py.typed",
    "src/kpisdk_my_team/plugin.py",
    "src/kpisdk_my_team/datasets.py",
    "src/kpisdk_my_team/visits.py",
    "tests/test_my_team_contract.py",
    "tests/test_my_team_values.py",
}


@pytest.mark.parametrize("name", ["my-team", "my_team", "kpisdk-my-team"])
def test_a_project_is_written_and_its_files_are_listed(run, tmp_path, name):
    """One name gives all the others; files go to stdout, what to do next to stderr."""
    ended = run("plugin", "new", name, "--out", str(tmp_path))

    folder = tmp_path / "kpisdk-my-team"
    assert ended.code == 0
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == FILES
    assert set(ended.out.split()) == {str(folder / file) for file in FILES}
    assert "pip install -e" in ended.err
    assert 'my_team = "kpisdk_my_team.plugin"' in (folder / "pyproject.toml").read_text()
    assert 'id="MY-TEAM-001"' in (folder / "src/kpisdk_my_team/visits.py").read_text()
    assert not any("$" in (folder / file).read_text() for file in FILES)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Hello", "Perhaps 'hello'?"),
        ("9 lives", "Perhaps 'lives'?"),
        ("a--b", "lower-case words"),
        ("../up", "lower-case words"),
        ("", "lower-case words"),
        ("x" * 41, "more than 40 characters"),
        ("ours", "in this process 1.0 brings a plugin of that name"),
    ],
)
def test_a_name_that_no_plugin_can_have_is_refused(run, tmp_path, name, said):
    """Nothing is written, and the message says what a name looks like."""
    ended = run("plugin", "new", name, "--out", str(tmp_path))

    assert ended.code == 2
    assert said in ended.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(run, tmp_path):
    """Even an empty one."""
    (tmp_path / "kpisdk-hello").mkdir()

    ended = run("plugin", "new", "hello", "--out", str(tmp_path))

    assert ended.code == 2
    assert "exists already" in ended.err
    assert list((tmp_path / "kpisdk-hello").iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_an_error(run, tmp_path):
    """The operation failed, and the message says where."""
    (tmp_path / "file").write_text("")

    ended = run("plugin", "new", "hello", "--out", str(tmp_path / "file" / "below"))

    assert ended.code == 1
    assert "could not be written" in ended.err


@pytest.mark.slow
def test_the_project_passes_its_own_tests_ruff_and_mypy(run, tmp_path):
    """As written: installed as a package would be, but for the copying."""
    run("plugin", "new", "hello", "--out", str(tmp_path))
    folder = tmp_path / "kpisdk-hello"
    info = folder / "src" / "kpisdk_hello-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kpisdk-hello\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[kpisdk]\nhello = kpisdk_hello.plugin\n")
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}

    def ended(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    assert ended("ruff", "check", "--no-cache", ".")[0] == 0
    assert ended("ruff", "format", "--no-cache", "--check", ".")[0] == 0
    code, said = ended("mypy", "--cache-dir", str(tmp_path / "mypy"))
    assert code == 0, said
    code, said = ended("pytest", "-q", "-p", "no:cacheprovider")
    assert code == 0, said
    assert " passed" in said

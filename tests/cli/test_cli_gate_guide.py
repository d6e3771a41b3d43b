"""The guide to gating: the commands that it shows are run, and its files are those they write."""

import re
import shlex
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "gate-a-pipeline.md"
TEXT = GUIDE.read_text(encoding="utf-8")
# A command stands alone on its line, or after `run:` or the dash of a YAML list.
COMMANDS = re.findall(r"^(?:\s*-\s+(?:run:\s+)?)?(kpisdk .*)$", TEXT, flags=re.MULTILINE)


def test_every_platform_has_its_command():
    """Plain, with a file, GitHub, GitLab, a scheduler."""
    assert len(COMMANDS) == 5


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_of_the_guide_are_accepted(
    run, told, make_result, monkeypatch, tmp_path, line
):
    """Each runs as it is printed, and writes the files that it names."""
    monkeypatch.chdir(tmp_path)
    told.results = tuple(map(make_result, ("BR-001", "WS2-TR-004", "WS2-TR-006")))
    program, *arguments = shlex.split(line)

    ended = run(*arguments)

    assert program == "kpisdk"
    assert ended.code == 0, ended.err
    assert told.made["source"] == "warehouse"
    named = {word for word in arguments if word.startswith("gate.")}
    assert {each.name for each in tmp_path.iterdir()} == named


def test_the_artefacts_that_are_kept_are_those_that_are_written():
    """A report under another name than the command's would never be shown."""
    kept = re.findall(r"^\s*(?:path|junit): (\S+)$", TEXT, flags=re.MULTILINE)

    assert kept == ["gate.xml", "gate.xml"]

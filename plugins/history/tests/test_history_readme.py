"""What the README shows is run, and prints what it says."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_example_prints_what_it_says(tmp_path, monkeypatch, capsys):
    """Comments behind a print are its output."""
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)

    exec(compile(example, str(README), "exec"), {})  # noqa: S102 - a file of our own

    expected = re.findall(r"print\(.*\)  # (.*)", example)
    assert capsys.readouterr().out.splitlines() == expected


def test_every_command_of_it_is_one():
    """A command that was renamed is renamed here."""
    from kpisdk_history.plugin import kpisdk_commands

    text = README.read_text(encoding="utf-8")
    named = set(re.findall(r"^kpisdk (\w+)", text, re.MULTILINE))
    assert named <= {each.name for each in kpisdk_commands()}

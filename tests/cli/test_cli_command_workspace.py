"""A command that a plugin brings works where the core's commands work."""

import click
from click.testing import CliRunner

from kpisdk import command_workspace, hookimpl
from kpisdk.cli.group import root
from kpisdk.cli.installation import Installation


class Plugin:
    """A plugin with a command that says what its workspace is."""

    name = "asking"

    @hookimpl
    def kpisdk_commands(self):
        """One command."""
        return [where]


@click.command()
def where():
    """Say which source and plugins there are."""
    with command_workspace() as workspace:
        click.echo(workspace.settings.default_source)
        click.echo("asking" in {plugin.name for plugin in workspace.registry.plugins})


def test_a_command_has_the_settings_and_the_plugins_of_the_command_line(tmp_path):
    """``--config`` counts for it as for any other, and plugins that are no distribution."""
    settings = tmp_path / "elsewhere.toml"
    settings.write_text('default_source = "sqlite:///far.db"\n')
    here = Installation(tmp_path, {}, [Plugin()])

    done = CliRunner().invoke(root, ["--config", str(settings), "where"], obj=here)

    assert done.output.splitlines() == ["sqlite:///far.db", "True"]


def test_outside_of_a_command_it_is_that_of_the_folder(tmp_path, monkeypatch):
    """As in a script."""
    (tmp_path / "kpisdk.toml").write_text('default_source = "sqlite:///near.db"\n')
    monkeypatch.chdir(tmp_path)

    assert command_workspace().settings.default_source == "sqlite:///near.db"

"""Methods of the workspace that plugins bring, bound to it; its own names always win."""

import copy

import pytest

from kpisdk import Workspace, WorkspaceMethod, hookimpl


class Doubling:
    """A plugin with a method that says how often it was asked, and one that nobody can reach."""

    @hookimpl
    def kpisdk_methods(self):
        yield WorkspaceMethod("doubled", lambda workspace, text: (workspace, 2 * text))
        yield WorkspaceMethod("compute", lambda workspace: "taken over")


def test_a_method_of_a_plugin_gets_the_workspace_first():
    """As if it stood in the class."""
    workspace = Workspace(plugins=[Doubling()])

    assert workspace.doubled("ab") == (workspace, "abab")
    assert workspace.compute.__func__ is Workspace.compute


def test_a_name_that_nobody_brings_is_an_attribute_error_in_a_sentence():
    """So that hasattr, copying and notebooks work; the plugin that would bring it is named."""
    workspace = Workspace(plugins=[Doubling()])

    with pytest.raises(AttributeError, match="A workspace has no 'forecast_all'"):
        workspace.forecast_all()
    assert not hasattr(workspace, "_repr_html_")
    assert copy.copy(workspace).doubled("a")[1] == "aa"

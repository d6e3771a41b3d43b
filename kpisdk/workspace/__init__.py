"""The Python API: one object that wires plugins, settings, a source and a cache."""

from kpisdk.workspace.workspace import Workspace

__all__ = ["Workspace"]

"""The hall: the one room that knows every room. It builds them, wires them, and is the API."""

from kpisdk.workspace.workspace import Workspace

__all__ = ["Workspace"]

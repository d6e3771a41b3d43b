"""The command line: one file per command, loaded when it is called."""

from kpisdk.cli.entry_point import main

__all__ = ["main"]

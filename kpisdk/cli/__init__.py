"""The command line: one file per command, loaded when it is called."""

from kpisdk.cli.running import main

__all__ = ["main"]

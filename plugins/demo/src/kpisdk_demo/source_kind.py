"""What ``demo:`` locations look like, and how one is opened."""

from typing import Any

from kpisdk import Source, SourceKind, SourceOptions


def _is_demo(location: Any) -> bool:
    return isinstance(location, str) and location.startswith("demo:")


def _open(location: Any, options: SourceOptions) -> Source:
    # Imported here, because the kind is listed far more often than it is opened.
    from kpisdk_demo.source import DemoSource

    return DemoSource.at(str(location), options)


DEMO = SourceKind(
    "demo", _is_demo, _open, "demo:?scale=0.1&seed=7, synthetic rows made when they are read"
)
"""Synthetic rows, made when they are first read."""

"""The hooks of this plugin, and nothing else."""

from collections.abc import Iterable
from typing import Any

from kpisdk import Source, SourceKind, SourceOptions, hookimpl


@hookimpl
def kpisdk_sources() -> Iterable[SourceKind]:
    """The kind ``jsonl:``."""
    yield SourceKind("jsonl", _is_jsonl, _open, "jsonl:FOLDER, a folder of JSON-lines files")


def _is_jsonl(location: Any) -> bool:
    return isinstance(location, str) and location.startswith("jsonl:")


def _open(location: Any, options: SourceOptions) -> Source:
    from kpisdk_jsonl.source import JsonLinesSource  # pandas is loaded when a source is opened

    return JsonLinesSource.at(str(location), options)

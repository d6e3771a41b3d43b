"""The plugin of the built-in languages: the hook and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from kpisdk.contracts.translations import Translation
from kpisdk.hookspecs import hookimpl


@hookimpl
def kpisdk_translations() -> Iterator[Translation]:
    """French."""
    from kpisdk.builtin.languages.french import FRENCH

    yield FRENCH

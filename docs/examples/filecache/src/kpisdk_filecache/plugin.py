"""The hooks of this plugin, and nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from kpisdk import Cache, CacheBackend, hookimpl


@hookimpl
def kpisdk_caches() -> Iterable[CacheBackend]:
    """The backend ``filecache``."""
    yield CacheBackend("filecache", _open)


def _open(settings: Mapping[str, Any]) -> Cache:
    from kpisdk_filecache.cache import open_cache

    return open_cache(settings)

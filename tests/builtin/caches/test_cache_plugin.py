"""The built-in caches come in through the same door as anybody's."""

import subprocess
import sys

import pluggy

from kpisdk import hookspecs
from kpisdk.builtin.caches import plugin
from kpisdk.contracts.cache_backends import CacheBackend


def test_cache_backends_are_yielded_as_records():
    """A plugin manager that knows nothing of the module gets three backends from it."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()

    (backends,) = (list(given) for given in manager.hook.kpisdk_caches())

    assert [backend.name for backend in backends] == ["memory", "sqlite", "redis"]
    assert all(isinstance(backend, CacheBackend) for backend in backends)


def test_cache_listing_imports_no_store():
    """Asking which caches there are loads neither SQLite nor Redis."""
    program = (
        "import sys; from kpisdk.builtin.caches.plugin import kpisdk_caches;"
        "list(kpisdk_caches()); print({'sqlite3', 'redis'} & set(sys.modules))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    ).stdout

    assert printed == "set()\n"

"""Where the cache file lies when the settings name no place."""

from pathlib import Path

import pytest

from kpisdk.builtin.caches.location import default_path

HOME = Path("/home/ada")


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {}, "/home/ada/.cache/kpisdk/results.sqlite"),
        ("linux", {"XDG_CACHE_HOME": "/fast"}, "/fast/kpisdk/results.sqlite"),
        ("linux", {"XDG_CACHE_HOME": ""}, "/home/ada/.cache/kpisdk/results.sqlite"),
        ("linux", {"XDG_CACHE_HOME": "here"}, "/home/ada/.cache/kpisdk/results.sqlite"),
        ("darwin", {}, "/home/ada/Library/Caches/kpisdk/results.sqlite"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/kpisdk/Cache/results.sqlite"),
        ("win32", {}, "/home/ada/AppData/Local/kpisdk/Cache/results.sqlite"),
    ],
)
def test_cache_location_follows_the_platform(platform, environ, expected):
    """Each platform has a folder for caches; a relative XDG path is ignored, as its page says."""
    assert Path(expected) == default_path(platform, environ, HOME)

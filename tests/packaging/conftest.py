"""What the tests of this folder share: the repository's own tools, and two built distributions."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from release.build import build
from release.distributions import Distribution, all_distributions, plugin_in

Change = Callable[[dict[str, bytes]], object]


@pytest.fixture(scope="session")
def core() -> Distribution:
    """The core."""
    return all_distributions()[0]


@pytest.fixture(scope="session")
def brand() -> Distribution:
    """The plugin that stands for all: what holds for each is checked by ``make package``."""
    return plugin_in("brand")


@pytest.fixture(scope="session")
def dist(tmp_path_factory, core, brand) -> Path:
    """A folder with the core and that plugin, built."""
    folder = tmp_path_factory.mktemp("dist")
    build([core, brand], folder)
    return folder


@pytest.fixture
def tampered(tmp_path) -> Callable[[Path, Change], Path]:
    """``tampered(wheel, change)``: a copy of a wheel whose files a function has changed."""

    def rewrite(wheel: Path, change: Change) -> Path:
        with zipfile.ZipFile(wheel) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        change(files)
        copy = tmp_path / wheel.name
        with zipfile.ZipFile(copy, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return copy

    return rewrite

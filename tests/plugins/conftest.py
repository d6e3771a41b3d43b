"""What the tests of this folder share: distributions that are installed in a folder."""

from collections.abc import Callable
from importlib.metadata import EntryPoint, distributions
from pathlib import Path
from typing import Any

import pytest

from kpisdk.contracts.results import Result
from kpisdk.contracts.vocabulary import Status, Unit

Install = Callable[..., None]


class Site:
    """A folder on the path with distributions in it, as an installer would leave them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(
        self, distribution: str, version: str, module: str, source: str, name: str | None = None
    ) -> None:
        """Write a module, and the metadata of a distribution whose entry point it is."""
        (self.folder / f"{module}.py").write_text(source)
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )
        (info / "entry_points.txt").write_text(f"[kpisdk]\n{name or module} = {module}\n")

    def points(self) -> list[EntryPoint]:
        """The entry points of group ``kpisdk`` in this folder, as importlib.metadata reads them."""
        return [
            point
            for found in distributions(path=[str(self.folder)])
            for point in found.entry_points
            if point.group == "kpisdk"
        ]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """An empty folder on the path for distributions."""
    monkeypatch.syspath_prepend(tmp_path)
    return Site(tmp_path)


@pytest.fixture
def make_result() -> Callable[..., Result]:
    """A good result, of which anything can be said otherwise."""

    def make(**facts: Any) -> Result:
        said = {
            "kpi_id": "A-1",
            "name": "A",
            "workstream": "a",
            "unit": Unit.RATIO,
            "value": 0.7,
            "status": Status.GOOD,
        }
        return Result(**{**said, **facts})

    return make

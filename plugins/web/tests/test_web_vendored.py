"""What lies here of others is what their packages hold, with its licence."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

import kpisdk_web

STATIC = Path(kpisdk_web.__file__).parent / "static"
AXE = Path(__file__).parent / "axe"


@pytest.mark.parametrize("folder", [STATIC, AXE], ids=["shipped", "tests"])
def test_vendored_files_are_unchanged(folder):
    """Each has the checksum that is written down, and each package its licence."""
    for name, package in tomllib.loads((folder / "vendored.toml").read_text()).items():
        found = {
            path: hashlib.sha256((folder / path).read_bytes()).hexdigest()
            for path in package["files"]
        }
        assert found == package["files"], name
        assert any(path.endswith("LICENSE") for path in found), name
        assert package["integrity"].startswith("sha512-"), name


def test_no_other_file_of_a_package_lies_there():
    """What is not written down is not shipped."""
    known = tomllib.loads((STATIC / "vendored.toml").read_text())["uplot"]["files"]

    assert {f"uplot/{path.name}" for path in (STATIC / "uplot").iterdir()} == set(known)

"""Built wheels and source distributions: what they hold, and that a wrong one is noticed."""

import io
import tarfile
from dataclasses import replace

import pytest

from release.distributions import DIST, ROOT
from release.sdists import sdist_faults
from release.wheels import LARGEST, wheel_faults


@pytest.mark.parametrize("which", ["core", "brand"])
def test_what_is_built_holds_what_it_should(request, dist, which):
    """The core and a plugin, as wheel and as source distribution."""
    distribution = request.getfixturevalue(which)

    assert list(wheel_faults(distribution, distribution.wheel(dist))) == []
    assert list(sdist_faults(distribution, distribution.sdist(dist))) == []


INFORMATION = "kpisdk_brand-0.1.0.dist-info"
METADATA = f"{INFORMATION}/METADATA"


def put(name, content):
    """A change that adds or replaces a file."""
    return lambda files: files.update({name: content})


def drop(name):
    """A change that removes a file."""
    return lambda files: files.pop(name)


def edit(name, old, new):
    """A change of a text in a file, which must be there."""

    def change(files):
        assert old in files[name]
        files[name] = files[name].replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (drop("kpisdk_brand/py.typed"), "kpisdk_brand/py.typed is missing"),
        (drop(f"{INFORMATION}/licenses/LICENSE"), "licenses/LICENSE is missing"),
        (put(f"{INFORMATION}/licenses/LICENSE", b"MIT"), "is not the licence of the repository"),
        (put("kpisdk_brand/tests/test_x.py", b""), "is none of a user's business"),
        (put("kpisdk_brand/conftest.py", b""), "is none of a user's business"),
        (put("kpisdk_brand/x.pyc", b""), "is none of a user's business"),
        (put("elsewhere/x.py", b""), "is outside of kpisdk_brand"),
        (put("kpisdk_brand/data.csv", b"1" * (LARGEST + 1)), "should have at most"),
        (put("kpisdk_brand/x.py", str(ROOT).encode()), "names the folder that it was built in"),
        (edit(METADATA, b"Version: 0.1.0", b"Version: 0.1.1"), "Version is '0.1.1'"),
        (edit(METADATA, b"License-Expression: Apache-2.0", b"A: B"), "License-Expression is None"),
        (edit(METADATA, b">=3.11", b">=3.8"), "Requires-Python is '>=3.8'"),
        (edit(METADATA, b"Typing :: Typed", b"Typing"), "'Typing :: Typed' is missing"),
        (edit(METADATA, b"Project-URL", b"Project-URI"), "Project-URL is missing"),
        (edit(METADATA, b"# kpisdk-brand", b"# else"), "the description is not README.md"),
        (edit(METADATA, b"Requires-Dist: kpisdk", b"Requires-Dist: x"), "kpisdk is not required"),
        (edit(METADATA, b"kpisdk<0.2,>=0.1", b"kpisdk>=0.1"), "takes a core that may break it"),
        (edit(METADATA, b"kpisdk<0.2,>=0.1", b"kpisdk<0.1"), "the core of its own release is not"),
        (drop("kpisdk_brand/plugin.py"), "which it does not hold"),
        (put(f"{INFORMATION}/entry_points.txt", b""), "it has 0 entry points"),
    ],
)
def test_a_wheel_that_is_wrong_is_noticed(brand, dist, tampered, change, words):
    """Each rule has a wheel that breaks it, and no other."""
    found = list(wheel_faults(brand, tampered(brand.wheel(dist), change)))

    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (edit("kpisdk-0.1.0.dist-info/METADATA", b"attrs>=23.2", b"kpisdk-demo"), "core requires"),
        (put("kpisdk-0.1.0.dist-info/entry_points.txt", b""), "should be kpisdk alone"),
    ],
)
def test_a_wrong_core_is_noticed(core, dist, tampered, change, words):
    """The core requires no plugin, and brings one command."""
    (found,) = wheel_faults(core, tampered(core.wheel(dist), change))

    assert words in found


def test_after_one_the_next_major_version_may_break(brand, dist, tampered):
    """Semantic versioning: before 1.0 a minor version may break, afterwards only a major one."""

    def release(files):
        for name in list(files):
            files[name.replace("0.1.0", "1.2.0")] = files.pop(name)
        metadata = files["kpisdk_brand-1.2.0.dist-info/METADATA"]
        metadata = metadata.replace(b"Version: 0.1.0", b"Version: 1.2.0")
        files["kpisdk_brand-1.2.0.dist-info/METADATA"] = metadata.replace(b"<0.2,>=0.1", bounds)

    distribution = replace(brand, project={**brand.project, "version": "1.2.0"})
    faults = {}
    for bounds in (b"<2,>=1.2", b"<3,>=1.2"):
        faults[bounds] = list(wheel_faults(distribution, tampered(brand.wheel(dist), release)))

    assert faults[b"<2,>=1.2"] == []
    assert "takes a core that may break it" in faults[b"<3,>=1.2"][0]


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("kpisdk_brand-0.1.0/tests/huge.csv", 600_000, "should have at most"),
        ("elsewhere/file.py", 1, "is outside of kpisdk_brand-0.1.0"),
        ("kpisdk_brand-0.1.0/src/__pycache__/x.pyc", 1, "belongs to something else"),
    ],
)
def test_a_source_distribution_that_is_wrong_is_noticed(brand, dist, tmp_path, name, size, words):
    """No large data, nothing from outside, nothing compiled."""
    copy = tmp_path / "wrong.tar.gz"
    with tarfile.open(brand.sdist(dist)) as given, tarfile.open(copy, "w:gz") as wrong:
        for member in given.getmembers():
            wrong.addfile(member, given.extractfile(member))
        extra = tarfile.TarInfo(name)
        extra.size = size
        wrong.addfile(extra, io.BytesIO(b"1" * size))

    (found,) = sdist_faults(brand, copy)

    assert words in found


def test_a_source_distribution_without_its_licence_is_noticed(brand, dist, tmp_path):
    """It must be enough to build from and to judge."""
    copy = tmp_path / "wrong.tar.gz"
    with tarfile.open(brand.sdist(dist)) as given, tarfile.open(copy, "w:gz") as wrong:
        for member in given.getmembers():
            if not member.name.endswith("LICENSE"):
                wrong.addfile(member, given.extractfile(member))

    assert list(sdist_faults(brand, copy)) == ["LICENSE is missing"]


def test_what_has_not_been_built_is_said_with_the_command(brand, tmp_path):
    """Checking and installing start from built files."""
    with pytest.raises(SystemExit, match="has not been built"):
        brand.wheel(tmp_path)
    assert DIST == ROOT / "dist"

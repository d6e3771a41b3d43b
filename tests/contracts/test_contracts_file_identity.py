"""The identity of files and folders: what changes it."""

from __future__ import annotations

import pytest

from kpisdk import file_identity


def test_a_folder_goes_by_what_its_links_lead_to(tmp_path, overwrite):
    """A folder of a model may be put together of links; one may lead back."""
    far, near = tmp_path / "far", tmp_path / "near"
    far.mkdir()
    near.mkdir()
    (far / "weights").write_text("1")
    (near / "linked").symlink_to(far, target_is_directory=True)
    (far / "back").symlink_to(near, target_is_directory=True)
    before = file_identity(near)

    overwrite(far / "weights", "2")

    assert file_identity(near) != before


def test_a_large_file_that_was_just_written_has_no_lasting_identity(tmp_path):
    """It may be written again in the same tick of the file system's clock."""
    file = tmp_path / "large"
    file.write_bytes(bytes(1 << 20))
    then = file.stat().st_ctime_ns

    def at(nanoseconds):
        with pytest.MonkeyPatch.context() as patch:
            clock = iter(range(then + nanoseconds, then + nanoseconds + 100))
            patch.setattr("kpisdk.contracts.file_identity.time.time_ns", lambda: next(clock))
            return file_identity(file), file_identity(file)

    assert len(set(at(0))) == 2
    assert len(set(at(1_000_000_000))) == 1


def test_files_have_identities(tmp_path):
    """Content, place and presence count; a folder goes by what is in it."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("x")
    two.write_text("x")
    whole = file_identity(tmp_path)

    assert file_identity(one) == file_identity(str(one))
    assert file_identity(one) != file_identity(two)
    assert file_identity(tmp_path / "three") == file_identity(one / "below") == "absent"
    two.unlink()
    assert file_identity(tmp_path) != whole

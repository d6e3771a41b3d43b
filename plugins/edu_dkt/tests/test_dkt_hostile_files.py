"""Headers and pickles that claim the impossible: refused before they are believed."""

from __future__ import annotations

import io
import pickle
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from kpisdk_edu_dkt.dkt.artefact.tensor_file import from_bytes, write_atomically
from kpisdk_edu_dkt.dkt.errors import ArtefactError
from kpisdk_edu_dkt.dkt.exchange.object_array import (
    RefusedPickleError,
    _InertUnpickler,
    texts_of_pickled_array,
)

MOST_BYTES = 64 << 20


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04r\xff\xff\xff\x7f.",
        b"\x80\x05\x96\xff\xff\xff\xff\xff\x00\x00\x00.",
        b"]" * 200_000 + b".",
        b"cnumpy\nndarray\n}X\x01\x00\x00\x00aK\x01sb.",
        b"L" + b"9" * 5000 + b"L\n.",
        pickle.dumps(["a", "b"]),
        pickle.dumps(print),
    ],
)
def test_a_pickle_that_is_no_array_of_texts_is_refused(content: bytes) -> None:
    """Giant memos, giant buffers, deep nests, changed callables: refused, none of them run."""
    tracemalloc.start()
    try:
        with pytest.raises(RefusedPickleError):
            texts_of_pickled_array(content)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


def test_every_lookup_gives_a_new_stand_in() -> None:
    """What one pickle could leave on a callable, the next would find: nothing is shared."""
    unpickler = _InertUnpickler(io.BytesIO(b""))

    one = unpickler.find_class("numpy", "ndarray")
    assert one is not unpickler.find_class("numpy", "ndarray")
    with pytest.raises(AttributeError):
        one.left = 1
    array = np.array(["hub", "défi"], dtype=object)
    assert texts_of_pickled_array(pickle.dumps(array)) == ("hub", "défi")


def _header(text: str, body: bytes = b"") -> bytes:
    return len(text).to_bytes(8, "little") + text.encode() + body


@pytest.mark.parametrize(
    "content",
    [
        _header('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', b"1234"),
        _header('{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}', b"1234"),
        _header('{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}', b"1234"),
        _header('{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}', b"1234"),
        _header('{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}', b"1234"),
        _header(f'{{"a":{{"dtype":"F32","shape":[0,{10**30}],"data_offsets":[0,0]}}}}'),
        _header('{"a":{"dtype":"F32","shape":[0,99999999999],"data_offsets":[0,0]}}'),
        _header(f'{{"a":{{"dtype":"F32","shape":{[1] * 70},"data_offsets":[0,4]}}}}', b"1234"),
        _header(f'{{"a":{"9" * 5000}}}'),
        _header('{"a":{"dtype":["F32"],"shape":[1],"data_offsets":[0,4]}}', b"1234"),
        (1 << 62).to_bytes(8, "little") + b"{}",
    ],
)
def test_a_header_that_claims_the_impossible_is_refused(content: bytes) -> None:
    """Infinite, fractional, textual and endless sizes are no sizes."""
    with pytest.raises(ArtefactError):
        from_bytes(content, "file")


def test_drafts_have_names_that_nobody_can_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writes, two names of 128 random bits, and none of them is left."""
    seen = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        seen.append(self.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    for _ in range(2):
        write_atomically(tmp_path / "card.md", b"text")

    assert len(set(seen)) == 2
    assert all(len(name) >= len(".card.md..part") + 32 for name in seen)
    assert [path.name for path in tmp_path.iterdir()] == ["card.md"]

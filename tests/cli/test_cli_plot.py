"""``kpisdk plot``: a picture, or an error before anything is computed."""

import sys

import pytest

pytest.importorskip("matplotlib", reason="matplotlib is an extra")


def test_plot_writes_the_picture_that_the_name_asks_for(run, told, tmp_path):
    """Nothing goes to standard output; the options of a computation are passed on."""
    ended = run("plot", "WS2-TR-004", "--by", "brand", "--out", str(tmp_path / "x.svg"))

    assert (ended.code, ended.out) == (0, "")
    assert (tmp_path / "x.svg").read_bytes().startswith(b"<?xml")
    assert list(told.options["by"]) == ["brand"]
    assert run("plot", "WS2-TR-004", "--out", str(tmp_path / "x.png")).code == 0
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_plot_refuses_what_it_cannot_write_before_it_computes(run, told, tmp_path):
    """Another ending, no --out: a usage error, and the source is not asked."""
    ended = run("plot", "WS2-TR-004", "--out", str(tmp_path / "x.gif"))

    assert ended.code == 2
    assert "does not end in .png or .svg" in ended.err
    assert run("plot", "WS2-TR-004").code == 2
    assert told.asked == ()


def test_plot_keeps_the_file_that_was_there_where_nothing_can_be_drawn(run, told, tmp_path):
    """A failed command leaves no half picture, and no empty one."""
    path = tmp_path / "x.png"
    path.write_bytes(b"old")
    told.results = ()

    ended = run("plot", "WS2-TR-004", "--out", str(path))

    assert ended.code == 1
    assert "There is nothing to draw" in ended.err
    assert path.read_bytes() == b"old"


def test_plot_into_a_folder_that_is_not_there_is_an_error(run, told, tmp_path):
    """With the path, and without a traceback."""
    ended = run("plot", "WS2-TR-004", "--out", str(tmp_path / "no" / "x.png"))

    assert ended.code == 1
    assert "could not be written" in ended.err


def test_plot_without_matplotlib_says_what_to_install(run, told, tmp_path, monkeypatch):
    """Before anything is computed."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    ended = run("plot", "WS2-TR-004", "--out", str(tmp_path / "x.png"))

    assert ended.code == 1
    assert "pip install 'kpisdk[plot]'" in ended.err
    assert told.asked == ()

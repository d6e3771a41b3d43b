"""Output: files replaced in one step, tables, colour and progress."""

import errno
import io
import json
import os
import stat
from datetime import UTC, datetime

import click
import pytest

from kpisdk.cli.output import OutputError, deliver
from kpisdk.cli.progress import progress_on
from kpisdk.cli.record_tables import render, shown, width
from kpisdk.cli.terminal import has_colour, is_watched, tolerant


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    encoding = "utf-8"

    def isatty(self):
        return True


def test_a_file_is_written_whole_with_a_newline_at_its_end(tmp_path):
    """Text goes out as UTF-8, and nothing else stays in the folder."""
    target = tmp_path / "out.txt"

    deliver("déclencheurs", target)

    assert target.read_bytes() == "déclencheurs\n".encode()
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_was_there_keeps_its_mode_and_a_link_its_target(tmp_path):
    """Replacing must not change who may read it, nor turn a link into a file."""
    target, link = tmp_path / "out.txt", tmp_path / "link.txt"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)

    deliver("new", link)

    assert target.read_text() == "new\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert link.is_symlink()


def test_a_pipe_stays_a_pipe(tmp_path):
    """What is no regular file is written to, and never replaced by one: think of /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    deliver("text", pipe)

    assert os.read(reader, 100) == b"text\n"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path):
    """The folder is named, and nothing is left behind."""
    with pytest.raises(OutputError, match="could not be written: No such file") as caught:
        deliver("text", tmp_path / "nowhere" / "out.txt")

    assert caught.value.exit_code == 1


def test_a_write_that_fails_half_way_leaves_the_old_file(tmp_path, monkeypatch):
    """Completely, or not at all."""
    target = tmp_path / "out.txt"
    target.write_text("old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        deliver("new", target)

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_value_is_shown_rounded_and_on_one_line():
    """Rounding is for people; control characters could move the cursor."""
    assert shown(0.123456) == "0.1235"
    assert shown(None) == ""
    assert shown(True) == "yes"
    assert shown(False) == "no"
    assert shown(["a", 0.5]) == "a, 0.5"
    assert shown("a\n\x1b[31mb\u2028c") == "a [31mb c"
    assert shown(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"


def test_machine_formats_keep_full_precision():
    """Nothing is rounded, and JSON holds no NaN."""
    rows = [{"a": 0.1234567890123, "b": None, "c": True, "d": ["x"], "e": float("nan")}]

    text = render(rows, ("a", "b", "c", "d"), "csv")

    assert text == 'a,b,c,d\n0.1234567890123,,true,"[""x""]"\n'
    assert json.loads(render(rows, ("a",), "json"))[0]["e"] is None
    assert json.loads(render(rows, ("a",), "json", {"whole": 1})) == {"whole": 1}
    assert json.loads(render(rows, ("a",), "jsonl"))["a"] == 0.1234567890123


def test_tables_are_aligned_by_what_a_terminal_shows():
    """Wide characters take two columns, combining ones none."""
    rows = [{"name": "日本", "n_rows": 1}, {"name": "e\u0301", "n_rows": 22}]

    lines = render(rows, ("name", "n_rows"), "table").splitlines()

    assert lines[0] == "name  n rows"
    assert [width(line.rstrip("0123456789")) for line in lines[1:]] == [6, 6]


def test_html_and_markdown_are_escaped():
    """A name cannot break out of its cell."""
    rows = [{"a": "<script>|"}]

    assert "&lt;script&gt;|" in render(rows, ("a",), "html")
    assert render(rows, ("a",), "md") == "| a |\n| --- |\n| &lt;script>\\| |"
    hostile = [{"a": "x\\|y<img src=x>"}]  # a backslash before a pipe would free the pipe
    assert render(hostile, ("a",), "md").endswith("\n| x&#92;\\|y&lt;img src=x> |")


def test_a_table_of_records_is_harmless_in_a_spreadsheet():
    """What would be a formula is a text there, as in a report; numbers are never touched."""
    rows = [{"a": "=cmd|' /C calc'!A0", "b": -0.5}, {"a": "", "b": None}]

    assert render(rows, ("a", "b"), "csv") == "a,b\n'=cmd|' /C calc'!A0,-0.5\n\"\",\n"


@pytest.mark.parametrize(
    ("stream", "environ", "watched", "colour"),
    [
        (Terminal(), {}, True, True),
        (Terminal(), {"NO_COLOR": "1"}, True, False),
        (Terminal(), {"NO_COLOR": ""}, True, True),
        (Terminal(), {"CI": "true"}, False, False),
        (Terminal(), {"TERM": "dumb"}, False, False),
        (io.StringIO(), {}, False, False),
    ],
)
def test_terminals_pipes_ci_and_no_color(stream, environ, watched, colour):
    """Off a terminal and in CI everything is plain; NO_COLOR takes the colour only."""
    assert is_watched(stream, environ) is watched
    assert has_colour(stream, environ) is colour


def test_progress_is_a_line_that_leaves_no_trace():
    """It is cleared at the end, also after an error, and the cursor is there again."""
    stream = Terminal()

    def interrupted():
        with progress_on(stream, {"NO_COLOR": "1"}) as progress:
            progress("reading triggers", 1, 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    written = stream.getvalue()
    assert "1/2 reading triggers" in written
    assert written.endswith("\x1b[2K")
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")


def test_progress_shows_brackets_as_they_are():
    """What is being done may name a table; nothing in it is taken for markup."""
    stream = Terminal()

    with progress_on(stream, {"NO_COLOR": "1"}) as progress:
        progress("reading [bold]triggers", 1, 2)

    assert "1/2 reading [bold]triggers" in stream.getvalue()


def test_progress_is_silent_where_nobody_watches():
    """Pipes and CI logs get no progress."""
    stream = io.StringIO()

    with progress_on(stream, {}) as progress:
        assert progress is None

    assert stream.getvalue() == ""


def test_streams_write_what_they_cannot_encode_as_escapes():
    """An old terminal's encoding must not turn a result into an error."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")

    tolerant(stream, object())
    stream.write("é")
    stream.flush()

    assert raw.getvalue() == b"\\xe9"


def test_on_a_terminal_tables_are_wrapped_and_the_computation_shows_progress(
    run, here, told, monkeypatch, capfd
):
    """Somebody looks at it: the table fits the terminal, and the report may have colour."""
    here.environ = {"TERM": "xterm", "COLUMNS": "60"}
    monkeypatch.setattr("kpisdk.cli.table_output.is_watched", lambda stream, environ: True)
    monkeypatch.setattr("kpisdk.cli.progress.is_watched", lambda stream, environ: True)
    monkeypatch.setattr("kpisdk.cli.report_output.has_colour", lambda stream, environ: True)
    monkeypatch.setenv("COLUMNS", "60")

    listed, computed = run("list"), run("compute", "WS2-TR-004")

    assert max(len(line) for line in listed.out.splitlines()) <= 60
    assert "BR-001" in listed.out
    assert "1/2 reading triggers" in computed.err
    assert computed.code == 0


@pytest.mark.parametrize("char", ["\x1b", "\u202e", "\u2066", "\u200b", "\x9b", "\x07"])
def test_a_table_obeys_no_character_of_the_data(char):
    """Terminal sequences and marks that turn the direction of writing are written out."""
    for form in ("table", "md", "html"):
        text = render([{"group": f"a{char}[2Jb"}], ["group"], form)

        assert char not in text
        assert "b" in text


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("command", "code"), [("compute", 1), ("gate", 3)])
def test_a_full_disk_behind_standard_output_is_one_sentence(run, monkeypatch, command, code):
    """It is no fault of kpisdk, and a gate whose report nobody has got did not pass."""
    real = click.echo

    def echo(message=None, file=None, nl=True, err=False, color=None):
        if not err:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(message, file, nl, err, color)

    monkeypatch.setattr(click, "echo", echo)

    outcome = run(command, "WS2-TR-004", "--format", "json")

    assert outcome.code == code
    assert "'standard output' could not be written: No space left on device." in outcome.err

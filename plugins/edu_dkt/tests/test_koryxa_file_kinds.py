"""Files of events: delimiters, encodings, names, Parquet and frames, and what is damaged."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pandas as pd
import pytest
from koryxa_logs import HEAD, ROW, codes, said

from kpisdk import KpisdkError
from kpisdk_edu_dkt.koryxa.errors import EventsError, MissingColumnsError
from kpisdk_edu_dkt.koryxa.evidence import Evidence, from_events


def values(evidence: Evidence) -> list:
    return [result.value for result in evidence.results.values()]


@pytest.mark.parametrize(("delimiter", "word"), [(";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_other_delimiters_are_found_out(log, delimiter, word):
    """Spreadsheets write semicolons where a comma is a decimal mark."""
    evidence = from_events(log(ROW.replace(",", delimiter), head=HEAD.replace(",", delimiter)))

    assert values(evidence)[:2] == [1.0, 2.0]
    assert word in said(evidence)


def test_latin_1_is_read_and_said(log):
    """Accents come out right, and the guess is told of."""
    evidence = from_events(log(ROW.replace("Togo", "Bénin"), encoding="latin-1"))

    assert list(evidence.groups[1].values) == ["Bénin"]
    assert {"read_as_latin1"} == codes(evidence)


def test_a_byte_order_mark_and_gzip_are_no_hindrance(tmp_path):
    """Both are how spreadsheets and exports write CSV."""
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(f"{HEAD}\r\n{ROW}\r\n".encode("utf-8-sig")))

    assert values(from_events(path))[:2] == [1.0, 2.0]


def test_quoted_names_stay_what_they_are(log):
    """Commas, quotes and markup in a name are neither columns nor table cells."""
    evidence = from_events(log('u1,"A,""B""|*c*",Togo,m1,start,2026-01-01T00:00:00Z,2,1'))

    from kpisdk_edu_dkt.koryxa.analysis import analysis

    assert list(evidence.groups[0].values) == ['A,"B"|*c*']
    assert '| A,"B"\\|\\*c\\* | 1 |' in analysis(evidence).decode()


def test_parquet_and_frames_are_read_alike(tmp_path):
    """Typed columns need no guessing: instants with a zone, integers, booleans."""
    frame = pd.DataFrame(
        {
            "user_id": ["u1", "u2"],
            "cohort_id": ["A", "A"],
            "country": ["Togo", None],
            "module_id": ["m1", "m1"],
            "event_type": ["start", "start"],
            "timestamp": pd.to_datetime(["2026-01-01T00:00:00+02:00"] * 2),
            "support_ticket_count": [1, 2],
            "validated_m1": [True, False],
        }
    )
    frame.to_parquet(tmp_path / "log.parquet")

    for evidence in (from_events(frame), from_events(tmp_path / "log.parquet")):
        assert values(evidence)[:2] == [0.5, 1.5]
        assert {"Togo", ""} == set(evidence.groups[1].values)


def test_something_that_is_no_log_at_all():
    """An object without columns is refused with a sentence."""
    with pytest.raises(KpisdkError, match="cannot be used"):
        from_events(42, "nothing")


@pytest.mark.parametrize(
    "name", ["events[1].csv", "e*.csv", "what?.csv", "~/e.csv", "a'b [x] \\y.csv", "e[1].CSV.GZ"]
)
def test_a_file_s_name_is_a_name_and_no_pattern(tmp_path, monkeypatch, name):
    """Beside it lies a file that the pattern would take instead, and its folder has signs, too."""
    folder = tmp_path / "logs [2026]"
    (folder / "~").mkdir(parents=True)
    monkeypatch.chdir(folder)
    other = f"{HEAD}\n{ROW}\n".encode()
    for taken in ("events1.csv", "e1.csv", "whatx.csv", "e1.CSV.GZ"):
        (folder / taken).write_bytes(other)
    right = f"{HEAD}\n{ROW}\nu2,A,Togo,m1,start,2026-01-01T00:00:00Z,0,0\n".encode()
    (folder / name).write_bytes(gzip.compress(right) if name.endswith("GZ") else right)

    assert values(from_events(Path(name)))[0] == 0.5


def test_a_parquet_file_s_name_is_no_pattern_either(tmp_path, monkeypatch):
    """And the place of temporary files may have signs in its name."""
    scratch = tmp_path / "tmp[1]"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    frame = pd.read_csv(io.StringIO(f"{HEAD}\n{ROW}\n"))
    frame.to_parquet(tmp_path / "log1.parquet")
    pd.concat([frame, frame.assign(user_id="u2", validated_m1=0)]).to_parquet(
        tmp_path / "log[1].parquet"
    )

    assert values(from_events(tmp_path / "log[1].parquet"))[0] == 0.5


def _damaged() -> dict[str, bytes]:
    text = "\n".join([HEAD, *(ROW.replace("u1", f"u{n}") for n in range(300))]).encode()
    packed = gzip.compress(text)
    frame = pd.read_csv(io.BytesIO(text))
    table = io.BytesIO()
    frame.to_parquet(table)
    parquet = table.getvalue()
    middle = len(parquet) // 4
    return {
        "cut.csv.gz": packed[: len(packed) // 2],
        "flipped.csv.gz": packed[:200] + bytes([packed[200] ^ 255]) + packed[201:],
        "not.csv.gz": text,
        "cut.parquet": parquet[: len(parquet) // 2],
        "flipped.parquet": parquet[:40]
        + bytes(255 - b for b in parquet[40:middle])
        + parquet[middle:],
        "twice.csv": text.replace(b"country", b"USER_ID", 1),
        "zeros.csv.gz": gzip.compress(HEAD.encode() + b"\n" + b"a" * 80_000_000, 1),
    }


@pytest.mark.parametrize("name", _damaged())
def test_a_damaged_log_is_an_error_with_its_reason(tmp_path, name):
    """Truncated, flipped, foreign, or one that unpacks without end: a sentence, and no row."""
    (tmp_path / name).write_bytes(_damaged()[name])

    with pytest.raises((EventsError, MissingColumnsError)) as caught:
        from_events(tmp_path / name)

    assert name in caught.value.message
    assert "u1,A" not in caught.value.message

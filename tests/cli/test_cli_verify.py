"""``kpisdk verify`` and ``compute --sign``: real files, computed again and checked."""

from __future__ import annotations

import json
import sqlite3

import pytest

from kpisdk.cli.installation import Installation

ROWS = (
    ("t1", "2026-02-20T10:00:00Z", "accepted", "a"),
    ("t2", "2026-02-21T10:00:00Z", "accepted", "a"),
    ("t3", "2026-02-22T10:00:00Z", "rejected", "b"),
    ("t4", "2026-01-10T10:00:00Z", "accepted", "b"),
)
HEAD = "trigger_id,trigger_timestamp,acceptance_status,brand"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder with four triggers, in the working folder; the cache is a file in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "data"
    folder.mkdir()
    put(folder, *ROWS)
    return folder


def put(folder, *rows):
    """Write the triggers."""
    lines = (",".join(row) for row in rows)
    (folder / "triggers.csv").write_text("\n".join((HEAD, *lines, "")))


@pytest.fixture
def report(run, data, tmp_path):
    """``report(*options)``: the path of a report on WS2-TR-004."""

    def make(*options, source="data"):
        path = tmp_path / "report.json"
        asked = ("WS2-TR-004", "--source", source, "--format", "json", "--output", str(path))
        ended = run("compute", *asked, *options)
        assert ended.code == 0, ended.err
        return path

    return make


def changed(path, change):
    """The report after its document was changed."""
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return str(path)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--by", "brand", "--grain", "month", "--compare", "previous"),
        ("--window", "2026-02", "--where", "brand=a", "--as-of", "2026-03-01"),
        ("--intervals", "row", "--no-fuse"),
    ],
)
def test_what_a_report_says_is_found_again(run, report, options):
    """A headline, slices and trends with comparisons, a window with filters."""
    ended = run("verify", str(report(*options)))

    assert (ended.code, ended.out) == (0, "")
    assert "computed again: everything is the same." in ended.err


def test_a_cached_report_has_the_manifest_of_its_computation(run, report):
    """It is kept with the result, and found again."""
    first = json.loads(report().read_text())["results"][0]
    path = report()
    second = json.loads(path.read_text())["results"][0]

    assert (first["cached"], second["cached"]) == (False, True)
    assert first["manifest"] == second["manifest"]
    assert run("verify", str(path)).code == 0


def test_another_number_is_shown_beside_the_reported_one(run, report):
    """2 of 3 are accepted; the report was made to say that all are."""
    path = changed(report(), lambda each: each["results"][0].update(value=1.0))

    ended = run("verify", path)

    assert ended.code == 1
    assert ended.out.split()[-5:] == ["WS2-TR-004", "{}", "value", "1.0", "0.6666666666666666"]
    assert "1 result computed again, 1 of them another: nothing it rests on changed." in ended.err


def test_for_machines_the_comparison_is_json(run, report):
    """Verdict, differences and changes."""
    path = changed(report(), lambda each: each["results"][0].update(n=7))

    found = json.loads(run("verify", path, "--format", "json").out)

    assert (found["verdict"], found["results"], found["changes"]) == ("different", 1, [])
    assert [
        (each["what"], each["reported"], each["computed"]) for each in found["differences"]
    ] == [("n", 7, 3)]


def test_rows_that_came_later_do_not_matter(run, data, report):
    """Without --as-of the KPI was evaluated at its newest row, and is again."""
    path = report()
    put(data, *ROWS, ("t5", "2026-02-23T10:00:00Z", "rejected", "a"))

    ended = run("verify", str(path))

    assert ended.code == 0, ended.err
    assert "data: the tables of WS2-TR-004 have another fingerprint" in ended.err


def test_rows_that_changed_are_named(run, data, report):
    """The numbers are others, and so is the file."""
    path = report()
    put(data, *ROWS[1:])

    ended = run("verify", str(path))

    assert ended.code == 3
    assert "Changed: data: the tables of WS2-TR-004 have another fingerprint." in ended.err
    assert "Not comparable: what it rests on has changed." in ended.err


def test_another_source_can_be_named(run, data, report, tmp_path):
    """The same rows in a database: another engine, which makes them incomparable, and says so."""
    path = report()
    base = tmp_path / "copy.db"
    connection = sqlite3.connect(base)
    names = HEAD.split(",")
    connection.execute(f"CREATE TABLE triggers ({names[0]}, {names[1]} TIMESTAMP, {names[2]} TEXT)")
    rows = [(name, at.replace("T", " ").removesuffix("Z"), told) for name, at, told, _ in ROWS]
    connection.executemany("INSERT INTO triggers VALUES (?, ?, ?)", rows)
    connection.commit()
    connection.close()

    ended = run("verify", str(path), "--source", f"sqlite:///{base}")

    assert ended.code == 3
    assert "Changed: engine: the engine was duckdb" in ended.err
    assert "value" not in ended.out


def test_another_definition_is_named(run, report):
    """By its version, with that of the core."""

    def older(document):
        manifest = document["results"][0]["manifest"]
        manifest["definition_version"] = "0+00000000+core.0.0.9"

    ended = run("verify", changed(report(), older))

    assert ended.code == 3
    assert "definition: the definition of WS2-TR-004 was 0+00000000+core.0.0.9, and is" in ended.err


def test_a_source_that_is_away_is_not_comparable(run, data, report):
    """Moved, or never there."""
    path = report()
    data.rename(data.with_name("elsewhere"))

    for options in ((), ("--source", "nowhere.db")):
        ended = run("verify", str(path), *options)
        assert ended.code == 3
        assert "Changed: data: the source could not be read." in ended.err


def test_a_report_of_an_older_version_is_not_comparable(run, report):
    """It says neither how it was asked nor what it rests on."""
    ended = run("verify", changed(report(), lambda each: each.pop("request")))

    assert ended.code == 3
    assert "those of older versions do not" in ended.err


def test_a_kpi_that_is_not_installed_any_more_is_named(here, report, capfd):
    """Its plugin is gone."""
    from kpisdk.cli import main

    path = report()
    bare = Installation(here.folder, {}, [])

    assert main(["verify", str(path)], bare) == 3
    assert "WS2-TR-004 is brought by no installed plugin" in capfd.readouterr().err


def test_what_is_no_report_is_a_usage_error(run, data):
    """The table of a KPI, for instance."""
    ended = run("verify", str(data / "triggers.csv"))

    assert ended.code == 2
    assert "is no report that can be checked: it is not JSON" in ended.err


def test_a_signed_report_holds_and_a_changed_byte_does_not(run, report, tmp_path):
    """Before anything is computed."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private, public = tmp_path / "key.pem", tmp_path / "key.pub"
    key, pem = Ed25519PrivateKey.generate(), form.Encoding.PEM
    private.write_bytes(key.private_bytes(pem, form.PrivateFormat.PKCS8, form.NoEncryption()))
    spki = form.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(pem, spki))
    path = report("--sign", str(private))

    held = run("verify", str(path), "--key", str(public))
    unchecked = run("verify", str(path))
    text = path.read_text()
    path.write_text(text.replace('"n": 3', '"n": 4'))
    broken = run("verify", str(path), "--key", str(public))
    path.write_text(json.dumps(json.loads(text)))
    laid_out = run("verify", str(path), "--key", str(public))

    assert (held.code, unchecked.code, broken.code, laid_out.code) == (0, 0, 1, 0)
    assert "The signature holds." in held.err
    assert "give --key to have its signature checked" in unchecked.err
    assert "it was changed after it was signed" in broken.err
    assert "computed again" not in broken.err


def test_only_json_can_be_signed(run, data, tmp_path):
    """Said before a key is looked for, and before anything is computed."""
    ended = run("compute", "WS2-TR-004", "--source", "data", "--sign", str(tmp_path / "key.pem"))

    assert ended.code == 2
    assert "--sign needs --format json" in ended.err


def test_a_report_on_a_server_is_computed_again(run, tmp_path, monkeypatch, postgresql_url):
    """PostgreSQL: slices and trends are the same again; a changed row is named as changed data."""
    from sqlalchemy import create_engine, text

    monkeypatch.chdir(tmp_path)
    engine = create_engine(postgresql_url.replace("postgresql://", "postgresql+psycopg://", 1))
    names = "trigger_id text, trigger_timestamp timestamptz, acceptance_status text, brand text"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE triggers ({names})"))
        insert = text("INSERT INTO triggers VALUES (:id, :at, :status, :brand)")
        keys = ("id", "at", "status", "brand")
        connection.execute(insert, [dict(zip(keys, row, strict=True)) for row in ROWS])
    path = tmp_path / "report.json"

    def reported(*options):
        asked = ("WS2-TR-004", "--source", postgresql_url, "--format", "json", "--no-cache")
        assert run("compute", *asked, "--output", str(path), *options).code == 0

    for options in (("--by", "brand"), ("--grain", "month", "--compare", "previous"), ()):
        reported(*options)
        ended = run("verify", str(path), "--source", postgresql_url)
        assert (ended.code, ended.out) == (0, ""), ended.err
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE triggers SET acceptance_status = 'rejected' WHERE trigger_id = 't1'")
        )
    engine.dispose()
    ended = run("verify", str(path), "--source", postgresql_url)

    assert ended.code == 3
    assert "data: the tables of WS2-TR-004 have another fingerprint" in ended.err

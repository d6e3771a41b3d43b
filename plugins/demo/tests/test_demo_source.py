"""The ``demo:`` source: what a location means, and rows that are made when they are read."""

import gc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpisdk import SourceOptions, SourceUnavailableError
from kpisdk_demo import DemoPlanError, plugin, source, write_duckdb

NOW = datetime(2026, 3, 1, 17, 5, tzinfo=UTC)
SMALL = "demo:?scale=0.01&seed=3&end=2026-03-01"


def options(**told):
    """Options of a source called ``demo``."""
    return SourceOptions("demo", options=told)


def open_kind(location):
    """The plugin's own kind opens a location."""
    (kind,) = plugin.kpisdk_sources()
    return kind.open(location, options())


def test_the_kind_recognises_its_scheme_and_nothing_else():
    """Only texts that begin with ``demo:`` are of this kind."""
    (kind,) = plugin.kpisdk_sources()

    assert kind.name == "demo"
    assert kind.accepts("demo:")
    assert kind.accepts(SMALL)
    for other in ("demo", "demo.duckdb", "duckdb:///demo.duckdb", Path("demo:"), {"demo:": 1}):
        assert not kind.accepts(other)


def test_a_location_says_scale_seed_and_end():
    """What the location says counts; what it does not say has a default."""
    whole = source.planned(SMALL, options(), NOW)
    bare = source.planned("demo:", options(), NOW)

    assert (whole.scale, whole.seed, whole.end) == (0.01, 3, datetime(2026, 3, 1))
    assert (bare.scale, bare.seed, bare.end) == (1.0, 7, datetime(2026, 3, 1))


def test_settings_fill_what_the_location_leaves_open():
    """``[sources.x.options]`` counts, and the location wins over it."""
    asked = source.planned("demo:?seed=3", options(scale=0.5, seed=9), NOW)

    assert (asked.scale, asked.seed) == (0.5, 3)


def test_all_faults_of_a_location_are_named_at_once():
    """A wrong scale, seed and end, and an option that does not exist: four problems."""
    with pytest.raises(DemoPlanError) as refused:
        open_kind("demo:?scale=big&seed=1.5&end=tomorrow&colour=red")

    assert [problem.where for problem in refused.value.problems] == [
        "colour",
        "scale",
        "seed",
        "end",
    ]


def test_a_value_that_cannot_be_used_is_refused_when_the_source_is_opened():
    """A scale of 0 is a number, but no data set."""
    with pytest.raises(DemoPlanError, match="scale"):
        open_kind("demo:?scale=0")


@pytest.mark.parametrize("hostile", ["'; DROP TABLE triggers; --", "\0", "²", "9" * 5_000])
def test_hostile_options_are_values_not_statements(hostile):
    """Whatever stands in an option is read as a number or refused."""
    with pytest.raises(DemoPlanError):
        open_kind(f"demo:?seed={hostile}x")


def test_the_identity_is_synthetic_and_follows_from_the_plan():
    """Equal plans are one source to a cache; another seed, scale or end is another."""
    base = open_kind(SMALL).identity

    assert base.synthetic
    assert (base.name, base.kind) == ("demo", "demo")
    assert base == open_kind("demo:?end=2026-03-01&seed=3&scale=1e-2").identity
    others = [
        open_kind(SMALL.replace(*change)).identity.fingerprint
        for change in (("0.01", "0.02"), ("seed=3", "seed=4"), ("03-01", "03-02"))
    ]
    assert len({base.fingerprint, *others}) == 4


def test_nothing_is_made_before_the_first_session(tmp_path, monkeypatch):
    """Opening and naming a source costs nothing; the file comes with the first session."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    opened = open_kind(SMALL)

    assert opened.identity.synthetic
    assert opened.retries == 0
    assert list(tmp_path.iterdir()) == []
    with opened.session():
        assert len(list(tmp_path.iterdir())) == 1
    with opened.session():
        assert len(list(tmp_path.iterdir())) == 1


def test_the_rows_go_with_the_source(tmp_path, monkeypatch):
    """The temporary file is removed when the source is no longer used."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    opened = open_kind(SMALL)
    with opened.session():
        pass

    del opened
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_session_reads_the_rows_of_the_plan(tmp_path):
    """The rows are those of a written file with the same arguments."""
    import duckdb
    import sqlalchemy as sa

    path = write_duckdb(tmp_path / "demo.duckdb", 0.01, 3, datetime(2026, 3, 1))
    with duckdb.connect(str(path), read_only=True) as connection:
        expected = connection.execute("SELECT count(*), min(trigger_id) FROM triggers").fetchone()

    with open_kind(SMALL).session() as session:
        found = session.rows(sa.text("SELECT count(*), min(trigger_id) FROM triggers"))
        columns = session.columns("triggers")
    assert found == [expected]
    assert [column.name for column in columns][:2] == ["trigger_id", "patient_id"]


def test_an_open_session_keeps_its_rows():
    """A session outlives the last name of its source: the rows stay until it is closed."""
    import sqlalchemy as sa

    with open_kind(SMALL).session() as session:
        gc.collect()
        assert session.rows(sa.text("SELECT count(*) FROM hcp_profiles")) == [(12,)]


def test_a_session_cannot_write():
    """The file is opened read-only, like every source."""
    import sqlalchemy as sa

    from kpisdk import QueryError

    with open_kind(SMALL).session() as session, pytest.raises(QueryError, match="read-only"):
        session.rows(sa.text("DELETE FROM triggers"))


def test_a_place_without_room_is_an_unavailable_source(tmp_path, monkeypatch):
    """Where the temporary file cannot be written, the source says so and names itself."""
    opened = open_kind(SMALL)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("duckdb.connect", full)
    with pytest.raises(SourceUnavailableError, match="No space left"), opened.session():
        pass

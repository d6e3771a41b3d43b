"""Sources and caches of plugins that raise what they may not: the KPIs say so, nothing breaks."""

from __future__ import annotations

import contextlib
import sys

import pandas as pd
import pytest

from kpisdk import (
    CacheBackend,
    CacheError,
    Column,
    Dataset,
    Kpi,
    KpisdkError,
    Reason,
    Settings,
    Simple,
    SourceIdentity,
    SourceKind,
    Workspace,
    count,
    hookimpl,
)
from kpisdk.settings import CacheSettings

VISITS = Dataset("visits", (Column("visit", "text"),))
KPI = Kpi(
    id="X-1",
    name="X",
    workstream="w",
    definition="d",
    formula="f",
    unit="count",
    calculation=Simple(count(VISITS)),
)
FRAMES = {"visits": pd.DataFrame({"visit": ["v", "w"]})}


def exits(*_, **__):
    sys.exit(0)


class EvilSession:
    """A session whose reading ends the process."""

    dialect = "duckdb"
    columns = rows = frame = views = exits


class EvilSource:
    """A source that answers until the step that is to fail."""

    retries = 0

    def __init__(self, fault):
        self.fault = fault

    @property
    def identity(self):
        if self.fault == "identity":
            sys.exit(0)
        return SourceIdentity("evil", "evil", "1")

    def session(self):
        if self.fault == "session":
            sys.exit(0)
        return contextlib.nullcontext(EvilSession())


class EvilCache:
    """A cache that ends the process."""

    get = put = clear = info = exits


class Evil:
    """A plugin with a kind of source and a cache."""

    name = "evil"
    distribution = "kpisdk-evil"

    @hookimpl
    def kpisdk_kpis(self):
        return [KPI]

    @hookimpl
    def kpisdk_sources(self):
        def opens(location, _options):
            return exits() if location == "evil:open" else EvilSource(location.partition(":")[2])

        def accepts(location):
            return location.startswith("evil:") if isinstance(location, str) else exits()

        yield SourceKind("evil", accepts, opens)

    @hookimpl
    def kpisdk_caches(self):
        yield CacheBackend("evil", lambda _: EvilCache())
        yield CacheBackend("worse", exits)


def workspace(source, **more):
    """A workspace with that plugin."""
    return Workspace(source, plugins=[Evil()], **{"settings": Settings(), "cache": "off", **more})


def test_a_kind_of_source_that_fails_to_look_recognises_nothing():
    """Others are asked; the plugin has failed."""
    with workspace(FRAMES) as opened:
        (result,) = opened.compute("X-1").results

        assert result.value == 2
        (evil,) = [each for each in opened.registry.plugins if each.name == "evil"]
    assert evil.error == "accepts of 'evil': SystemExit: 0"


@pytest.mark.parametrize("step", ["identity", "session", "rows"])
def test_a_source_that_ends_the_process_is_unavailable(step):
    """Whichever of its parts does."""
    with workspace(f"evil:{step}") as opened:
        (result,) = opened.compute("X-1").results

    failed = Reason.QUERY_FAILED if step == "rows" else Reason.SOURCE_UNAVAILABLE
    assert (result.value, result.reason) == (None, failed)
    assert "SystemExit: 0" in result.message


def test_a_source_that_cannot_be_opened_is_one_sentence():
    """It names the kind."""
    with (
        workspace("evil:open") as opened,
        pytest.raises(KpisdkError, match=r"kind of source 'evil' failed: SystemExit: 0"),
    ):
        opened.compute("X-1")


def test_a_cache_that_ends_the_process_costs_a_warning():
    """The value was computed."""
    settings = Settings(cache=CacheSettings(backend="evil"))
    with workspace(FRAMES, settings=settings, cache=None) as opened:
        report = opened.compute("X-1")

        assert report.results[0].value == 2
        assert [each.code for each in report.warnings] == ["cache_failed"]
        assert "SystemExit: 0" in report.warnings[0].message
        with pytest.raises(CacheError):
            opened.cache.clear()


def test_a_cache_that_cannot_be_opened_is_one_sentence():
    """It names the backend."""
    with (
        workspace(FRAMES, cache="worse") as opened,
        pytest.raises(KpisdkError, match=r"cache backend 'worse' failed: SystemExit: 0"),
    ):
        opened.compute("X-1")


@pytest.mark.parametrize(
    ("home", "code", "told"),
    [("", "cache_failed", "HOME"), ("{folder}/file", "cache_failed", "results.sqlite")],
)
def test_a_home_folder_that_is_none_costs_a_warning(tmp_path, monkeypatch, home, code, told):
    """Absent, or no folder at all: the value is computed, and not kept."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HOME", home.format(folder=tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    with workspace(FRAMES, cache="sqlite") as opened:
        report = opened.compute("X-1")

    assert report.results[0].value == 2
    assert [each.code for each in report.warnings] == [code]
    assert told in report.warnings[0].message


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_a_cache_that_others_may_replace_is_told(tmp_path, monkeypatch):
    """In a folder that everybody may write."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "kpisdk").mkdir()
    (tmp_path / "kpisdk").chmod(0o777)
    with workspace(FRAMES, cache="sqlite") as opened:
        report = opened.compute("X-1")

    assert report.results[0].value == 2
    assert [each.code for each in report.warnings] == ["cache_exposed"]
    assert "chmod 700" in report.warnings[0].message

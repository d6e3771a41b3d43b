"""Sessions of third parties: what they tell reaches the manifest, and what they run is recorded."""

from __future__ import annotations

import contextlib
import json

import attrs
import pytest

from kpisdk import SourceIdentity, SourceKind, SourceOptions, Workspace, hookimpl
from kpisdk.builtin.sources.frame_source import FramesSource
from kpisdk.verification.replay import replayed
from kpisdk.verification.report_files import read_report
from kpisdk.verification.side_by_side import Verdict, side_by_side


class Theirs:
    """A session over one of ours that has the methods of ``Session`` and no more."""

    def __init__(self, inner):
        self.inner = inner
        self.dialect = inner.dialect
        self.columns, self.views = inner.columns, inner.views
        self.rows, self.frame, self.text = inner.rows, inner.frame, inner.text


class Telling(Theirs):
    """One that tells its statements, its engine, its rows and where its tables are as well."""

    def __init__(self, inner):
        super().__init__(inner)
        self.record, self.identity, self.path = inner.record, inner.identity, inner.path

    def versions(self):
        return "theirs 7.1", "their-driver 3"


@attrs.define
class TheirSource:
    """A source of theirs around one of ours."""

    inner: object
    session_type: type
    retries: int = 0

    @property
    def identity(self):
        return SourceIdentity("theirs", "theirs", "f1")

    @contextlib.contextmanager
    def session(self):
        with self.inner.session() as opened:
            yield self.session_type(opened)


@pytest.fixture
def report_on(tmp_path, make, table, now):
    """``report_on(session_type)``: a report, read back, and what it gives when computed again."""

    def reported(session_type):
        frames = {"core_visits": table({"done": True}, {"done": False}, {"done": True})}
        inner = FramesSource(frames, SourceOptions("theirs"))

        class Plugin:
            """Their kind of source, and a KPI."""

            name, distribution = "theirs", "their-kpis"

            @hookimpl
            def kpisdk_kpis(self):
                return [make()]

            @hookimpl
            def kpisdk_sources(self):
                yield SourceKind(
                    "theirs",
                    lambda location: location == "theirs:",
                    lambda *_: TheirSource(inner, session_type),
                )

        def asked():
            return Workspace("theirs:", plugins=[Plugin()], cache="off", clock=lambda: now)

        report = asked().compute("CORE-T-001")
        path = tmp_path / "report.json"
        path.write_text(json.dumps(report.to_dict()))
        read = read_report(path)
        return report[0], side_by_side(read.results, replayed(read, asked()))

    return reported


@pytest.mark.parametrize(
    ("session_type", "engine", "driver"),
    [(Theirs, "duckdb", None), (Telling, "theirs 7.1", "their-driver 3")],
)
def test_a_manifest_has_the_statements_of_any_session(report_on, session_type, engine, driver):
    """Of one that records nothing, the core notes them itself; the report can be verified."""
    result, compared = report_on(session_type)

    assert result.value == 3
    assert (result.manifest.engine, result.manifest.driver) == (engine, driver)
    assert len(result.manifest.statements) == 1
    assert result.manifest.rows_read == 1
    assert compared.verdict is Verdict.SAME
    assert compared.changes == ()

"""What is remembered of a KPI comes to its page from whoever remembers, and from nobody as well."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kpisdk import KpisdkError, ReadError, UsageError, Workspace, WorkspaceMethod, hookimpl
from kpisdk.reporting import Event
from kpisdk_web import plugin as web
from kpisdk_web.errors import HistoryMissingError
from kpisdk_web.remembered import Memory, checked, events_of

KNOWN = {
    "restatements": [
        {
            "period": "2026-01",
            "old": 0.125,
            "new": None,
            "reasons": ["rows_came_late"],
            "recorded_at": datetime(2026, 2, 3, 4, 5, tzinfo=UTC),
        }
    ],
    "series": [
        {
            "slice": slice_,
            "points": [
                {
                    "period": "2026-02",
                    "definition_changed": changed,
                    "definition_version": "2",
                    "recorded_at": datetime(2026, 3, 1, tzinfo=UTC),
                }
                for changed in (False, True)
            ],
        }
        for slice_ in ({}, {"city": "Bonn"})
    ],
}
"""What kpisdk-history's method tells, in its published form."""


class Told:
    """A history, as its JSON form is asked for."""

    def to_dict(self):
        """It."""
        return KNOWN


def remembering(call):
    """A plugin that brings the method ``history``."""

    class Remembers:
        @hookimpl
        def kpisdk_methods(self):
            return [WorkspaceMethod("history", call, "What was recorded of a KPI.")]

    return Remembers()


def workspace_with(monkeypatch, *plugins):
    """A workspace of the pages' plugin and those, and of no other that is installed."""
    from kpisdk.plugins import loading

    monkeypatch.setattr(loading, "installed_points", lambda: ())
    return Workspace({}, plugins=(web, *plugins), cache="off")


def test_restatements_and_definitions_are_events(monkeypatch):
    """The newest first; a change of a slice's definition is the whole's, and told once."""
    workspace = workspace_with(
        monkeypatch, remembering(lambda _workspace, _kpi_id, **_asked: Told())
    )

    assert events_of(workspace, "SHOP-001") == (
        Event(
            "definition",
            "2026-03-01 00:00",
            "computed by another definition from here on (2)",
            "2026-02",
        ),
        Event("restated", "2026-02-03 04:05", "0.125 became none (rows came late)", "2026-01"),
    )


def test_nobody_remembers(monkeypatch):
    """Without a plugin for it, and without a store, there is nothing to tell and no error."""

    def nothing(_workspace, _kpi_id, **_asked):
        raise UsageError

    assert events_of(workspace_with(monkeypatch), "SHOP-001") == ()
    assert events_of(workspace_with(monkeypatch, remembering(nothing)), "SHOP-001") == ()


def test_a_history_that_fails_is_told(monkeypatch):
    """A page that says nothing of it would claim that nothing was restated."""

    def broken(_workspace, _kpi_id, **_asked):
        raise ReadError("history", "the disk is gone")

    (found,) = events_of(workspace_with(monkeypatch, remembering(broken)), "SHOP-001")

    assert found.kind == "history failed"
    assert "the disk is gone" in found.text


def test_the_trend_s_periods_are_looked_for_first_and_the_store_is_the_named_one(monkeypatch):
    """What was recorded by other periods is taken where there is nothing else."""
    asked = []

    def history(_workspace, _kpi_id, **given):
        asked.append(given)
        if "grain" in given:
            raise UsageError
        return Told()

    workspace = workspace_with(monkeypatch, remembering(history))
    found = events_of(workspace, "SHOP-001", Memory("week", "kept.sqlite"))

    assert len(found) == 2
    assert asked == [{"grain": "week", "store": "kept.sqlite"}, {"store": "kept.sqlite"}]


def test_a_store_without_a_plugin_that_reads_it_is_refused(monkeypatch):
    """With the package to install; without a store there is nothing to refuse."""
    workspace = workspace_with(monkeypatch)

    assert checked(workspace, Memory()) == Memory()
    with pytest.raises(HistoryMissingError, match="pip install kpisdk-history"):
        checked(workspace, Memory(store="kept.sqlite"))


def test_other_plugins_tell_events_by_the_hook(monkeypatch):
    """Alerts, say; one that fails is told as such, and the others are there."""

    def fails(_workspace, _kpi_id):
        raise KpisdkError

    class Alerts:
        @hookimpl(optionalhook=True)
        def kpisdk_web_events(self):
            return [lambda _workspace, kpi_id: [Event("alert", "2026-01-01", kpi_id)], fails]

    found = events_of(workspace_with(monkeypatch, Alerts()), "SHOP-001")

    assert found[0] == Event("alert", "2026-01-01", "SHOP-001")
    assert found[1].kind.endswith("failed")

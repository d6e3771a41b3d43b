"""The hook by which other plugins tell what they remember of a KPI, such as alerts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from kpisdk_web.remembered import EventTeller

hookspec = pluggy.HookspecMarker("kpisdk")

EVENTS = "kpisdk_web_events"
"""The hook's name, by which pages ask for what it brings."""


@hookspec
def kpisdk_web_events() -> Iterable[EventTeller]:  # type: ignore[empty-body]  # a hook
    """Give functions from a workspace and a KPI's id to :class:`kpisdk.reporting.Event` records.

    An event of a period is marked in the trend; all are listed on the KPI's page. Implement it with
    ``kpisdk.hookimpl(optionalhook=True)``: the plugin then works without kpisdk-web, too.
    """

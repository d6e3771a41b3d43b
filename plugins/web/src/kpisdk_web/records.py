"""What copies hold beside results: a KPI's record, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kpisdk import Kpi
from kpisdk.reporting import Event, Statement, csv_text

EVENT_COLUMNS = ("kind", "at", "period", "text")
"""The parts of an event, in the order in which copies have them."""


def record_of(kpi: Kpi) -> dict[str, Any]:
    """A KPI's record in short.

    Args:
        kpi: the KPI.
    """
    bounds = kpi.thresholds
    return {
        "id": kpi.id,
        "name": kpi.name,
        "slug": kpi.slug,
        "workstream": kpi.workstream,
        "definition": kpi.definition,
        "formula": kpi.formula,
        "unit": kpi.unit.value,
        "direction": kpi.direction.value,
        "frequency": kpi.frequency.value,
        "thresholds": None
        if bounds is None
        else {"target": bounds.target, "warning": bounds.warning, "critical": bounds.critical},
        "window": None if kpi.default_window is None else kpi.default_window.label,
        "owner": kpi.governance.owner or None,
        "guardrails": [each.kpi_id for each in kpi.guardrails],
        "parameters": [each.name for each in kpi.parameters],
    }


def events_document(kpi_id: str, events: Sequence[Event]) -> dict[str, Any]:
    """The events of a KPI as a document.

    Args:
        kpi_id: the KPI.
        events: what is remembered of it.
    """
    told = [{name: getattr(each, name) for name in EVENT_COLUMNS} for each in events]
    return {"kpi_id": kpi_id, "events": told}


def events_csv(kpi_id: str, events: Sequence[Event]) -> str:
    """The same as CSV, a row each, guarded as all CSV of reports is.

    Args:
        kpi_id: the KPI.
        events: what is remembered of it.
    """
    rows = [[kpi_id, *(getattr(each, name) for name in EVENT_COLUMNS)] for each in events]
    return csv_text([["kpi_id", *EVENT_COLUMNS], *rows])


def statements_document(statements: Sequence[Statement]) -> dict[str, Any]:
    """Statements as a document, with what set each apart from the others.

    Args:
        statements: those of a page.
    """
    told = [{"sql": each.sql, "kpis": list(each.kpis), "why": each.why} for each in statements]
    return {"statements": told}

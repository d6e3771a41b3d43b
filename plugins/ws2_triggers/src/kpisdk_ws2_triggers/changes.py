"""What became of changed triggers."""

from kpisdk import (
    Breakdown,
    Direction,
    Frequency,
    Governance,
    Kpi,
    Ratio,
    Trailing,
    Unit,
    ViewColumn,
    count,
    sample,
)
from kpisdk_ws2_triggers.datasets import TRIGGERS
from kpisdk_ws2_triggers.french import FRENCH

_failed = TRIGGERS["change_failed"]
_changed = TRIGGERS["previous_trigger_id"].not_null()

KPIS = (
    Kpi(
        id="WS2-TR-008",
        translations={"fr": FRENCH["WS2-TR-008"]},
        name="Change-Fail Rate (CFR)",
        workstream="ws2_triggers",
        definition="Share of changed triggers that did worse than the ones they replaced.",
        calculation_type="derived",
        formula="count(change_failed) / count(changed_triggers)",
        calculation=Ratio(
            count(TRIGGERS, _changed & _failed.is_true()),
            count(TRIGGERS, _changed & _failed.not_null()),
        ),
        unit=Unit.RATIO,
        sampling=sample("hcp_id"),
        direction=Direction.LOWER,
        frequency=Frequency.WEEKLY,
        target=0.10,
        warning=0.20,
        critical=0.30,
        window=Trailing(30),
        view=ViewColumn(
            "v_kpi_change_fail_rate", "avg_cfr", breakdowns=(Breakdown(("change_type",)),)
        ),
        slug="change_fail_rate",
        governance=Governance(
            objective="Change triggers without making them worse",
            numerator="changed triggers with change_failed true",
            denominator="triggers with a previous trigger and a known change_failed",
            granularity="trigger",
            segment="changed triggers",
            source="triggers",
            owner="Trigger operations",
            gaming_risk="not recording the previous trigger of a change",
            controls="watch the number of changes",
        ),
    ),
)

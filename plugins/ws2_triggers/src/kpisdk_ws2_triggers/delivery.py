"""What representatives did with the triggers: acceptance, override, action against control."""

from kpisdk import (
    Direction,
    Frequency,
    Governance,
    Guardrail,
    Kpi,
    Lift,
    Ratio,
    Trailing,
    Unit,
    count,
    sample,
)
from kpisdk_ws2_triggers.datasets import TRIGGERS
from kpisdk_ws2_triggers.french import FRENCH

WORKSTREAM = "ws2_triggers"
MONTH = Trailing(30)

_status = TRIGGERS["acceptance_status"]
_action = TRIGGERS["action_taken"]
_control = TRIGGERS["control_group_flag"]

DELIVERED = count(TRIGGERS, _status.not_null())
"""Triggers that reached a representative: what acceptance and override are shares of."""

KPIS = (
    Kpi(
        id="WS2-TR-003",
        translations={"fr": FRENCH["WS2-TR-003"]},
        name="Action Rate Uplift",
        workstream=WORKSTREAM,
        definition="How much more often triggers lead to an action than in the control group.",
        calculation_type="derived",
        formula="(action_rate_treatment - action_rate_control) / action_rate_control",
        # An empty action is no action; a NULL one is not true and so counts only below the line.
        calculation=Lift(
            TRIGGERS,
            hit=_action.differs(""),
            treated=_control.is_false(),
            control=_control.is_true(),
        ),
        unit=Unit.RATIO,
        sampling=sample("hcp_id"),
        frequency=Frequency.WEEKLY,
        target=0.15,
        warning=0.10,
        critical=0.05,
        window=MONTH,
        governance=Governance(
            objective="Show that triggers change what representatives do",
            numerator="action rate of treated triggers minus that of the control group",
            denominator="action rate of the control group",
            granularity="trigger",
            segment="triggers assigned to treatment or control",
            source="triggers",
            owner="Trigger operations",
            gaming_risk="assigning likely actions to the treatment group",
            controls="randomised assignment; watch the size of the control group",
        ),
    ),
    Kpi(
        id="WS2-TR-004",
        translations={"fr": FRENCH["WS2-TR-004"]},
        name="Acceptance Rate",
        workstream=WORKSTREAM,
        definition="Share of delivered triggers that representatives accepted.",
        calculation_type="direct",
        formula="count(accepted) / count(delivered)",
        calculation=Ratio(count(TRIGGERS, _status.equals("accepted")), DELIVERED),
        unit=Unit.RATIO,
        sampling=sample("hcp_id"),
        target=0.60,
        warning=0.45,
        critical=0.30,
        window=MONTH,
        guardrails=(Guardrail("WS2-TR-005"),),
        governance=Governance(
            objective="Send triggers that representatives find worth acting on",
            numerator="triggers with acceptance_status accepted",
            denominator="triggers with an acceptance_status (delivered)",
            granularity="trigger",
            segment="delivered triggers",
            source="triggers",
            owner="Trigger operations",
            gaming_risk="accepting without acting",
            controls="read beside WS2-TR-003 (action uplift)",
        ),
    ),
    Kpi(
        id="WS2-TR-006",
        translations={"fr": FRENCH["WS2-TR-006"]},
        name="Override Rate",
        workstream=WORKSTREAM,
        definition="Share of delivered triggers that representatives overrode.",
        calculation_type="derived",
        formula="count(overridden) / count(delivered)",
        calculation=Ratio(count(TRIGGERS, _status.equals("overridden")), DELIVERED),
        unit=Unit.RATIO,
        sampling=sample("hcp_id"),
        direction=Direction.LOWER,
        target=0.15,
        warning=0.25,
        critical=0.40,
        window=MONTH,
        governance=Governance(
            objective="Keep triggers in line with representatives' judgement",
            numerator="triggers with acceptance_status overridden",
            denominator="triggers with an acceptance_status (delivered)",
            granularity="trigger",
            segment="delivered triggers",
            source="triggers",
            owner="Trigger operations",
            gaming_risk="rejecting or ignoring triggers instead of overriding them",
            controls="read beside WS2-TR-004 (acceptance)",
        ),
    ),
)

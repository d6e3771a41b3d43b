"""What the platform is worth: return on investment."""

from kpisdk import (
    STORED,
    FirstOf,
    Frequency,
    Governance,
    Kpi,
    Mean,
    Option,
    Trailing,
    Unit,
)
from kpisdk_ws3_business.datasets import AGENT_ACTIVITIES, BUSINESS_METRICS
from kpisdk_ws3_business.french import FRENCH

MONTH = Trailing(30)

KPIS = (
    Kpi(
        id="WS3-BI-010",
        translations={"fr": FRENCH["WS3-BI-010"]},
        name="Return on Investment (ROI)",
        workstream="ws3_business",
        definition=(
            "Mean recorded return on investment; where none is recorded, the mean of the "
            "estimates that agents' activities carry."
        ),
        calculation_type="direct",
        formula="value_captured / cost_invested",
        calculation=FirstOf(
            (
                Option("business_metrics", Mean(BUSINESS_METRICS, BUSINESS_METRICS["roi"])),
                Option(
                    "agent_activities",
                    Mean(AGENT_ACTIVITIES, AGENT_ACTIVITIES["roi_estimate"]),
                    window=MONTH,
                ),
            )
        ),
        unit=Unit.MULTIPLIER,
        sampling=STORED,
        frequency=Frequency.MONTHLY,
        target=3.0,
        warning=2.0,
        critical=1.0,
        window=MONTH,
        slug="return_on_investment",
        governance=Governance(
            objective="Show that the platform earns more than it costs",
            numerator="value captured",
            denominator="cost invested",
            granularity="recorded metric, else agent activity",
            segment="rows with a known return",
            source="business_metrics, agent_activities",
            owner="Finance",
            gaming_risk="recording the return of successful activities only",
            controls="the result says which table answered; watch the number of rows",
        ),
    ),
)

"""How punctual orders are."""

from kpisdk import Kpi, Ratio, Trailing, count
from kpisdk_bakery.datasets import ORDERS

ON_TIME = ORDERS["on_time"]
ON_TIME_RATE = Kpi(
    id="BAKERY-001",
    name="On-time Rate",
    workstream="bakery",
    definition="Share of orders that were ready when the customer was told they would be.",
    formula="orders ready on time / orders of which it is known",
    calculation=Ratio(count(ORDERS, ON_TIME.is_true()), count(ORDERS, ON_TIME.not_null())),
    unit="ratio",
    target=0.9,
    warning=0.8,
    critical=0.7,
    window=Trailing(7),
)

"""The columns that this plugin reads."""

from kpisdk import Column, Dataset

ORDERS = Dataset(
    "bakery_orders", (Column("placed_at", "timestamp"), Column("on_time", "bool")), time="placed_at"
)

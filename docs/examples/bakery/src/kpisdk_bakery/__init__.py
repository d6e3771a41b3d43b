"""KPIs of a bakery."""

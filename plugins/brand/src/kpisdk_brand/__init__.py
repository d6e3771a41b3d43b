"""Brand: five KPIs of Remibrutinib, Fabhalta and Kisqali."""

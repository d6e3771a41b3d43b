"""How results are shown: to people (table, md, html) and to machines (json, csv, openmetrics)."""

"""The rows of KPIs' examples on every engine, and whether what must come out does."""

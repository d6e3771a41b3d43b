"""The eight trigger KPIs in SQL written by hand, as fast as was found for each engine.

Each statement is worded in several ways, since engines differ in which of them is fastest: sums of
CASE, counts of CASE, and what the engine itself has for counting (``count_if`` of DuckDB, FILTER of
PostgreSQL); on DuckDB counts of CASE and FILTER were slower than both by a third. A benchmark runs
them all and takes the least time of each statement for the rival's. Tried on DuckDB alone, and
slower there: recall by a semi-join of the patients that have events, by groups of events of one
day, and by the triggers before the window's end alone.
"""

# ruff: noqa: E501
# SQL reads better in whole lines.

from __future__ import annotations

WINDOW = (
    "trigger_timestamp >= TIMESTAMP '2025-12-02' AND trigger_timestamp < TIMESTAMP '2026-01-01'"
)
EVENTS = (
    "event_date >= DATE '2025-12-02' AND event_date < DATE '2026-01-01' AND "
    "event_type IN ('prescription', 'conversion') AND e.patient_id IS NOT NULL"
)
COUNTS = {
    "duckdb": {
        "sums": "sum(CASE WHEN {0} THEN 1 ELSE 0 END)",
        "own": "count_if({0})",
    },
    "postgresql": {
        "sums": "sum(CASE WHEN {0} THEN 1 ELSE 0 END)",
        "counts": "count(CASE WHEN {0} THEN 1 END)",
        "own": "count(*) FILTER (WHERE {0})",
    },
}
HASH = {
    "duckdb": "(hash({0}) % 1000)::USMALLINT",
    "postgresql": "hashtext({0}) & 1023",
}
TREATED, CONTROL = "NOT control_group_flag", "control_group_flag"
SHARES = {
    "WS2-TR-001": (
        "outcome_tracked AND outcome_value > 0",
        "outcome_tracked AND outcome_value IS NOT NULL",
    ),
    "WS2-TR-004": ("acceptance_status = 'accepted'", "acceptance_status IS NOT NULL"),
    "WS2-TR-005": ("false_positive_flag", "false_positive_flag IS NOT NULL"),
    "WS2-TR-006": ("acceptance_status = 'overridden'", "acceptance_status IS NOT NULL"),
    "WS2-TR-008": (
        "previous_trigger_id IS NOT NULL AND change_failed",
        "previous_trigger_id IS NOT NULL AND change_failed IS NOT NULL",
    ),
}
ACTED = "action_taken <> ''"
MEDIAN = "percentile_cont(0.5) WITHIN GROUP (ORDER BY lead_time_days)"


def measures(count: str) -> list[str]:
    """The seven KPIs that read ``triggers`` alone."""

    def share(hits: str, rows: str) -> str:
        return f"{count.format(hits)} * 1.0 / nullif({count.format(rows)}, 0)"

    treated = share(f"{TREATED} AND {ACTED}", TREATED)
    control = share(f"{CONTROL} AND {ACTED}", CONTROL)
    shares = [share(*each) for each in SHARES.values()]
    return [*shares, f"({treated}) / nullif({control}, 0) - 1", MEDIAN]


def recall(count: str, by: bool) -> str:
    """WS2-TR-002: of the outcomes, those that a trigger preceded."""
    shown, group = ("e.brand, ", " GROUP BY e.brand") if by else ("", "")
    hits = count.format("CAST(f.first AS DATE) <= e.event_date")
    return f"SELECT {shown}{hits} * 1.0 / nullif(count(*), 0) {_preceded(by)}{group}"


def separate(count: str, by: bool) -> list[str]:
    """A statement per KPI."""
    shown, group = ("brand, ", " GROUP BY brand") if by else ("", "")
    singles = [
        f"SELECT {shown}{measure} FROM triggers WHERE {WINDOW}{group}"
        for measure in measures(count)
    ]
    return [*singles, recall(count, by)]


def split(count: str, by: bool) -> list[str]:
    """One statement for what reads ``triggers`` alone, one for recall."""
    shown, group = ("brand, ", " GROUP BY brand") if by else ("", "")
    fused = ", ".join(measures(count))
    return [f"SELECT {shown}{fused} FROM triggers WHERE {WINDOW}{group}", recall(count, by)]


def buckets(engine: str, count: str, by: bool) -> list[str]:
    """What somebody would write who wants the parts of each KPI per bucket of its units."""
    own, groups = ("t.brand, ", "1, 2") if by else ("", "1")
    key, group = ("brand, ", " GROUP BY brand") if by else ("", "")
    same = "ON m.brand = t.brand" if by else "ON true"
    hcp, patient = (HASH[engine].format(f"t.{unit}_id") for unit in ("hcp", "patient"))
    event = HASH[engine].format("e.patient_id")
    by_hcp = [
        *(condition for name, pair in SHARES.items() if name != "WS2-TR-001" for condition in pair),
        *(f"{side} AND {ACTED}" for side in (TREATED, CONTROL)),
        *(TREATED, CONTROL),
    ]
    by_patient = [*SHARES["WS2-TR-001"], "lead_time_days < m.middle", "lead_time_days IS NOT NULL"]

    def counted(conditions: list[str]) -> str:
        return ", ".join(count.format(each) for each in dict.fromkeys(conditions))

    middle = f"SELECT {key}{MEDIAN} AS middle FROM triggers WHERE {WINDOW}{group}"
    hits = count.format("CAST(f.first AS DATE) <= e.event_date")
    return [
        f"SELECT {own}{hcp}, {counted(by_hcp)} FROM triggers t WHERE {WINDOW} GROUP BY {groups}",
        f"WITH m AS ({middle}) SELECT {own}{patient}, {counted(by_patient)}, max(m.middle) FROM triggers t JOIN m {same} WHERE {WINDOW} GROUP BY {groups}",
        f"SELECT {own.replace('t.', 'e.')}{event}, {hits}, count(*) {_preceded(by)} GROUP BY {groups}",
    ]


def _preceded(by: bool) -> str:
    key, join = (", brand", " AND f.brand = e.brand") if by else ("", "")
    return (
        f"FROM treatment_events e LEFT JOIN (SELECT patient_id{key}, min(trigger_timestamp) AS first "
        f"FROM triggers GROUP BY patient_id{key}) f ON f.patient_id = e.patient_id{join} WHERE {EVENTS}"
    )

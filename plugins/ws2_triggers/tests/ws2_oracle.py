"""The eight trigger KPIs in plain pandas, written from the semantics page and nothing else."""

from __future__ import annotations

import datetime as dt

import pandas as pd

DAY = dt.timedelta(days=1)


def naive(instant: dt.datetime) -> dt.datetime:
    return instant.replace(tzinfo=None)


def in_window(times: pd.Series, as_of: dt.datetime, days: int = 30) -> pd.Series:
    end = naive(as_of)
    return times.notna() & (times >= end - days * DAY) & (times < end)


def share(hits: pd.Series, base: pd.Series) -> tuple[float | None, int, int]:
    d, n = int(base.sum()), int((hits & base).sum())
    return (n / d if d else None), n, d


def values(
    triggers: pd.DataFrame, events: pd.DataFrame, as_of: dt.datetime, brand: str | None = None
) -> dict[str, float | None]:
    """KPI id -> value, over the 30 days before ``as_of``, or 31 days before that (outcomes)."""
    t = triggers.copy()
    e = events.copy()
    t["at"] = pd.to_datetime(t["trigger_timestamp"])
    e["day"] = pd.to_datetime(e["event_date"])
    if brand is not None:
        t = t[t["brand"] == brand]
        e = e[e["brand"] == brand]
    w = t[in_window(t["at"], as_of)]
    flag = {
        name: [None if pd.isna(x) else bool(x) for x in w[name]]
        for name in (
            "control_group_flag",
            "false_positive_flag",
            "change_failed",
        )
    }

    def is_(name: str, wanted: bool) -> pd.Series:
        return pd.Series([x is wanted for x in flag[name]], index=w.index, dtype=bool)

    old = t[in_window(t["at"], as_of - 31 * DAY)]
    is_tracked = [pd.notna(x) and bool(x) for x in old["outcome_tracked"]]
    tracked = pd.Series(is_tracked, old.index, dtype=bool) & old["outcome_value"].notna()
    values_of = [pd.notna(x) and x > 0 for x in old["outcome_value"]]
    positive = pd.Series(values_of, old.index, dtype=bool)
    found: dict[str, float | None] = {"WS2-TR-001": share(positive, tracked)[0]}

    before = t[t["at"] < pd.Timestamp(naive(as_of))]
    seen = set(zip(before["patient_id"], before["at"].dt.normalize(), strict=True))
    outcomes = e[
        in_window(e["day"], as_of)
        & e["event_type"].isin(["prescription", "conversion"])
        & e["patient_id"].notna()
    ]
    hits = 0
    for patient, day in zip(outcomes["patient_id"], outcomes["day"], strict=True):
        hits += any(who == patient and when <= day for who, when in seen if pd.notna(when))
    found["WS2-TR-002"] = hits / len(outcomes) if len(outcomes) else None

    acted = pd.Series([pd.notna(x) and x != "" for x in w["action_taken"]], w.index, dtype=bool)
    treated, control = is_("control_group_flag", False), is_("control_group_flag", True)
    rate1, rate0 = share(acted, treated)[0], share(acted, control)[0]
    found["WS2-TR-003"] = None if rate1 is None or not rate0 else (rate1 - rate0) / rate0

    delivered = w["acceptance_status"].notna()
    found["WS2-TR-004"] = share(w["acceptance_status"] == "accepted", delivered)[0]
    found["WS2-TR-006"] = share(w["acceptance_status"] == "overridden", delivered)[0]
    known = is_("false_positive_flag", True) | is_("false_positive_flag", False)
    found["WS2-TR-005"] = share(is_("false_positive_flag", True), known)[0]
    lead = old["lead_time_days"].dropna().astype(float)
    found["WS2-TR-007"] = float(lead.median()) if len(lead) else None
    changed = w["previous_trigger_id"].notna()
    judged = changed & (is_("change_failed", True) | is_("change_failed", False))
    found["WS2-TR-008"] = share(is_("change_failed", True), judged)[0]
    return found

"""The dictionary and the values as files: the school's columns, keys, order and rounding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kpisdk import Kpi, Problem, ProblemsError, dictionary_of
from kpisdk.reporting import csv_text
from kpisdk_edu_dkt.koryxa.evidence import GUARDRAIL, PRINCIPAL, Evidence
from kpisdk_edu_dkt.koryxa.kpis import KPIS

FEWEST_ROWS = 6
LANGUAGE = "fr"


def dictionary_csv(kpis: Sequence[Kpi] = KPIS) -> bytes:
    """The dictionary in French, one row a KPI, checked before it is written.

    Raises:
        ProblemsError: fewer than six rows.
        KpisdkError: an empty field, a name that is not one, a guardrail that does not exist.
    """
    rows = dictionary_of(kpis, kpis, LANGUAGE)
    if len(rows) < FEWEST_ROWS:
        what = f"has {len(rows)} rows, and the school asks for {FEWEST_ROWS} at least"
        raise ProblemsError("The KORYXA dictionary", [Problem("rows", what)])
    names = list(rows[0])
    # an absent text is an empty field, as the school's own file has it, and not a quoted one
    lines = ([row[name] or None for name in names] for row in rows)
    return csv_text([names, *lines], end="\n").encode()


def values_json(evidence: Evidence) -> bytes:
    """The values: two KPIs with their counts under the school's keys, the others under ``more``."""
    document: dict[str, Any] = {
        "dataset": evidence.dataset,
        "enrolled_users": evidence.count(PRINCIPAL, "denominator"),
        "validated_users": evidence.count(PRINCIPAL, "numerator"),
        "completion_rate_m1": evidence.rounded(PRINCIPAL),
        "support_tickets": evidence.count(GUARDRAIL, "numerator"),
        "support_ticket_rate": evidence.rounded(GUARDRAIL),
        "more": {
            kpi.slug: evidence.rounded(kpi.id)
            for kpi in KPIS
            if kpi.id not in (PRINCIPAL, GUARDRAIL)
        },
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2).encode()

"""Writes where the KPIs differ from their reference, and why, from ``differences.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from wording import table

from kpisdk.errors import listed

FACTS = Path(__file__).with_name("differences.toml")
EVERY = "all"
"""What stands for every KPI."""


def groups() -> list[dict[str, Any]]:
    """The groups of differences, in the order of the page."""
    found: list[dict[str, Any]] = tomllib.loads(FACTS.read_text(encoding="utf-8"))["group"]
    return found


def page() -> str:
    """A section for each group, a row for each difference."""
    return "\n\n".join(map(_section, groups()))


def _section(group: dict[str, Any]) -> str:
    text = f"{group['text']}\n\n" if "text" in group else ""
    rows = [
        (_whose(each), f"{each['reference']}{_columns(each)}", each["here"], each["why"])
        for each in group["difference"]
    ]
    head = ("KPIs", "The reference", "kpisdk", "Why")
    return f"## {group['title']}\n\n{text}{table(head, rows)}"


def _whose(difference: dict[str, Any]) -> str:
    kpis = difference["kpis"]
    return kpis if kpis == EVERY else listed(kpis)


def _columns(difference: dict[str, Any]) -> str:
    columns = [f"`{column}`" for column in difference.get("columns", ())]
    return f" ({', '.join(columns)})" if columns else ""

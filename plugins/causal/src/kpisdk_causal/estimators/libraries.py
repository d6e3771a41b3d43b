"""The library that each KPI's reference names first; which one answers is the router's choice."""

from __future__ import annotations

from collections.abc import Mapping

PRIMARY_LIBRARIES: Mapping[str, str] = {
    "CM-001": "DoWhy",
    "CM-002": "EconML",
    "CM-003": "DoWhy",
    "CM-004": "EconML",
    "CM-005": "DoWhy",
}
"""By KPI: DoWhy cross-checks CM-001, EconML has the forest of CM-002, DoWhy validates the
paths of CM-003. A result names it (``primary_library``) beside the library that answered."""

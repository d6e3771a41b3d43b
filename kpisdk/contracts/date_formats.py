"""Formats of days and instants: their directives, and the texts that are written exactly so."""

from __future__ import annotations

import re

EXCEL = "excel"
"""Days since Excel's beginning of 1900, its leap day that never was included."""

EXCEL_1904 = "excel-1904"
"""Days since 1904-01-01, as workbooks of old Macs count them."""

SERIALS = (EXCEL, EXCEL_1904)

_DIRECTIVES = {
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "m": r"\d{1,2}",
    "d": r"\d{1,2}",
    "H": r"\d{1,2}",
    "I": r"\d{1,2}",
    "M": r"\d{2}",
    "S": r"\d{2}",
    "f": r"\d{1,6}",
    "p": "[AaPp][Mm]",
    "b": "[A-Za-z]{3}",
    "B": "[A-Za-z]{3,9}",
    "z": r"(?:[Zz]|[+-]\d{2}:?\d{2})",
}
"""What may stand for each directive; engines take a year of two digits for one of four."""


def pattern_of(form: str) -> str:
    """A regular expression of the texts that are written as a format says."""
    parts = []
    for directive, literal in re.findall(r"%(.)|([^%]+)", form):
        parts.append(_DIRECTIVES[directive] if directive else re.escape(literal))
    return "".join(parts)


def fault_of(form: str) -> str | None:
    """Why a text is no format of days or instants; ``None``: it is one."""
    if form in SERIALS:
        return None
    found = [directive for directive, _ in re.findall(r"%(.?)|([^%]+)", form) if directive]
    if "%" in re.sub(r"%.", "", form) or not found:
        return "is no format; write one such as %d.%m.%Y, or excel"
    unknown = sorted({each for each in found if each not in _DIRECTIVES})
    if unknown:
        known = ", ".join(f"%{each}" for each in _DIRECTIVES)
        return f"holds %{unknown[0]}, which is not read; known are {known}"
    names = set(found)
    rules = (
        (len(found) == len(names), "names a part of the date twice"),
        (
            len(names & set("Yy")) == 1 and len(names & set("mbB")) == 1 and "d" in names,
            "must hold a year (%Y or %y), a month (%m, %b or %B) and a day (%d), each once",
        ),
        (
            ("I" in names) == ("p" in names) and not names >= set("HI"),
            "has a clock of 12 hours as %I with %p, and one of 24 hours as %H",
        ),
        ("M" not in names or names & set("HI"), "holds minutes without hours"),
        ("S" not in names or "M" in names, "holds seconds without minutes"),
        ("f" not in names or "S" in names, "holds fractions of seconds without seconds"),
    )
    return next((what for holds, what in rules if not holds), None)

"""The end of a file, where exports put what is no row: totals, and lines without a value."""

from __future__ import annotations

from collections.abc import Iterable

_TOTALS = frozenset(
    (
        *("total", "totals", "grand total", "subtotal", "sum", "overall total"),
        *("summe", "gesamt", "gesamtsumme", "gesamtergebnis", "zwischensumme", "insgesamt"),
        *("total général", "total general", "totaux", "somme", "sous-total", "total géneral"),
        *("totale", "somma", "totaal", "suma", "totales", "ergebnis", "endsumme"),
    )
)
"""What programs and people write before totals, in English, German, French and neighbours."""


def looks_like_totals(cells: Iterable[str]) -> bool:
    """Whether the first cell that holds anything is a word for totals."""
    first = next((text for cell in cells if (text := cell.strip().casefold())), "")
    return first.rstrip(" :*").strip() in _TOTALS

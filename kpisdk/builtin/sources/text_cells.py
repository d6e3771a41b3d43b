"""Text cells as values of a declared type, in DuckDB's SQL: read strictly, or an error of ours.

DuckDB's own casts round a fraction to a whole number, read ``1_000`` and ``0x1A``, and take
``1e400`` for infinity; none of this is what the cell says. What a cell cannot be read as raises an
error that begins with :data:`MARK` and names table, column, type, the cell as it is read, and the
cell as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from kpisdk.builtin.sources.typed_views import DUCKDB_TYPES, quoted, text
from kpisdk.builtin.sources.unreadable_columns import SEPARATOR, refusal
from kpisdk.builtin.sources.written_cells import WrittenCells
from kpisdk.contracts.text_formats import TableFormat
from kpisdk.contracts.vocabulary import LogicalType

MARK = "kpisdk-cell"
"""How the error of a cell begins."""

WHOLE = r"\s*[+-]?[0-9]+(\.0*)?\s*"
"""A whole number, blanks around it allowed."""

NUMBER = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"
"""A finite number as it may be written."""

_INFINITE = r"(?i)\s*[+-]?(inf|infinity|nan)\s*"
_BLANK = r"[\s\x{a0}\x{202f}]*"
_BLANK_OR_NAN = r"(?i)[\s\x{a0}\x{202f}]*([+-]?nan)?\s*"
_PLAIN_DAYS = ("____-__-__",)
_PLAIN_INSTANTS = ("____-__-__T__:__:__Z", "____-__-__ __:__:__", "____-__-__T__:__:__")
_INSTANT = (
    r"(?i)\s*(\d{4}[-/]\d{1,2}[-/]\d{1,2}"
    r"([T ]\d{1,2}:\d\d(:\d\d(\.\d+)?)? ?(Z|[+-](0\d|1[0-4])(:?\d\d)?|[a-z_]+(/[a-z_+-]+)*)?)?"
    r"|[+-]?infinity)\s*"
)
"""A day or an instant, its year first and in four digits; "01/02/25" is of the year 1 to DuckDB."""
_NO_SECONDS = r"([T ]\d{1,2}:\d\d) ?(Z|[+-]\d\d(:?\d\d)?)$"


@attrs.frozen
class TextCells:
    """The cells of one table; ``widths`` holds what whole numbers of a column are read as.

    They are read as BIGINT until a cell shows that the column holds longer ones (HUGEINT) or
    fractions (DOUBLE). ``how`` says how they are written, and ``has_points``, ``is_sheet`` and
    ``is_1904`` are those of :class:`~kpisdk.builtin.sources.written_cells.WrittenCells`.
    """

    table: str
    widths: Mapping[str, str] = attrs.field(factory=dict)
    how: TableFormat = attrs.field(factory=TableFormat)
    has_points: bool = False
    is_sheet: bool = False
    is_1904: bool = False

    def type_of(self, column: str, declared: LogicalType | None) -> str:
        """DuckDB's type of a column as it is read."""
        if declared is LogicalType.INT:
            return self.widths.get(column, "BIGINT")
        if declared is LogicalType.TIMESTAMP:
            return "TIMESTAMPTZ"
        return DUCKDB_TYPES[declared or LogicalType.TEXT]

    def value(self, cell: str, column: str, declared: LogicalType | None) -> str:
        """An expression that reads ``cell`` (a name in SQL) as ``column`` is declared."""
        how = self.how.of(column)
        written = WrittenCells(how, declared, self.has_points, self.is_sheet, self.is_1904)
        cell = written.given(cell)
        type_ = self.type_of(column, declared)
        if declared is None or declared in (LogicalType.TEXT, LogicalType.JSON):
            if not self.is_sheet:
                return cell
            fault = self._fault(cell, "''", column, declared, type_)
            return f"coalesce({written.plain(cell)}, CASE WHEN {cell} IS NOT NULL THEN {fault} END)"
        plain = written.plain(cell)
        fault = self._fault(cell, plain, column, declared, type_)
        value = self._read(written, cell, plain, type_)
        if declared is LogicalType.INT and type_ == "DOUBLE":
            value = f"CASE WHEN {_inexact(plain)} THEN {fault} ELSE {value} END"
        blank = _BLANK_OR_NAN if declared.is_numeric else _BLANK
        missing = f"regexp_full_match({cell}, {text(blank)})"
        return f"coalesce({value}, CASE WHEN NOT {missing} THEN {fault} END)"

    def _read(self, written: WrittenCells, cell: str, plain: str, type_: str) -> str:
        reading = _READINGS[type_]
        instant = written.instant(cell)
        if instant is None or not (written.declared and written.declared.is_temporal):
            return reading(plain, type_)
        if not self.is_sheet:
            return f"CAST({instant} AS {type_})"
        own = f"CASE WHEN {written.is_day_value(cell)} THEN substr({cell}, 3) END"
        return f"coalesce({reading(f'({own})', type_)}, CAST({instant} AS {type_}))"

    def _fault(
        self, cell: str, plain: str, column: str, declared: LogicalType | None, type_: str
    ) -> str:
        """An expression that raises, and says which cell of which column."""
        where = SEPARATOR.join((MARK, self.table, column, str(declared or LogicalType.TEXT), ""))
        said = f"{text(where)} || coalesce({plain}, '') || {text(SEPARATOR)} || {cell}"
        return f"CAST(error({said}) AS {type_})"

    def refused(self, column: str, declared: LogicalType | None, why: str) -> str:
        """An expression that raises as soon as it is read: unread, such a column does no harm."""
        return refusal(why, self.type_of(column, declared))

    def named(self, expression: str, column: str) -> str:
        """An expression under the name of its column."""
        return f"{expression} AS {quoted(column)}"


def _whole(cell: str, type_: str) -> str:
    written = f"regexp_full_match({cell}, {text(WHOLE)})"
    return f"CASE WHEN {written} THEN TRY_CAST({cell} AS {type_}) END"


def _number(cell: str, _: str) -> str:
    # DuckDB's cast takes what NUMBER describes, "1_0", "+-1", and infinity for what is too large.
    read = f"TRY_CAST({cell} AS DOUBLE)"
    return (
        f"CASE WHEN isfinite({read}) AND NOT contains({cell}, '_') "
        f"AND NOT contains({cell}, '+-') THEN {read} "
        f"WHEN regexp_full_match({cell}, {text(_INFINITE)}) THEN {read} END"
    )


def _inexact(cell: str) -> str:
    """Whether a whole number, an id perhaps, would become another one as a double."""
    return (
        f"length({cell}) > 15 AND regexp_full_match({cell}, {text(WHOLE)}) AND "
        f"TRY_CAST({cell} AS HUGEINT) IS DISTINCT FROM "
        f"TRY_CAST(TRY_CAST({cell} AS DOUBLE) AS HUGEINT)"
    )


def _flag(cell: str, _: str) -> str:
    return f"TRY_CAST(trim({cell}, ' \t\r\n') AS BOOLEAN)"


def _instant(cell: str, _: str) -> str:
    """DuckDB's own reading of CSV guesses the order of day and month, or drops offsets.

    A cast does neither, and takes a text without an offset in the session's zone, which is UTC. It
    wants seconds before an offset.
    """
    whole = rf"regexp_replace({cell}, {text('(?i)' + _NO_SECONDS)}, '\1:00\2')"
    return (
        f"coalesce({_plain(cell, _PLAIN_INSTANTS, 'TIMESTAMPTZ')}, "
        f"CASE WHEN regexp_full_match({cell}, {text(_INSTANT)}) THEN coalesce("
        f"TRY_CAST(trim({cell}) AS TIMESTAMPTZ), "
        f"TRY_CAST(upper(trim({whole})) AS TIMESTAMPTZ)) END)"
    )


def _day(cell: str, type_: str) -> str:
    return f"coalesce({_plain(cell, _PLAIN_DAYS, 'DATE')}, CAST({_instant(cell, type_)} AS DATE))"


def _plain(cell: str, patterns: tuple[str, ...], type_: str) -> str:
    """What nearly all cells are is told several times faster than by a regular expression.

    A cast refuses what is no digit in these places; what begins with a blank or a sign, which it
    would take for part of the year, comes before "0".
    """
    alike = " OR ".join(f"{cell} LIKE {text(pattern)}" for pattern in patterns)
    return f"CASE WHEN {cell} >= '0' AND ({alike}) THEN TRY_CAST({cell} AS {type_}) END"


_READINGS: Mapping[str, Callable[[str, str], str]] = {
    "BIGINT": _whole,
    "HUGEINT": _whole,
    "DOUBLE": _number,
    "BOOLEAN": _flag,
    "DATE": _day,
    "TIMESTAMPTZ": _instant,
}
"""How a text is read as each of DuckDB's types."""

"""How the texts of a column seem to be written: the one way that fits all, or none.

Nothing is taken from a part of the cells: a format is proposed where every cell fits it and no
other one does. What two formats fit is left open, for its reader to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs

from kpisdk.contracts.date_formats import pattern_of
from kpisdk.contracts.text_formats import ColumnFormat
from kpisdk.contracts.vocabulary import LogicalType

_NULLS = ("null", "n/a", "na", "k.a.", "k. a.", "-", "--", "(null)", "none", "#n/v", "nil", "\\n")
_TRUE = ("wahr", "ja", "vrai", "oui", "x", "on", "yes")
_FALSE = ("falsch", "nein", "faux", "non", "off", "no")
_READ_ANYWAY = ("true", "false", "t", "f", "1", "0", "yes", "no", "y", "n")
_SIGNS = re.compile(r"^[^\d\s.,'’%+-]{1,4}\s*|\s*[^\d\s.,'’%+-]{1,4}$")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
_BLANKS = " \u00a0\u202f"
_MARKS = tuple(
    (decimal, mark, re.compile(rf"[+-]?([1-9]\d{{0,2}}([{between}]\d{{3}})+|\d+)(\{decimal}\d*)?"))
    for decimal, mark, between in (
        (",", ".", "."),
        (",", " ", _BLANKS),
        (",", "'", "'’"),
        (".", ",", ","),
        (".", " ", _BLANKS),
        (".", "'", "'’"),
    )
)
_DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y")
_DAYS_TOO = ("%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
_FORMS = tuple(f"{day}{clock}" for day in (*_DAYS, *_DAYS_TOO) for clock in _CLOCKS)
_PATTERNS = {form: re.compile(pattern_of(form)) for form in _FORMS}
_DIGIT = re.compile(r"\d")
_READ_AS_IS = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d\d(:\d\d(\.\d+)?)? ?(Z|[+-]\d\d(:?\d\d)?)?)?"
)


@attrs.frozen
class Numbers:
    """What the texts of a column of numbers are: ``kinds`` are the marks that fit all of them.

    ``is_proven`` says that no other one does; ``is_plain`` that they need no setting.
    """

    kinds: tuple[tuple[str, str], ...]
    is_proven: bool
    is_plain: bool
    symbols: tuple[str, ...] = ()
    has_percent: bool = False


def nulls_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts that stand for a missing value."""
    return tuple(sorted({text for text in texts if text.strip().casefold() in _NULLS}))


def numbers(texts: Sequence[str]) -> Numbers | None:
    """How numbers are written; ``None``: some text is none in any way."""
    bare = [text.strip(" \t\u00a0\u202f") for text in texts]
    has_percent = any(text.endswith("%") for text in bare)
    bare = [text.removesuffix("%").rstrip() for text in bare]
    signs = {sign[0].strip() for text in bare if (sign := _SIGNS.search(text))}
    if signs:
        bare = [_SIGNS.sub("", text) for text in bare]
    symbols = tuple(sorted(signs))
    if not bare:
        return None
    if all(map(_PLAIN.fullmatch, bare)) and not all(
        _POINTS.fullmatch(text) or text.isdecimal() for text in bare if "." in text
    ):
        return Numbers(
            ((".", ""),), is_proven=True, is_plain=True, symbols=symbols, has_percent=has_percent
        )
    if all(map(_PLAIN.fullmatch, bare)) and not any("." in text for text in bare):
        return Numbers((), is_proven=False, is_plain=True, symbols=symbols, has_percent=has_percent)
    kinds = [(decimal, mark) for decimal, mark, form in _MARKS if all(map(form.fullmatch, bare))]
    kinds = [(decimal, _used(mark, bare, decimal)) for decimal, mark in kinds]
    if not kinds:
        return None
    is_proven = len({decimal for decimal, _ in kinds}) == 1
    kinds = list(dict.fromkeys(kinds))
    return Numbers(
        tuple(kinds), is_proven, is_plain=False, symbols=symbols, has_percent=has_percent
    )


def _used(mark: str, texts: Iterable[str], decimal: str) -> str:
    """The mark of thousands, where any text has it before its decimal mark."""
    signs = {"'": "'’", " ": _BLANKS}.get(mark, mark)
    return (
        mark if any(sign in text.partition(decimal)[0] for text in texts for sign in signs) else ""
    )


def date_forms(texts: Sequence[str]) -> tuple[tuple[str, ...], ...] | None:
    """The sets of formats that read all texts; none inside: no setting is needed; ``None``: none.

    Two sets differ in whether the day or the month comes first.
    """
    bare = [text.strip(" \t\u00a0\u202f") for text in texts]
    if not bare:
        return None
    if all(map(_READ_AS_IS.fullmatch, bare)):
        return ((),)
    distinct = sorted(set(bare))
    by_shape: dict[str, list[str]] = {}
    for text in distinct:
        by_shape.setdefault(_DIGIT.sub("0", text), []).append(text)
    reading = {
        form: {
            text
            for alike in by_shape.values()
            # Texts of one shape all match a pattern, or none does.
            if _PATTERNS[form].fullmatch(alike[0])
            for text in alike
            if _reads(text, form)
        }
        for form in _FORMS
    }
    found = []
    for is_other in (_month_first, _day_first):
        left, chosen = set(distinct), []
        for form in _FORMS:
            if not is_other(form) and reading[form] & left:
                chosen.append(form)
                left -= reading[form]
        if not left:
            found.append(tuple(chosen))
    return tuple(dict.fromkeys(found)) or None


def _month_first(form: str) -> bool:
    return form.startswith(("%m/", "%m-"))


def _day_first(form: str) -> bool:
    return form.startswith(("%d/", "%d-%m"))


def _reads(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007 - whether it is a day is all that is asked
    except ValueError:
        return False
    return True


def truth_words(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The words for true and for false beside those that are read anyway; ``None``: others too."""
    said = {text.strip().casefold() for text in texts}
    if not said or not said <= {*_TRUE, *_FALSE, *_READ_ANYWAY}:
        return None
    own = said - set(_READ_ANYWAY)
    return tuple(sorted(own & set(_TRUE))), tuple(sorted(own & set(_FALSE)))


def fits(texts: Sequence[str], declared: LogicalType) -> bool:
    """Whether all texts can be of a type, in some way of writing."""
    if declared.is_numeric:
        return numbers(texts) is not None
    if declared.is_temporal:
        return date_forms(texts) is not None or _are_serials(texts)
    return declared is not LogicalType.BOOL or truth_words(texts) is not None


def _are_serials(texts: Sequence[str]) -> bool:
    """Whether all could be days as Excel counts them, of 1982 to 2064."""
    return all(re.fullmatch(r"[3-5]\d{4}(\.\d+)?", text.strip()) for text in texts)


def column_format(
    texts: Sequence[str], declared: LogicalType, decimal: tuple[str, str] | None, order: str | None
) -> tuple[ColumnFormat, str | None]:
    """The format of a column, and what of it is left open.

    Args:
        texts: its cells, without those for missing values.
        declared: what it is read as.
        decimal: the marks that other columns of the file prove, decimal and thousands.
        order: ``day`` or ``month``, which other columns of the file prove to come first.
    """
    if declared is LogicalType.BOOL:
        said = truth_words(texts) or ((), ())
        return ColumnFormat(true=said[0], false=said[1]), None
    if declared.is_temporal:
        return _of_dates(texts, order)
    if not declared.is_numeric or (found := numbers(texts)) is None:
        return ColumnFormat(), None
    how = ColumnFormat(symbols=found.symbols)
    opened = None
    if found.has_percent:
        opened = "percent (whether 12 % is 0.12 or 12)"
    if found.is_plain:
        # A point is a decimal one here, whatever other columns of the file have.
        return (attrs.evolve(how, decimal=".") if found.is_proven else how), opened
    kinds = [each for each in found.kinds if decimal is None or each[0] == decimal[0]]
    if found.is_proven or (decimal is not None and kinds):
        marks: Any = (kinds or found.kinds)[0]
        return attrs.evolve(how, decimal=marks[0], thousands=marks[1] or None), opened
    return how, "decimal (whether 1.234 is a thousand)"


def _of_dates(texts: Sequence[str], order: str | None) -> tuple[ColumnFormat, str | None]:
    found = date_forms(texts)
    if found is None:
        if texts and _are_serials(texts):
            return ColumnFormat(), 'dates (whether 45321 counts days as Excel does: "excel")'
        return ColumnFormat(), None
    if len(found) == 2 and order is not None:
        is_other = _month_first if order == "day" else _day_first
        found = tuple(each for each in found if not any(map(is_other, each)))
    if len(found) == 1:
        return ColumnFormat(dates=found[0]), None
    return ColumnFormat(), "dates (which of day and month is first)"


def proven_order(texts: Sequence[str]) -> str | None:
    """Whether a column proves that days or months come first."""
    found = date_forms(texts)
    if found is None or len(found) != 1:
        return None
    forms = found[0]
    if any(map(_day_first, forms)):
        return "day"
    return "month" if any(map(_month_first, forms)) else None

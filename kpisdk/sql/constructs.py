"""What engines word differently: functions of the project's own, each with its meaning.

Each engine's words for them are a table of :mod:`kpisdk.sql.dialects`.
"""

from __future__ import annotations

import sqlalchemy as sa

from kpisdk.sql.rendering import Construct
from kpisdk.sql.types import Day, Instant

# --- over the rows of a group ---------------------------------------------------------------------


class CountIf(Construct):
    """The number of rows for which a predicate is true."""

    type = sa.BigInteger()


class AnyTrue(Construct):
    """Whether a predicate is true for any row of a group."""

    type = sa.Boolean()


class Sum(Construct):
    """The sum, in double precision or wider: it neither wraps nor overflows at 64 bits."""

    type = sa.Double()


class Mean(Construct):
    """The arithmetic mean, in double precision or wider."""

    type = sa.Double()


class Quantile(Construct):
    """Continuous quantile of the first argument at the level of the second, as a double."""

    type = sa.Double()


class Rank(Construct):
    """Discrete quantile: the value of the row at rank ``ceil(level * n)``."""

    type = sa.Double()


class Variance(Construct):
    """Sample variance, divisor n - 1; no finite number where a value is none.

    An engine may need more than one aggregate for it, so that no FILTER can follow it.
    """

    type = sa.Double()


# --- JSON documents: junk is NULL and never an error ----------------------------------------------


class JsonNumber(Construct):
    """The number at a path (the further arguments, one per key) of a JSON document, or NULL.

    The last of two equal keys counts; a number that no double holds (``1e999``) is NULL.
    """

    type = sa.Double()


class CanonicalJson(Construct):
    """A JSON document in a form that equal documents share; junk becomes NULL.

    Keys in any order, spaces and the spelling of numbers (1.0 is 1) make no difference; the last of
    two equal keys counts.
    """

    type = sa.Text()


class JsonKind(Construct):
    """What a JSON document is, in one word; NULL where there is no document.

    ``junk`` (no JSON at all), ``null``, ``empty`` (``{}`` or ``[]``), ``object``, ``array`` or
    ``scalar``.
    """

    type = sa.Text()


# --- columns as an engine stores them, made to hold what their types say --------------------------


class Finite(Construct):
    """A number column without its not-a-numbers, which count as missing everywhere."""

    type = sa.Double()


class ExactText(Construct):
    """A text that compares by code point, whatever collation or padding its column declares."""

    type = sa.Text()


class UtcColumn(Construct):
    """A column of instants with a zone. Sessions run in UTC; a view says so itself."""

    type = Instant()


class CheckedNumber(Construct):
    """Loosely typed engines: a number column whose texts are refused, and not read as zero."""

    type = sa.Double()


class CheckedFlag(Construct):
    """Loosely typed engines: a bool column in which anything but 0 and 1 is refused."""

    type = sa.Boolean()


class CheckedText(Construct):
    """Loosely typed engines: a column without a type, of which anything but text is refused."""

    type = sa.Text()


class CheckedInstant(Construct):
    """Loosely typed engines: an instant in one form, whatever form it is stored in."""

    type = Instant()


class CheckedDay(Construct):
    """Loosely typed engines: a day in one form, from a day or an instant."""

    type = Day()


# --- texts, whatever the locale -------------------------------------------------------------------


class AsciiLower(Construct):
    """Text with its ASCII capitals in lower case."""

    type = sa.Text()


class Contains(Construct):
    """Whether the first text contains the second, exactly."""

    type = sa.Boolean()


class ByteOrder(Construct):
    """A text that sorts by its bytes (by code points, then)."""

    type = sa.Text()


class UnitBucket(Construct):
    """Into which of so many buckets (the second argument, at most 2 ** 32) a value falls.

    They are numbered from 0 on. Equal values fall into the same one, and unequal ones as if by
    chance. By which hash is the engine's choice: the same rows may fall otherwise on another one.
    """

    type = sa.BigInteger()


# --- instants and days ----------------------------------------------------------------------------


class AsInstant(Construct):
    """A day as its midnight, UTC."""

    type = Instant()


class AsDay(Construct):
    """The calendar day of an instant, UTC."""

    type = Day()


class DaysBetween(Construct):
    """Days from the first instant to the second, with fractions."""

    type = sa.Double()


class Bucket(Construct):
    """The first day of the calendar bucket (second argument, a constant) of an instant."""

    type = Day()


class AddDays(Construct):
    """A day so many days later."""

    type = Day()

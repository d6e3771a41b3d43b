"""What engines word differently: functions of the project's own, each with its meaning.

Each engine's words for them are a table of :mod:`kpisdk.sql.dialects`. They inherit SQLAlchemy's
statement cache.
"""

from __future__ import annotations

import sqlalchemy as sa

from kpisdk.sql.rendering import Construct
from kpisdk.sql.types import Day, Instant

# --- over the rows of a group ---------------------------------------------------------------------


class CountIf(Construct):
    """The number of rows for which a predicate is true."""

    name = "kpisdk_count_if"
    type = sa.BigInteger()
    inherit_cache = True


class AnyTrue(Construct):
    """Whether a predicate is true for any row of a group."""

    name = "kpisdk_any_true"
    type = sa.Boolean()
    inherit_cache = True


class Sum(Construct):
    """The sum, in double precision or wider: it neither wraps nor overflows at 64 bits."""

    name = "kpisdk_sum"
    type = sa.Double()
    inherit_cache = True


class Mean(Construct):
    """The arithmetic mean, in double precision or wider."""

    name = "kpisdk_mean"
    type = sa.Double()
    inherit_cache = True


class Quantile(Construct):
    """Continuous quantile of the first argument at the level of the second, as a double."""

    name = "kpisdk_quantile"
    type = sa.Double()
    inherit_cache = True


class Rank(Construct):
    """Discrete quantile: the value of the row at rank ``ceil(level * n)``."""

    name = "kpisdk_rank"
    type = sa.Double()
    inherit_cache = True


class Variance(Construct):
    """Sample variance, divisor n - 1; no finite number where a value is none.

    An engine may need more than one aggregate for it, so that no FILTER can follow it.
    """

    name = "kpisdk_variance"
    type = sa.Double()
    inherit_cache = True


# --- JSON documents: junk is NULL and never an error ----------------------------------------------


class JsonNumber(Construct):
    """The number at a path (the further arguments, one per key) of a JSON document, or NULL.

    The last of two equal keys counts; a number that no double holds (``1e999``) is NULL.
    """

    name = "kpisdk_json_number"
    type = sa.Double()
    inherit_cache = True


class CanonicalJson(Construct):
    """A JSON document in a form that equal documents share; junk becomes NULL.

    Keys in any order, spaces and the spelling of numbers (1.0 is 1) make no difference; the last of
    two equal keys counts.
    """

    name = "kpisdk_canonical_json"
    type = sa.Text()
    inherit_cache = True


class JsonKind(Construct):
    """What a JSON document is, in one word; NULL where there is no document.

    ``junk`` (no JSON at all), ``null``, ``empty`` (``{}`` or ``[]``), ``object``, ``array`` or
    ``scalar``.
    """

    name = "kpisdk_json_kind"
    type = sa.Text()
    inherit_cache = True


# --- columns as an engine stores them, made to hold what their types say --------------------------


class Finite(Construct):
    """A number column without its not-a-numbers, which count as missing everywhere."""

    name = "kpisdk_finite"
    type = sa.Double()
    inherit_cache = True


class ExactText(Construct):
    """A text that compares by code point, whatever collation or padding its column declares."""

    name = "kpisdk_exact_text"
    type = sa.Text()
    inherit_cache = True


class UtcColumn(Construct):
    """A column of instants with a zone. Sessions run in UTC; a view says so itself."""

    name = "kpisdk_utc"
    type = Instant()
    inherit_cache = True


class CheckedNumber(Construct):
    """Loosely typed engines: a number column whose texts are refused, and not read as zero."""

    name = "kpisdk_number"
    type = sa.Double()
    inherit_cache = True


class CheckedFlag(Construct):
    """Loosely typed engines: a bool column in which anything but 0 and 1 is refused."""

    name = "kpisdk_flag"
    type = sa.Boolean()
    inherit_cache = True


class CheckedText(Construct):
    """Loosely typed engines: a column without a type, of which anything but text is refused."""

    name = "kpisdk_text"
    type = sa.Text()
    inherit_cache = True


class CheckedInstant(Construct):
    """Loosely typed engines: an instant in one form, whatever form it is stored in."""

    name = "kpisdk_instant"
    type = Instant()
    inherit_cache = True


class CheckedDay(Construct):
    """Loosely typed engines: a day in one form, from a day or an instant."""

    name = "kpisdk_day"
    type = Day()
    inherit_cache = True


# --- texts, whatever the locale -------------------------------------------------------------------


class AsciiLower(Construct):
    """Text with its ASCII capitals in lower case."""

    name = "kpisdk_ascii_lower"
    type = sa.Text()
    inherit_cache = True


class Contains(Construct):
    """Whether the first text contains the second, exactly."""

    name = "kpisdk_contains"
    type = sa.Boolean()
    inherit_cache = True


class ByteOrder(Construct):
    """A text that sorts by its bytes (by code points, then)."""

    name = "kpisdk_byte_order"
    type = sa.Text()
    inherit_cache = True


class UnitBucket(Construct):
    """Into which of so many buckets (the second argument, at most 2 ** 32) a value falls.

    They are numbered from 0 on. Equal values fall into the same one, and unequal ones as if by
    chance. By which hash is the engine's choice: the same rows may fall otherwise on another one.
    """

    name = "kpisdk_unit_bucket"
    type = sa.BigInteger()
    inherit_cache = True


# --- instants and days ----------------------------------------------------------------------------


class AsInstant(Construct):
    """A day as its midnight, UTC."""

    name = "kpisdk_as_instant"
    type = Instant()
    inherit_cache = True


class AsDay(Construct):
    """The calendar day of an instant, UTC."""

    name = "kpisdk_as_day"
    type = Day()
    inherit_cache = True


class DaysBetween(Construct):
    """Days from the first instant to the second, with fractions."""

    name = "kpisdk_days_between"
    type = sa.Double()
    inherit_cache = True


class Bucket(Construct):
    """The first day of the calendar bucket (second argument, a constant) of an instant."""

    name = "kpisdk_bucket"
    type = Day()
    inherit_cache = True


class AddDays(Construct):
    """A day so many days later."""

    name = "kpisdk_add_days"
    type = Day()
    inherit_cache = True

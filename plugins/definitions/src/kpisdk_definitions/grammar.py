"""The shapes of a definition file, from a measure to the whole document.

Words that the records share (units, directions, types …) come from their enumerations.
"""

from __future__ import annotations

from enum import StrEnum

from kpisdk import (
    KPI_ID_PATTERN,
    NAME_PATTERN,
    CalculationType,
    Direction,
    Frequency,
    Grain,
    LogicalType,
    Reason,
    Status,
    Unit,
)
from kpisdk_definitions.nested_shapes import Either, Field, Fields, Items, Keyed, Variants
from kpisdk_definitions.shapes import Choice, Number, Scalar, Shape, Text, Truth


def _words(of: type[StrEnum], name: str) -> Choice:
    return Choice(words=tuple(each.value for each in of), name=name)


def _may(shape: Shape, about: str = "") -> Field:
    return Field(shape, about=about)


def _must(shape: Shape, about: str = "") -> Field:
    return Field(shape, required=True, about=about)


TEXT = Text()
NAMED = Text(pattern=NAME_PATTERN.pattern, form="snake case of at most 63 characters")
COLUMNS = Items(of=NAMED)
ID = Text(pattern=KPI_ID_PATTERN.pattern, form="a KPI id such as SHOP-001")
INSTANT = Text(about="A date or an instant: 2026-01-31, 2026-01-31T12:00Z.")
WINDOW = Text(about="A time range: last 30 days, 2026-Q1, mtd, newest day, all …")
PREDICATE = Text(about="A condition over the dataset's columns, in SQL: returned AND amount > 10.")
VALUE = Text(about="A value over the dataset's columns, in SQL: amount - discount.")
FILTER = Either(
    name="a value or a list of them",
    of=(Items(of=Scalar(missing=True), least=1), Scalar(missing=True)),
)

_UNITS = Fields(
    name="a unit",
    about="What rows depend on one another by; exactly one of the two.",
    one_of=("unit", "day"),
    fields={
        "unit": _may(NAMED, "A column: rows that share its value depend on one another."),
        "day": _may(NAMED, "A date or an instant: rows of one day depend on one another."),
    },
)
SAMPLING = Either(
    name="census, stored, row, or a table with unit or day",
    about="What the rows are a sample of, which is what intervals rest on.",
    of=(Choice(words=("census", "stored", "row"), name="a kind of sampling"), _UNITS),
)

_FROM = _must(NAMED, "The dataset whose rows count.")
_WHERE = _may(PREDICATE, "Only rows for which this is true.")
_ACROSS = _may(COLUMNS, "Slice columns that the measure does not follow: it is taken over all.")


def _aggregate(key: str, about: str, **more: Field) -> Fields:
    fields = {key: _must(VALUE), "from": _FROM, "where": _WHERE, **more}
    return Fields(name=f"a measure with {key}", about=about, fields=fields)


MEASURE = Variants(
    name="a measure",
    about="One aggregate over the rows of one dataset.",
    variants={
        "count": Fields(
            name="a measure with count",
            about="The number of rows.",
            fields={"count": _FROM, "where": _WHERE, "across": _ACROSS},
        ),
        "count_distinct": _aggregate(
            "count_distinct", "The number of distinct values.", across=_ACROSS
        ),
        "total": _aggregate("total", "The sum; absent where no row has a value.", across=_ACROSS),
        "mean": _aggregate("mean", "The arithmetic mean."),
        "median": _aggregate("median", "The median."),
        "quantile": _aggregate(
            "quantile",
            "A quantile, interpolated linearly between rows.",
            level=_must(Number(low=0, high=1), "The level, from 0 to 1, such as 0.95."),
        ),
        "variance": _aggregate("variance", "The sample variance (divisor n - 1)."),
        "minimum": _aggregate("minimum", "The least value."),
        "maximum": _aggregate("maximum", "The largest value."),
    },
)

_N = _may(MEASURE, "The measure that counts the rows behind the value.")
_ESTIMATED = {"value": _must(VALUE), "from": _FROM, "where": _WHERE}

METRICS: dict[str, Field] = {
    "simple": _may(MEASURE, "One measure as it is; it has no interval."),
    "ratio": _may(
        Fields(
            name="a ratio",
            about="numerator / denominator; two counts carry a 95 % Wilson interval.",
            fields={"numerator": _must(MEASURE), "denominator": _must(MEASURE), "n": _N},
        )
    ),
    "mean": _may(
        Fields(name="a mean", about="A mean with a 95 % t interval.", fields=_ESTIMATED),
    ),
    "median": _may(
        Fields(
            name="a median",
            about="A median with a 95 % order-statistic interval.",
            fields=_ESTIMATED,
        ),
    ),
    "lift": _may(
        Fields(
            name="a lift",
            about="(treated rate - control rate) / control rate, with a 95 % interval.",
            fields={
                "from": _FROM,
                "hit": _must(PREDICATE, "What a rate is the share of."),
                "treated": _must(PREDICATE, "The rows of the treated group."),
                "control": _must(PREDICATE, "The rows of the control group."),
            },
        )
    ),
    "difference": _may(
        Fields(
            name="a difference",
            about="left - right.",
            fields={"left": _must(MEASURE), "right": _must(MEASURE), "n": _N},
        )
    ),
    "arithmetic": _may(
        Fields(
            name="an arithmetic metric",
            about="Numbers of named measures, joined by + - * / abs and coalesce.",
            fields={
                "value": _must(Text(), "The value over the measures' names: (a - b) / a * 100."),
                "measures": _must(Keyed(of=MEASURE, keys=NAMED, least=1)),
                "n": _may(NAMED, "The measure that counts the rows behind the value."),
            },
        )
    ),
}
"""How a value is computed; each key is one kind of metric."""

OPTION = Fields(
    name="an option",
    about="One of several ways to a value.",
    one_of=tuple(METRICS),
    fields={
        "name": _must(TEXT, "What results call it in answered_by."),
        "window": _may(WINDOW, "Its default window, where it has one of its own."),
        "sampling": _may(SAMPLING, "What its rows are a sample of, where that is another."),
        **METRICS,
    },
)
FIRST_OF = Fields(
    name="first_of",
    about="The first option that yields a value.",
    fields={
        "options": _must(Items(of=OPTION, least=2)),
        "parameter": _may(NAMED, "The parameter that forces one option; by default source."),
        "tolerance": _may(Number(low=0), "Two options that differ by more are warned of."),
    },
)
CALCULATIONS: dict[str, Field] = {**METRICS, "first_of": _may(FIRST_OF)}

PARAMETER = Fields(
    name="a parameter",
    fields={
        "type": _must(_words(LogicalType, "a type")),
        "description": _may(TEXT),
        "default": _may(Scalar()),
        "choices": _may(Items(of=Scalar(), least=1)),
        "minimum": _may(Number()),
    },
)
THRESHOLDS = Fields(
    name="thresholds",
    about="Bounds in the KPI's unit, ordered along its direction.",
    fields={
        "target": _must(Number()),
        "warning": _must(Number()),
        "critical": _must(Number()),
    },
)
RANGE = Fields(
    name="a value range",
    about="Where the values can lie, both ends included; without one there is no bound.",
    fields={"low": _may(Number()), "high": _may(Number())},
)
REQUIRES = Fields(
    name="requires",
    about="A column that a request must filter or group by.",
    fields={
        "column": _must(NAMED),
        "otherwise": _may(Number(), "The value that holds without it; none by default."),
        "note": _may(Fields(name="a note", fields={"code": _must(NAMED), "message": _must(TEXT)})),
    },
)
GUARDRAIL = Either(
    name="a KPI id, or a table with kpi",
    of=(
        ID,
        Fields(
            name="a guardrail",
            fields={
                "kpi": _must(ID),
                "direction": _may(
                    _words(Direction, "a direction"), "The way it improves, if not its own."
                ),
                "segments": _may(COLUMNS, "Columns in whose groups both are looked at again."),
                "margin": _may(
                    Number(low=0),
                    "How much worse it may become, relative to itself; 0.1 without it.",
                ),
            },
        ),
    ),
)
GOVERNANCE = Fields(
    name="governance",
    about="Why the KPI exists, who answers for it and how it can be gamed.",
    fields={
        name: _may(TEXT)
        for name in (
            "objective",
            "numerator",
            "denominator",
            "granularity",
            "segment",
            "source",
            "owner",
            "guardrail",
            "gaming_risk",
            "controls",
        )
    },
)
TRANSLATED = Fields(
    name="a translation",
    about="Dictionary fields in another language.",
    fields={
        **{
            name: _may(TEXT)
            for name in ("name", "kpi_name", "definition", "formula", "unit", "refresh")
        },
        **GOVERNANCE.fields,
    },
)
_PARTS = {
    "column": _must(NAMED, "The view's column."),
    "factor": _may(Number(), "From the column to the KPI's unit; 1 by default."),
    "measures": _may(COLUMNS, "The metric's measures whose sum it holds."),
    "over": _may(COLUMNS, "The measures that the sum is divided by."),
}
VIEW = Fields(
    name="a view",
    about="A helper view's column that holds the KPI's headline.",
    fields={
        "view": _must(NAMED),
        **_PARTS,
        "beside": _may(
            Items(of=Fields(name="a figure", fields={**_PARTS, "window": _may(WINDOW)})),
            "Further columns.",
        ),
        "breakdowns": _may(
            Items(
                of=Fields(
                    name="a breakdown",
                    fields={
                        "columns": _may(COLUMNS),
                        "month": _may(NAMED, "A column for the first day of the month."),
                        "whole": _may(Truth(), "All rows up to now, instead of the window's."),
                    },
                )
            ),
            "Further rows.",
        ),
    },
)

_NUMBER = Either(
    name="a number, or a fraction such as 1/3",
    of=(
        Number(),
        Text(pattern=r"-?[0-9]{1,18}/[0-9]{0,17}[1-9][0-9]{0,17}", form="a fraction such as 1/3"),
    ),
)
EXPECTED: dict[str, Field] = {
    "value": _may(_NUMBER, "What comes out: a number, or a fraction such as 1/3."),
    "reason": _may(_words(Reason, "a reason"), "Why there is no value (or no status)."),
    "status": _may(_words(Status, "a status")),
    "interval": _may(Items(of=_NUMBER, least=2, most=2), "The two ends."),
    "numerator": _may(_NUMBER),
    "denominator": _may(_NUMBER),
    "n": _may(Number(whole=True, low=0)),
}
"""What one result of an example may be expected to be."""

EXAMPLE = Fields(
    name="an example",
    about="Rows in, results out: kpisdk test runs it on every engine.",
    fields={
        "name": _may(TEXT),
        "rows": _must(
            Keyed(of=Items(of=Keyed(of=Scalar(missing=True), keys=NAMED)), keys=NAMED),
            "Rows by dataset; a column that is not there is NULL, a dataset that is not is empty.",
        ),
        "as_of": _may(INSTANT, "The instant of the question; by default the newest row's."),
        "window": _may(WINDOW, "Instead of the KPI's own."),
        "where": _may(Keyed(of=FILTER, keys=NAMED), "Filters by column."),
        "by": _may(COLUMNS, "Columns to group by; then results holds what comes out."),
        "grain": _may(_words(Grain, "a grain"), "One result a calendar bucket."),
        "parameters": _may(Keyed(of=Scalar(), keys=NAMED)),
        "tolerance": _may(Number(above=0), "How far numbers may be off; 1e-9 by default."),
        **EXPECTED,
        "results": _may(
            Items(
                of=Fields(
                    name="a result",
                    fields={
                        "slice": _may(Keyed(of=Scalar(missing=True), keys=NAMED)),
                        "period": _may(TEXT, "The bucket, such as 2026-01."),
                        **EXPECTED,
                    },
                ),
                least=1,
            ),
            "Several results, each with its slice or period, instead of value, status …",
        ),
    },
)

KPI = Fields(
    name="a KPI",
    one_of=tuple(CALCULATIONS),
    fields={
        "id": _must(ID),
        "name": _must(TEXT),
        "workstream": _must(NAMED, "The family that the KPI belongs to."),
        "definition": _must(TEXT, "What it is, in a sentence."),
        "formula": _may(TEXT, "For readers; by default written from the metric."),
        "unit": _must(_words(Unit, "a unit")),
        "direction": _may(
            _words(Direction, "a direction"), "The way in which it improves; higher by default."
        ),
        "frequency": _may(
            _words(Frequency, "a frequency"), "How often it moves; daily by default."
        ),
        "calculation_type": _may(
            _words(CalculationType, "a calculation type"),
            "Whether one aggregate says the value, or several measures do together.",
        ),
        "primary_library": _may(TEXT, "The library that estimates it, where one does."),
        **CALCULATIONS,
        "thresholds": _may(THRESHOLDS),
        "value_range": _may(RANGE),
        "sampling": _may(SAMPLING),
        "window": _may(WINDOW, "The default window; without one there is no time filter."),
        "clock": _may(Truth(), "Whether as-of is the clock instead of the newest row."),
        "follow_up": _may(
            Number(whole=True, low=0),
            "Calendar days in which something can follow a row; the window lies so much earlier.",
        ),
        "extensive": _may(
            Truth(), "Whether it grows with window and population, if the metric does not tell."
        ),
        "base": _may(NAMED, "The dataset whose columns slice it, if not the first measure's."),
        "time_of": _may(NAMED, "The dataset whose time column windows refer to."),
        "dimensions": _may(COLUMNS, "The only columns that may slice it; by default all."),
        "requires": _may(REQUIRES),
        "refuses": _may(Keyed(of=TEXT, keys=NAMED), "Columns that may not slice it, and why."),
        "parameters": _may(Keyed(of=PARAMETER, keys=NAMED)),
        "guardrails": _may(Items(of=GUARDRAIL), "KPIs that must not get worse beside it."),
        "governance": _may(GOVERNANCE),
        "translations": _may(
            Keyed(of=TRANSLATED, keys=Text(pattern="[a-z]{2}(-[A-Z]{2})?", form="a language (fr)"))
        ),
        "view": _may(VIEW),
        "brand": _may(TEXT),
        "slug": _may(NAMED, "Its name in the dictionary; by default made from the name."),
        "version": _may(
            Either(name="text or a whole number", of=(TEXT, Number(whole=True))),
            "Changes when the author changes what the KPI means; 1 by default.",
        ),
        "examples": _may(Items(of=EXAMPLE)),
    },
)
DATASET = Fields(
    name="a dataset",
    about="A table as these KPIs read it.",
    fields={
        "columns": _must(
            Keyed(of=_words(LogicalType, "a type"), keys=NAMED, least=1), "Types by column."
        ),
        "time": _may(NAMED, "The column that windows apply to."),
        "key": _may(NAMED, "The column that tells rows apart."),
        "references": _may(
            Keyed(of=NAMED, keys=NAMED),
            "Columns that hold another dataset's key: its columns slice the KPIs too.",
        ),
    },
)
DOCUMENT = Fields(
    name="a definition file",
    about="KPIs without Python: the datasets that they read, and the KPIs.",
    fields={
        "$schema": _may(TEXT, "Where an editor finds this schema."),
        "datasets": _may(Keyed(of=DATASET, keys=NAMED)),
        "kpis": _may(Items(of=KPI)),
    },
)

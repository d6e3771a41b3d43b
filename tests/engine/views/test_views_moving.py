"""Moving instants: what stands for now in a view is now, to the day and to the microsecond."""

import datetime as dt

import pytest
import sqlalchemy as sa

from kpisdk import NewestDay, Trailing
from kpisdk.contracts.vocabulary import LogicalType
from kpisdk.sql.expression_sql import against_instant
from kpisdk.sql.moving import Moving
from kpisdk.sql.rendering import STANDALONE

ENGINES = ("duckdb", "sqlite", "postgresql")
MIDNIGHT = dt.datetime(2025, 6, 30)
OPERATORS = (">=", "<", ">", "<=")


@pytest.fixture
def ask(source_on):
    """``ask(engine, elements)``: the values of standalone elements, each in a plain connection."""

    def asked(engine, make):
        import pandas as pd

        location = source_on(engine, {"one": pd.DataFrame({"x": ["y"]})})
        made = sa.create_engine(location, poolclass=sa.pool.NullPool)
        how = {"literal_binds": True, STANDALONE: True}
        with made.connect() as connection:
            elements = [each.label(f"c{place}") for place, each in enumerate(make(engine))]
            text = str(sa.select(*elements).compile(dialect=made.dialect, compile_kwargs=how))
            plainly = connection.execution_options(no_parameters=True)
            row = plainly.exec_driver_sql(text).one()
        made.dispose()
        return tuple(row)

    return asked


def _fixed(engine, moment):
    """An origin that does not move: a literal instant in place of the engine's clock."""
    text = f"{moment:%Y-%m-%d %H:%M:%S.%f}"
    return sa.literal(text) if engine == "sqlite" else sa.cast(sa.literal(text), sa.DateTime())


def _day(engine, day):
    text = day.isoformat()
    return sa.literal(text) if engine == "sqlite" else sa.cast(sa.literal(text), sa.Date())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "after", [dt.timedelta(0), dt.timedelta(milliseconds=1), dt.timedelta(hours=9)]
)
def test_a_day_is_compared_as_its_midnight(ask, engine, after):
    """The days around a moving instant compare as their midnights do, on the day and beside it."""
    moment = MIDNIGHT + after
    days = [MIDNIGHT.date() + dt.timedelta(days=step) for step in (-1, 0, 1)]

    def make(dialect):
        moving = Moving.newest(_fixed(dialect, moment)) + dt.timedelta(0)
        return [
            sa.case(
                (against_instant(_day(dialect, day), LogicalType.DATE, operator, moving), 1),
                else_=0,
            )
            for operator in OPERATORS
            for day in days
        ]

    found = ask(engine, make)

    compare = {
        ">=": lambda day: day >= moment,
        "<": lambda day: day < moment,
        ">": lambda day: day > moment,
        "<=": lambda day: day <= moment,
    }
    midnights = [dt.datetime.combine(day, dt.time()) for day in days]
    assert found == tuple(int(compare[o](day)) for o in OPERATORS for day in midnights)


@pytest.mark.parametrize("engine", ENGINES)
def test_window_rules_move_with_their_instant(ask, engine):
    """A trailing window and the newest day have the bounds that they have for a fixed instant."""
    moment = dt.datetime(2025, 3, 1, 13, 14, 15, 123000)

    def make(dialect):
        moving = Moving.newest(_fixed(dialect, moment))
        windows = (Trailing(30).resolve(moving), NewestDay().resolve(moving))
        bounds = [bound for window in windows for bound in (window.start, window.end)]
        return [sa.cast(bound.point(LogicalType.TIMESTAMP), sa.Text()) for bound in bounds]

    found = [dt.datetime.fromisoformat(each) for each in ask(engine, make)]

    windows = (Trailing(30).resolve(moment), NewestDay().resolve(moment))
    expected = [bound for window in windows for bound in (window.start, window.end)]
    assert found == [bound.replace(tzinfo=None) for bound in expected]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_clock_is_that_of_the_engine_in_utc(ask, engine):
    """Whatever the zone of the session, and a tick later is later."""

    def make(_dialect):
        clock = Moving.clock()
        later = clock + dt.timedelta(microseconds=1)
        return [
            sa.cast(clock.point(LogicalType.TIMESTAMP), sa.Text()),
            sa.cast(later.point(LogicalType.TIMESTAMP), sa.Text()),
        ]

    before = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    clock, later = (dt.datetime.fromisoformat(each) for each in ask(engine, make))

    assert abs(clock - before) < dt.timedelta(minutes=10)
    assert later - clock == dt.timedelta(microseconds=1)


def test_a_moving_instant_compares_like_a_datetime():
    """Windows check their bounds: the ends of a moving one are in order, and have a zone."""
    window = Trailing(7).resolve(Moving.clock())

    assert window.start < window.end
    assert window.end - window.start == dt.timedelta(days=7)
    assert window.start.astimezone(dt.UTC) is window.start
    assert Moving.clock().replace(year=2024).year == 2024

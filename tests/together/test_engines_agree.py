"""Numbers, texts, types and names of tables mean the same on every database engine."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from kpisdk import (
    Column,
    Dataset,
    Kpi,
    LogicalType,
    Mean,
    Median,
    Ratio,
    Reference,
    Simple,
    Trailing,
    Workspace,
    count,
    count_distinct,
    hookimpl,
    maximum,
    quantile,
    total,
)
from kpisdk.settings import Settings, SourceSettings, TableMapping

ENGINES = ("duckdb", "sqlite", "postgresql", "postgresql_15")
KINDS = Dataset(
    "kinds", (Column("kind", LogicalType.TEXT, key=True), Column("label", LogicalType.TEXT))
)
SALES = Dataset(
    "sales",
    (
        Column("sale_id", LogicalType.TEXT, key=True),
        Column("sold_at", LogicalType.TIMESTAMP),
        Column("dec", LogicalType.FLOAT),
        Column("single", LogicalType.FLOAT),
        Column("tiny", LogicalType.INT),
        Column("small", LogicalType.INT),
        Column("big", LogicalType.INT),
        Column("code", LogicalType.TEXT),
        Column("kind", LogicalType.TEXT),
        Column("paid", LogicalType.BOOL),
        Column("day", LogicalType.DATE),
    ),
    time="sold_at",
    references=(Reference("kind", KINDS),),
)
AT = "'2025-06-20 10:00:00'"


class Bench:
    """A database to run statements in, and the KPIs' values on it."""

    def __init__(self, name: str, url: str) -> None:
        self.name, self.url = name, url
        self.dialect = sa.make_url(url).get_backend_name()

    def run(self, *statements: str) -> None:
        """Run statements, each committed."""
        engine = sa.create_engine(self.url, poolclass=sa.pool.NullPool)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    def type(self, **words: str) -> str:
        """The word of this engine."""
        return words[self.dialect]

    def results(self, calculation, *, tables=None, last=None, **request):
        """The results of a KPI over all rows."""
        kpi = Kpi(
            id="T-1",
            name="Test",
            workstream="test",
            definition="What the test says.",
            formula="the test's",
            calculation=calculation,
            unit="points",
            window=last,
        )
        plugin = type("Plugin", (), {"name": "test", "kpisdk_kpis": hookimpl(lambda _: [kpi])})()
        mapped = {name: TableMapping(table) for name, table in (tables or {}).items()}
        source = SourceSettings(url=self.url, tables=mapped)
        settings = Settings(sources={"crm": source})
        now = dt.datetime(2025, 6, 30, tzinfo=dt.UTC)
        workspace = Workspace(
            "crm", settings=settings, plugins=[plugin], cache="off", clock=lambda: now
        )
        return workspace.compute("T-1", **request)

    def value(self, calculation, **request):
        """The one value; why there is none, where there is none."""
        (result,) = self.results(calculation, **request)
        assert result.value is not None, result.message
        return result.value

    def slices(self, by, **request):
        """Number of rows by the values of a column."""
        found = self.results(Simple(count(SALES)), by=[by], **request)
        return {result.slice[by]: result.value for result in found}


@pytest.fixture(params=ENGINES)
def bench(request, tmp_path):
    """An empty database on each engine in turn."""
    from kpisdk.testing.databases import temporary_database

    if not request.param.startswith("postgresql"):
        yield Bench(request.param, f"{request.param}:///{tmp_path / 'data'}")
        return
    with temporary_database(request.getfixturevalue(f"{request.param}_server")) as url:
        yield Bench(request.param, url)


@pytest.fixture
def numbers(bench):
    """Two sales whose numbers are near the edges of their types."""
    types = {
        "dec": bench.type(duckdb="DECIMAL(20,0)", sqlite="DECIMAL", postgresql="NUMERIC(20,0)"),
        "single": "REAL",
        "tiny": bench.type(duckdb="UTINYINT", sqlite="TINYINT", postgresql="SMALLINT"),
        "small": "INTEGER",
        "big": "BIGINT",
    }
    columns = ", ".join(f"{name} {word}" for name, word in types.items())
    bench.run(
        f"CREATE TABLE sales (sale_id VARCHAR(9), sold_at TIMESTAMP, {columns})",
        f"INSERT INTO sales VALUES ('1', {AT}, 14, 0.1, 200, 50000, 9007199254740992), "
        f"('2', {AT}, 15, 0.2, 250, 60000, 9007199254740993)",
    )
    return bench


@pytest.mark.parametrize(
    ("calculation", "expected"),
    [
        (Median(SALES, SALES["dec"]), 14.5),
        (Simple(quantile(SALES, SALES["dec"], 0.95)), 14.95),
        (Median(SALES, SALES["single"]), 0.15),
        (Median(SALES, SALES["small"]), 55_000),
        (Simple(total(SALES, SALES["tiny"] * SALES["tiny"])), 200**2 + 250**2),
        (Simple(total(SALES, SALES["tiny"] + SALES["tiny"])), 900),
        (Simple(total(SALES, SALES["tiny"] - SALES["small"])), 450 - 110_000),
        (Simple(total(SALES, SALES["small"] * SALES["small"])), 50_000**2 + 60_000**2),
        (Simple(total(SALES, SALES["big"] * SALES["big"])), 2.0 * 2.0**106),
        (Simple(total(SALES, SALES["big"] * SALES["big"] * SALES["big"])), 2.0 * 2.0**159),
        (Simple(total(SALES, SALES["dec"] * SALES["dec"] * SALES["dec"])), 14**3 + 15**3),
        (Simple(maximum(SALES, SALES["small"] * SALES["tiny"])), 15_000_000),
        (Mean(SALES, SALES["tiny"]), 225),
        (Mean(SALES, SALES["dec"] / SALES["tiny"]), (14 / 200 + 15 / 250) / 2),
        (Simple(count(SALES, SALES["small"] * SALES["small"] > 2_500_000_000)), 1),
        (Simple(count_distinct(SALES, SALES["big"])), 2),
        (Simple(count_distinct(SALES, SALES["dec"])), 2),
    ],
    ids=str,
)
def test_numbers_are_computed_as_doubles_or_wider(numbers, calculation, expected):
    """Neither cut to a scale nor wrapped, and exact where nothing is computed."""
    assert numbers.value(calculation) == pytest.approx(expected, rel=1e-7)


def test_a_sum_goes_beyond_64_bits(numbers):
    """An engine's own sum of integers would be an error there, or wrap."""
    most = 2**63 - 1
    numbers.run(f"UPDATE sales SET big = {most}")

    assert numbers.value(Simple(total(SALES, SALES["big"]))) == pytest.approx(2.0 * most)
    assert numbers.value(Mean(SALES, SALES["big"])) == pytest.approx(float(most))
    assert numbers.value(Simple(total(SALES, SALES["big"] + SALES["big"]))) == pytest.approx(
        4.0 * most
    )


@pytest.mark.parametrize("column", ["big", "dec"])
def test_groups_of_long_numbers_stay_apart(numbers, column):
    """What only a double could not tell apart."""
    numbers.run("UPDATE sales SET dec = big WHERE sale_id = '1'")
    numbers.run("UPDATE sales SET dec = 9007199254740993 WHERE sale_id = '2'")

    assert numbers.value(Simple(count_distinct(SALES, SALES[column]))) == 2
    assert numbers.slices(column) == {2**53: 1, 2**53 + 1: 1}
    assert numbers.value(Simple(count(SALES)), where={column: 2**53}) == 1


def test_single_precision_is_summed_in_double(numbers):
    """A thousand times the number nearest to a tenth, slices adding up to the whole."""
    numbers.run("DELETE FROM sales")
    rows = ", ".join(f"('{i}', {AT}, NULL, 0.1, {i % 3}, NULL, NULL)" for i in range(3000))
    numbers.run(f"INSERT INTO sales VALUES {rows}")

    whole = numbers.value(Simple(total(SALES, SALES["single"])))
    parts = numbers.results(Simple(total(SALES, SALES["single"])), by=["tiny"])

    assert whole == pytest.approx(300, rel=1e-7)
    assert sum(part.value for part in parts) == pytest.approx(whole, rel=1e-12)
    assert numbers.value(Mean(SALES, SALES["single"])) == pytest.approx(0.1, rel=1e-7)


TEXTS = {
    "duckdb": ("VARCHAR COLLATE NOCASE", "VARCHAR COLLATE NOACCENT", "VARCHAR COLLATE NFC"),
    "sqlite": ("TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "VARCHAR(20) COLLATE NOCASE"),
    "postgresql": ("TEXT", 'VARCHAR(20) COLLATE "C"', 'TEXT COLLATE "POSIX"'),
    "postgresql_15": ("TEXT COLLATE ci", "CITEXT", "insensitive"),
}
WORDS = ("web", "WEB", "web ", "wéb", "we\u0301b", "app")


@pytest.fixture(params=range(3))
def texts(bench, request):
    """Sales whose code and kind are of a type that takes some of :data:`WORDS` for equal."""
    word = TEXTS[bench.name][request.param]
    if bench.name == "postgresql_15":
        bench.run(
            "CREATE EXTENSION citext",
            "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level1', "
            "deterministic = false)",
            "CREATE DOMAIN insensitive AS TEXT COLLATE ci",
        )
    bench.run(
        f"CREATE TABLE sales (sale_id VARCHAR(9), sold_at TIMESTAMP, code {word}, kind {word})",
        f"CREATE TABLE kinds (kind {word}, label {word})",
        *(f"INSERT INTO sales VALUES ('{i}', {AT}, '{w}', '{w}')" for i, w in enumerate(WORDS)),
        *(f"INSERT INTO kinds VALUES ('{w}', '{w.upper()}')" for w in WORDS),
    )
    return bench


def test_texts_are_compared_by_code_point_wherever_they_are(texts):
    """Matches, lists, groups, joins and distinct counts agree with one another."""
    each = dict.fromkeys(WORDS, 1)
    joined = {"WEB": 2, "WEB ": 1, "WÉB": 1, "WE\u0301B": 1, "APP": 1}
    code = SALES["code"]

    assert texts.value(Simple(count(SALES, code.equals("web")))) == 1
    assert texts.value(Simple(count(SALES, code.is_in("web", "app")))) == 2
    assert texts.value(Ratio(count(SALES, code.equals("WEB")), count(SALES))) == pytest.approx(
        1 / 6
    )
    assert texts.value(Simple(count(SALES, code.differs("web")))) == 5
    assert texts.value(Simple(count(SALES, code > "WEB"))) == 5
    assert texts.value(Simple(count(SALES, (code >= "web") & (code < "web!")))) == 2
    assert texts.value(Simple(count(SALES, code.equals(SALES["kind"])))) == 6
    assert texts.value(Simple(count_distinct(SALES, code))) == 6
    assert texts.slices("code") == each
    assert texts.slices("kind") == each
    assert texts.slices("label") == joined
    assert texts.value(Simple(count(SALES)), where={"code": "web"}) == 1
    assert texts.value(Simple(count(SALES)), where={"code": ["web", "WEB"]}) == 2
    assert texts.value(Simple(count(SALES)), where={"label": "WEB"}) == 2
    found = texts.results(Simple(count_distinct(SALES, code)), by=["kind"], where={"label": "WEB"})
    assert {result.slice["kind"]: result.value for result in found} == {"web": 1, "WEB": 1}


def test_blanks_that_fill_a_column_are_no_content(bench):
    """``char(n)`` pads what is stored in it; the engines without padding store none."""
    bench.run(
        "CREATE TABLE sales (sale_id VARCHAR(9), sold_at TIMESTAMP, code CHAR(8), kind CHAR(5))",
        "CREATE TABLE kinds (kind VARCHAR(9), label CHAR(7))",
        *(f"INSERT INTO sales VALUES ('1', {AT}, '{w}', '{w}')" for w in ("web", "WEB", "app")),
        *(f"INSERT INTO kinds VALUES ('{w}', '{w}')" for w in ("web", "WEB", "app")),
    )
    each = {"web": 1, "WEB": 1, "app": 1}

    assert bench.slices("code") == bench.slices("kind") == bench.slices("label") == each
    assert bench.value(Simple(count(SALES, SALES["code"].equals("web")))) == 1
    assert bench.value(Simple(count(SALES)), where={"code": "web"}) == 1
    assert bench.value(Simple(count(SALES)), where={"label": "web"}) == 1
    assert bench.value(Simple(count(SALES, SALES["code"].equals(SALES["kind"])))) == 3


PLACES = {
    "duckdb": ("main", "data"),
    "sqlite": ("main", None),
    "postgresql": ("public", None),
    "postgresql_15": ("public", None),
}


def test_a_table_is_named_with_its_schema_and_its_catalog(bench):
    """Plain, with the schema, with the catalog before it, and with quotes around each part."""
    bench.run("CREATE TABLE orders (sale_id VARCHAR(9))", "INSERT INTO orders VALUES ('1')")
    schema, catalog = PLACES[bench.name]
    catalog = catalog or sa.make_url(bench.url).database
    names = ["orders", f"{schema}.orders", f'"{schema}"."orders"']
    if bench.dialect != "sqlite":
        names += [f"{catalog}.{schema}.orders", f'"{catalog}"."{schema}"."orders"']
        bench.run('CREATE SCHEMA "c.r.m"', 'CREATE TABLE "c.r.m"."or.ders" (sale_id VARCHAR(9))')
        bench.run("""INSERT INTO "c.r.m"."or.ders" VALUES ('1')""")
        names += ['"c.r.m"."or.ders"']

    for name in names:
        kpi = Simple(count(SALES))
        assert bench.value(kpi, tables={"sales": name}) == 1, name
        assert bench.value(kpi, tables={"sales": name}, where={"sale_id": "1"}) == 1, name


def test_a_name_may_hold_a_dot(bench):
    """A table whose own name is ``crm.orders``, where there is no such schema."""
    bench.run(
        'CREATE TABLE "crm.orders" (sale_id VARCHAR(9))',
        "INSERT INTO \"crm.orders\" VALUES ('1')",
        'CREATE TABLE "a.b.c" (sale_id VARCHAR(9))',
    )
    bench.run("""INSERT INTO "a.b.c" VALUES ('1'), ('2')""")

    for name, expected in (("crm.orders", 1), ('"crm.orders"', 1), ("a.b.c", 2)):
        assert bench.value(Simple(count(SALES)), tables={"sales": name}) == expected


def test_a_name_of_two_tables_is_refused(bench):
    """Neither is guessed: both are named, in quotes."""
    schema, _ = PLACES[bench.name]
    bench.run(
        "CREATE TABLE orders (sale_id VARCHAR(9))",
        f'CREATE TABLE "{schema}.orders" (sale_id VARCHAR(9))',
        f"""INSERT INTO "{schema}.orders" VALUES ('1')""",
    )

    (result,) = bench.results(Simple(count(SALES)), tables={"sales": f"{schema}.orders"})

    assert result.value is None
    assert f'"{schema}"."orders" and "{schema}.orders"' in result.message
    assert bench.value(Simple(count(SALES)), tables={"sales": f'"{schema}.orders"'}) == 1


def test_a_table_that_is_nowhere_is_missing_whatever_its_name(bench):
    """No schema, no catalog, no table: one reason."""
    bench.run("CREATE TABLE orders (sale_id VARCHAR(9))")
    for name in ("nowhere.orders", "a.b.orders", "a.b.c.d", "orders.", ".orders", '"or""ders"'):
        (result,) = bench.results(Simple(count(SALES)), tables={"sales": name})
        assert (result.value, result.reason) == (None, "missing_table"), name


@pytest.fixture(params=["postgresql", "postgresql_15"])
def domains(request):
    """A PostgreSQL database whose columns are of domains, and of domains over domains."""
    from kpisdk.testing.databases import temporary_database

    with temporary_database(request.getfixturevalue(f"{request.param}_server")) as url:
        bench = Bench(request.param, url)
        bench.run(
            "CREATE DOMAIN money_amount AS NUMERIC(20,2) CHECK (VALUE >= 0)",
            "CREATE DOMAIN price AS money_amount",
            "CREATE DOMAIN short AS SMALLINT",
            "CREATE DOMAIN thin AS REAL",
            "CREATE TYPE mood AS ENUM ('web', 'app')",
            "CREATE DOMAIN channel AS mood",
            "CREATE DOMAIN padded AS CHAR(8)",
            "CREATE DOMAIN moment AS TIMESTAMPTZ",
            "CREATE DOMAIN yes_no AS BOOLEAN",
            "CREATE DOMAIN calendar_day AS DATE",
            "CREATE TABLE sales (sale_id VARCHAR(9), sold_at moment, dec price, single thin, "
            "tiny short, code channel, kind padded, paid yes_no, day calendar_day)",
            "INSERT INTO sales VALUES ('1', '2025-06-20T12:00:00+02', 10.25, 0.5, 200, 'web', "
            "'web', true, '2025-06-20'), ('2', '2025-06-21T12:00:00+02', 0.5, 'NaN', 100, 'app', "
            "'app', false, '2025-06-21')",
        )
        yield bench


def test_a_domain_is_read_as_its_base_type(domains):
    """Numbers, texts, flags, days and instants of domains are what they are based on."""
    assert domains.value(Simple(total(SALES, SALES["dec"]))) == 10.75
    assert domains.value(Simple(total(SALES, SALES["tiny"] * SALES["tiny"]))) == 50_000
    assert domains.value(Mean(SALES, SALES["single"])) == 0.5
    assert domains.value(Simple(count(SALES, SALES["paid"].is_true()))) == 1
    assert domains.slices("code") == domains.slices("kind") == {"web": 1, "app": 1}
    assert domains.value(Simple(count(SALES)), last=Trailing(30), window="2025-06-21") == 1
    assert domains.value(Simple(count_distinct(SALES, SALES["day"]))) == 2


COMPUTED = (
    "SELECT sale_id, sold_at, CAST(amount AS REAL) * 1 AS dec, quantity + 1 AS small, "
    "lower(code) AS code, 1 AS paid, date(sold_at) AS day, code || '' AS channel FROM raw"
)


@pytest.fixture(params=["VIEW", "TABLE"])
def computed(request, tmp_path):
    """A SQLite view, or a table made of a SELECT: most of its columns have no declared type."""
    bench = Bench("sqlite", f"sqlite:///{tmp_path / 'data'}")
    bench.run(
        "CREATE TABLE raw (sale_id TEXT, sold_at TIMESTAMP, amount TEXT, quantity INTEGER, "
        "code TEXT COLLATE NOCASE)",
        f"INSERT INTO raw VALUES ('1', {AT}, '10.5', 2, 'Web'), ('2', {AT}, '2.25', 3, 'web')",
        f"CREATE {request.param} sales AS {COMPUTED}",
    )
    return bench


def test_a_column_without_a_type_is_read_by_its_values(computed):
    """As a number, a text, a flag, a day or an instant, whichever a plugin declares."""
    assert computed.value(Simple(total(SALES, SALES["dec"]))) == 12.75
    assert computed.value(Simple(total(SALES, SALES["small"]))) == 7
    assert computed.value(Simple(count(SALES, SALES["paid"].is_true()))) == 2
    assert computed.value(Simple(count(SALES)), last=Trailing(30), window="2025-06-20") == 2
    assert computed.value(Simple(count_distinct(SALES, SALES["day"]))) == 1
    assert computed.slices("code") == {"web": 2}
    assert computed.slices("channel") == {"Web": 1, "web": 1}  # no plugin declares it


@pytest.mark.parametrize(
    ("column", "stored", "told"),
    [
        ("dec", "'ten'", "'ten' is not a number"),
        ("code", "17", "17 is not a text"),
        ("paid", "2", "2 is neither true"),
        ("day", "'20/06/2025'", "'20/06/2025' is not a day"),
        ("channel", "1.5", "1.5 is not a text"),
    ],
)
def test_a_value_of_another_type_is_named(tmp_path, column, stored, told):
    """It is neither zero nor left out."""
    bench = Bench("sqlite", f"sqlite:///{tmp_path / 'data'}")
    bench.run(f"CREATE VIEW sales AS SELECT '1' AS sale_id, {AT} AS sold_at, {stored} AS {column}")

    (result,) = bench.results(Simple(count(SALES)), by=[column])

    assert (result.value, result.reason) == (None, "wrong_type")
    assert told in result.message

"""Settings files: found, overridden, interpolated, and refused with every fault at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from kpisdk.errors import DefinitionError, SettingsError, UnknownNameError
from kpisdk.settings import Settings, SourceSettings, TableMapping, load_settings

FULL = """
default_source = "warehouse"

[sources.warehouse]
url = "postgresql+psycopg://analyst:${DB_PASSWORD}@db.example/crm"
statement_timeout = "2m"
retries = 4

[sources.warehouse.tables.triggers]
table = "crm.trigger_log"
columns = { trigger_timestamp = "fired_at", token = "auth_token_col" }

[sources.files]
url = "exports/*.parquet"
statement_timeout = 30

[cache]
backend = "sqlite"
path = "cache/kpis.db"

[plugins.ws2]
horizon = "${HORIZON}"
api_token = "literal-token"
"""
SECRET = "s3cr3t-p@ss/word"  # noqa: S105 - a made-up one
VARIABLES = {"DB_PASSWORD": SECRET, "HORIZON": "ninety"}


def write(folder: Path, text: str, name: str = "kpisdk.toml") -> Path:
    """A settings file in a folder that is made for it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str, environ: dict[str, str] | None = None) -> dict[str, str]:
    """The faults of a settings file, by path."""
    write(folder, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(folder, None, environ or {})
    assert caught.value.exit_code == 2
    return {problem.where: problem.what for problem in caught.value.problems}


def test_a_whole_file_becomes_typed_records(tmp_path):
    """Sources, mappings, durations, cache and raw plugin tables, variables filled in."""
    write(tmp_path, FULL)
    settings = load_settings(tmp_path, None, VARIABLES)

    assert settings.default_source == "warehouse"
    assert settings.source("warehouse") == SourceSettings(
        url=f"postgresql+psycopg://analyst:{SECRET}@db.example/crm",
        tables={
            "triggers": TableMapping(
                "crm.trigger_log",
                {"trigger_timestamp": "fired_at", "token": "auth_token_col"},
            )
        },
        statement_timeout=120.0,
        retries=4,
    )
    assert settings.source("files") == SourceSettings("exports/*.parquet", {}, 30.0, 2)
    assert settings.cache.backend == "sqlite"
    assert tmp_path / "cache" / "kpis.db" == settings.cache.path
    assert settings.cache.enabled
    assert settings.plugins == {"ws2": {"horizon": "ninety", "api_token": "literal-token"}}


def test_without_a_file_there_are_defaults(tmp_path):
    """No file anywhere: no sources, a cache whose backend the caller chooses, no plugin tables."""
    settings = load_settings(tmp_path, None, {})

    assert settings.default_source is None
    assert settings.sources == {}
    assert settings.cache.backend is None
    assert not settings.cache.is_off
    assert {(item.value, item.origin) for item in settings.provenance()} == {
        ("not set", "default"),
        ("true", "default"),
        ("30.0", "default"),
        ("600.0", "default"),
        ("10000", "default"),
    }


def test_the_nearest_file_upwards_wins(tmp_path):
    """From a folder deep in the tree, the closest settings file above it is read."""
    write(tmp_path, 'default_source = "far"')
    write(tmp_path / "project", 'default_source = "near"')
    deep = tmp_path / "project" / "a" / "b"
    deep.mkdir(parents=True)

    assert load_settings(deep, None, {}).default_source == "near"


def test_pyproject_is_read_for_its_section(tmp_path):
    """``[tool.kpisdk]`` holds the same keys; a pyproject.toml without it is passed by."""
    write(tmp_path, '[tool.kpisdk]\ndefault_source = "shared"', "pyproject.toml")
    write(tmp_path / "inner", '[project]\nname = "x"', "pyproject.toml")
    write(tmp_path / "inner" / "more", "this is not toml, and nothing of ours", "pyproject.toml")
    write(tmp_path / "inner" / "more" / "x", '[project]\nname = "kpisdk-x"', "pyproject.toml")
    settings = load_settings(tmp_path / "inner" / "more" / "x", None, {})

    assert settings.default_source == "shared"
    assert settings.origin.title.endswith("pyproject.toml [tool.kpisdk]")


def test_two_files_in_one_folder_are_remarked_upon(tmp_path):
    """kpisdk.toml wins, and doctor can say that the other file is ignored."""
    write(tmp_path, '[tool.kpisdk]\ndefault_source = "shared"', "pyproject.toml")
    write(tmp_path, 'default_source = "own"')
    settings = load_settings(tmp_path, None, {})

    assert settings.default_source == "own"
    (remark,) = settings.origin.remarks
    assert "pyproject.toml [tool.kpisdk] is ignored" in remark


@pytest.mark.parametrize(
    ("shared", "remark"), [("[project]\n", ""), ("[tool.kpisdk\n", "was not read")]
)
def test_the_file_beside_is_only_remarked_upon_where_it_matters(tmp_path, shared, remark):
    """A pyproject.toml without the section is no matter; a broken one is named, and harmless."""
    write(tmp_path, shared, "pyproject.toml")
    write(tmp_path, 'default_source = "own"')
    remarks = load_settings(tmp_path, None, {}).origin.remarks

    assert remark in "".join(remarks)
    assert bool(remark) == bool(remarks)


def test_an_explicit_file_wins_over_the_variable_and_the_folder(tmp_path):
    """``--config`` wins over KPISDK_CONFIG, which wins over the folder's own file."""
    write(tmp_path, 'default_source = "found"')
    write(tmp_path, 'default_source = "named"', "named.toml")
    write(tmp_path, '[tool.kpisdk]\ndefault_source = "explicit"', "pyproject.toml")
    environ = {"KPISDK_CONFIG": "named.toml"}

    explicit = load_settings(tmp_path, Path("pyproject.toml"), environ)
    assert explicit.default_source == "explicit"
    assert load_settings(tmp_path, None, environ).default_source == "named"
    assert load_settings(tmp_path, None, {"KPISDK_CONFIG": ""}).default_source == "found"


def test_variables_override_the_file(tmp_path):
    """KPISDK_SOURCE, KPISDK_CACHE and its path and URL win; a path in one is the user's own."""
    write(tmp_path, FULL)
    environ = VARIABLES | {
        "KPISDK_SOURCE": "files",
        "KPISDK_CACHE": "redis",
        "KPISDK_CACHE_PATH": "here.db",
        "KPISDK_CACHE_URL": "redis://:hunter22@cache/0",
    }
    (tmp_path / "sub").mkdir()
    settings = load_settings(tmp_path / "sub", None, environ)
    origins = {item.key: (item.value, item.origin) for item in settings.provenance()}

    assert settings.default_source == "files"
    assert settings.cache.backend == "redis"
    assert tmp_path / "sub" / "here.db" == settings.cache.path
    assert origins["cache.backend"] == ("redis", "environment variable KPISDK_CACHE")
    assert origins["cache.url"] == (
        "redis://:***@cache/0",
        "environment variable KPISDK_CACHE_URL",
    )
    assert "hunter22" in settings.secrets


def test_a_variable_does_not_hide_a_wrong_type(tmp_path):
    """Where the file's cache is no table, overriding a key of it leaves the fault in place."""
    found = problems(tmp_path, "cache = 3", {"KPISDK_CACHE": "off"})

    assert found == {"cache": "must be a table; it is the number '3'"}


def test_the_cache_can_be_off_in_two_ways(tmp_path):
    """The backend ``off`` and ``enabled = false`` mean the same."""
    write(tmp_path, "[cache]\nenabled = false")

    assert load_settings(tmp_path, None, {}).cache.is_off
    assert load_settings(tmp_path / "..", None, {"KPISDK_CACHE": "off"}).cache.is_off


def test_all_faults_are_reported_at_once(tmp_path):
    """Unknown keys with the nearest ones, wrong types and values, undefined variables: all."""
    text = """
    defualt_source = "x"
    plugins = { ws2 = 3 }
    [sources.warehouse]
    url = "${NOWHERE}"
    retries = "many"
    statement_timeout = "soon"
    [sources.warehouse.tables.triggers]
    columns = ["a"]
    colums = {}
    [sources.files]
    [sources.late]
    url = " "
    retries = -1
    statement_timeout = 0
    [sources.late.tables."odd.name"]
    table = ""
    columns = { brand = " " }
    [cache]
    enabled = "yes"
    backend = true
    """

    assert problems(tmp_path, text) == {
        "defualt_source": "is not a setting; did you mean 'default_source'?",
        "plugins.ws2": "must be a table; it is the number '3'",
        "sources.warehouse.url": "needs the environment variable 'NOWHERE', which is not set",
        "sources.warehouse.retries": "must be a whole number; it is the text 'many'",
        "sources.warehouse.statement_timeout": (
            "must be a duration: a number of seconds, or a text such as '500ms', '30s', '2m', "
            "'1h'; it is 'soon'"
        ),
        "sources.warehouse.tables.triggers.columns": "must be a table; it is a list",
        "sources.warehouse.tables.triggers.colums": ("is not a setting; did you mean 'columns'?"),
        "sources.files.url": "is missing",
        'sources.late.tables."odd.name".table': "must not be empty",
        'sources.late.tables."odd.name".columns.brand': "must not be empty",
        "sources.late.url": "must not be empty",
        "sources.late.retries": "must be 0 or more; it is -1",
        "sources.late.statement_timeout": "must be more than 0 seconds; it is 0",
        "cache.enabled": "must be true or false; it is the text 'yes'",
        "cache.backend": "must be a text; it is the truth value 'True'",
    }


def test_a_source_with_wrong_values_lists_them_all(tmp_path):
    """Values that the record itself refuses carry the path of the source they stand in."""
    text = '[sources.late]\nurl = " "\nretries = -1\nstatement_timeout = 0\n[cache]\nbackend = ""'

    assert problems(tmp_path, text) == {
        "sources.late.url": "must not be empty",
        "sources.late.statement_timeout": "must be more than 0 seconds; it is 0",
        "sources.late.retries": "must be 0 or more; it is -1",
        "cache.backend": "must not be empty",
    }


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("a = 1\nb = = 2\n", "line 2, column 5", "is not valid TOML: Invalid value"),
        ("a = 1\na = 2\n", "line 2, column 6", "is not valid TOML: Cannot overwrite a value"),
        ('a = 1\nb = "x', "line 2, column 7", "is not valid TOML: Unterminated string"),
        ("a = " + "[" * 5000, "document", "is nested too deeply to be read"),
    ],
)
def test_what_is_not_toml_names_line_and_column(tmp_path, text, where, what):
    """A syntax error says where, in the file that the error's sentence begins with."""
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, None, {})

    (problem,) = caught.value.problems
    assert (problem.where, problem.what) == (where, what)
    assert str(caught.value).startswith(str(path))


def test_a_file_of_another_encoding_is_refused_and_a_byte_order_mark_is_not(tmp_path):
    """TOML is UTF-8; the mark that Windows editors put first is passed over."""
    path = tmp_path / "kpisdk.toml"
    path.write_bytes(b'\xef\xbb\xbfdefault_source = "x"')
    assert load_settings(tmp_path, None, {}).default_source == "x"

    path.write_bytes(b'default_source = "\xe9"')
    with pytest.raises(SettingsError, match="byte 18 is not UTF-8"):
        load_settings(tmp_path, None, {})


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_a_named_file_that_cannot_be_read_is_an_error(tmp_path, name):
    """A file named by the user is never passed by in silence, be it absent or a folder."""
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path, Path(name), {})
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path, None, {"KPISDK_CONFIG": name})


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[project]", "is not there"),
        ("tool = 'kpisdk'", "is not there"),
        ("[tool]\nkpisdk = 3", "must be a table"),
    ],
)
def test_a_named_pyproject_needs_the_section(tmp_path, text, what):
    """``--config pyproject.toml`` without a ``[tool.kpisdk]`` table is an error."""
    path = write(tmp_path, text, "pyproject.toml")
    with pytest.raises(SettingsError, match=what):
        load_settings(tmp_path, path, {})


def test_a_malformed_reference_is_a_fault_that_shows_nothing(tmp_path):
    """An unclosed or empty ``${`` is named by its path; what stands around it is not shown."""
    found = problems(
        tmp_path, '[plugins.x]\na = ["ok", "${UNCLOSED-hunter22"]\nb = "${}"\nc = "${1x}"'
    )

    assert set(found) == {"plugins.x.a[1]", "plugins.x.b", "plugins.x.c"}
    assert all("malformed reference" in what for what in found.values())
    assert "hunter22" not in str(found)


def test_references_are_filled_once_and_can_be_escaped(tmp_path):
    """``$${`` is a literal, a lone dollar too, and what a variable brings is not read again."""
    write(tmp_path, '[plugins.x]\na = "$${HOME} costs $5"\nb = ["${A}-${A}"]\nc = "${EMPTY}"')
    settings = load_settings(tmp_path, None, {"A": "${B}", "EMPTY": ""})

    assert settings.plugins["x"] == {"a": "${HOME} costs $5", "b": ["${B}-${B}"], "c": ""}
    assert settings.secrets == {"${B}"}


def test_no_secret_appears_in_an_error(tmp_path):
    """A value from a variable, a URL's password and a value named token are masked in faults."""
    text = """
    [sources.w]
    url = ["${A}"]
    retries = "${A}"
    statement_timeout = "${SHORT}"
    [cache]
    enabled = "redis://:pass1234@host"
    path = { token = "tok-value" }
    url = 3
    """
    environ = {"A": SECRET, "SHORT": "xy"}
    found = problems(tmp_path, text, environ)

    assert found["sources.w.retries"] == "must be a whole number; it is the text ***"
    assert found["sources.w.statement_timeout"].endswith("it is ***")
    assert "pass1234" not in str(found)
    assert SECRET not in str(found)
    assert "tok-value" not in str(found)


def test_provenance_says_who_set_what_and_masks_secrets(tmp_path):
    """Each value with the file and key it came from; references stay references."""
    path = write(tmp_path, FULL)
    settings = load_settings(tmp_path, None, VARIABLES)
    items = {item.key: (item.value, item.origin) for item in settings.provenance()}

    assert items["sources.warehouse.url"] == (
        "postgresql+psycopg://analyst:***@db.example/crm",
        f"{path}:sources.warehouse.url",
    )
    assert items["plugins.ws2.horizon"] == ("${HORIZON}", f"{path}:plugins.ws2.horizon")
    assert items["plugins.ws2.api_token"] == ("***", f"{path}:plugins.ws2.api_token")
    assert items["sources.warehouse.statement_timeout"][0] == "120.0"
    assert items["sources.warehouse.tables.triggers.columns.token"][0] == "auth_token_col"
    assert items["sources.files.retries"] == ("2", "default")
    assert items["cache.path"][0] == str(tmp_path / "cache" / "kpis.db")
    assert items["cache.enabled"] == ("true", "default")
    assert not any(SECRET in value or "literal-token" in value for value, _ in items.values())


def test_a_unit_may_be_set_for_a_kpi_and_says_where(tmp_path):
    """An id with hyphens needs no quotes in TOML, and may have them."""
    text = '[kpis.WS2-TR-004]\nunit = "patient_id"\n[kpis."WS1-DQ-005"]\nunit = "row"\n'
    path = write(tmp_path, text)
    settings = load_settings(tmp_path, None, {})
    items = {item.key: (item.value, item.origin) for item in settings.provenance()}

    assert settings.units == {"WS2-TR-004": "patient_id", "WS1-DQ-005": "row"}
    assert settings.unit("WS2-TR-003") is None
    assert items["kpis.WS2-TR-004.unit"] == ("patient_id", f"{path}:kpis.WS2-TR-004.unit")


def test_a_unit_that_no_column_can_be_called_is_refused(tmp_path):
    """Whatever else is wrong is said with it."""
    text = '[kpis.A-1]\nunit = "Patient ID"\n[kpis.A-2]\nunit = 3\nunti = "row"\n'

    assert problems(tmp_path, text) == {
        "kpis.A-1.unit": "must be row or a column in snake case; it is 'Patient ID'",
        "kpis.A-2.unit": "must be a text; it is the number '3'",
        "kpis.A-2.unti": "is not a setting; did you mean 'unit'?",
    }


def test_records_made_in_python_are_checked_as_well():
    """A source with an impossible value is refused wherever it is made."""
    for facts in ({"url": ""}, {"url": "x", "retries": -1}, {"url": "x", "statement_timeout": 0}):
        with pytest.raises(DefinitionError, match="SourceSettings: "):
            SourceSettings(**facts)


def test_settings_made_in_python_say_so():
    """Without a file or environment every value's origin is Python."""
    settings = Settings(sources={"w": SourceSettings("sqlite:///x.db")})

    assert {item.origin for item in settings.provenance()} == {"Python"}


def test_no_secret_appears_in_a_repr(tmp_path):
    """Printing settings in a notebook shows neither passwords nor plugin values."""
    write(tmp_path, FULL + '[sources.warehouse.options]\nsslpassword = "ssl-pw"\n')
    settings = load_settings(tmp_path, None, VARIABLES)

    assert "analyst:***@" in repr(settings)
    for secret in (SECRET, "ninety", "literal-token", "ssl-pw"):
        assert secret not in repr(settings)


def test_settings_redact_what_they_know(tmp_path):
    """Text that a driver wrote is cleared of variables' values, however they are encoded."""
    write(tmp_path, FULL)
    settings = load_settings(tmp_path, None, VARIABLES)
    text = f"bad password {SECRET} (s3cr3t-p%40ss%2Fword) for literal-token at postgresql://a:b@c"

    assert settings.redact(text) == "bad password *** (***) for *** at postgresql://a:***@c"


def test_an_unknown_source_proposes_the_nearest(tmp_path):
    """A misspelt source name is an error with the names that are like it."""
    write(tmp_path, FULL)
    with pytest.raises(UnknownNameError, match="Did you mean warehouse"):
        load_settings(tmp_path, None, VARIABLES).source("warehose")


def test_a_million_characters_are_read_or_refused_quickly(tmp_path):
    """A huge key or value costs no more than reading it, and errors stay short."""
    huge = "a" * 1_000_000
    found = problems(tmp_path, f'{huge} = 1\n[cache]\nenabled = "{huge}"\n')

    assert len(str(found)) < 2000


def test_importing_settings_stays_light():
    """Listing KPIs reads settings: nothing heavier than attrs may come with them."""
    code = (
        "import sys, kpisdk.settings, kpisdk.windows; "
        "heavy = {'cattrs', 'pandas', 'sqlalchemy', 'click', 'rich'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"

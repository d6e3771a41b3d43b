"""Filling a plugin's attrs class from its raw table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest
from hypothesis import given, strategies as st

from kpisdk.errors import DefinitionError, Problem, SettingsError
from kpisdk.settings import Seconds, Settings, fill, load_settings, parse_seconds

TEN = Seconds(10.0)


@attrs.frozen
class Alert:
    """A nested table."""

    channel: str
    threshold: float = 0.5


@attrs.frozen
class Everything:
    """A class with every kind of field that can be filled."""

    name: str
    count: int = 1
    share: float = 0.25
    strict: bool = False
    folder: Path | None = None
    patience: Seconds = TEN
    brands: tuple[str, ...] = ()
    numbers: tuple[int, ...] = attrs.field(default=(), converter=tuple)
    labels: Mapping[str, str] = attrs.field(factory=dict)
    mode: Literal["fast", "exact"] = "fast"
    alert: Alert | None = None
    alerts: Mapping[str, Alert] = attrs.field(factory=dict)
    extra: Any = None
    computed: int = attrs.field(default=7, init=False)


@attrs.frozen
class Checked:
    """A class with rules of its own."""

    k: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    mode: str = attrs.field(default="a", validator=attrs.validators.in_(["a", "b"]))
    low: float = 0.0
    high: float = 1.0
    middle: float = attrs.field(default=0.5)

    @middle.validator
    def _lies_between(self, attribute: attrs.Attribute, value: float) -> None:
        if not self.low <= value <= self.high:
            raise ValueError("is not between low and high", attribute)


@attrs.frozen
class Record:
    """A class whose fields must agree with one another."""

    low: float = 0.0
    high: float = 1.0

    def __attrs_post_init__(self) -> None:
        if self.low > self.high:
            raise DefinitionError("Record", [Problem("low", "is above high")])


def problems(cls: type, raw: dict[str, Any], **facts: Any) -> dict[str, str]:
    """The faults of a raw table, by path."""
    with pytest.raises(SettingsError) as caught:
        fill(cls, raw, "plugins.x", **facts)
    return {problem.where: problem.what for problem in caught.value.problems}


def test_every_kind_of_field_is_filled():
    """Texts, numbers, durations, paths, lists, tables and nested records."""
    raw = {
        "name": "x",
        "count": 3,
        "share": 1,
        "strict": True,
        "folder": "models",
        "patience": "1.5m",
        "brands": ["Kisqali", "Fabhalta"],
        "numbers": [1, 2],
        "labels": {"de": "Wert"},
        "mode": "exact",
        "alert": {"channel": "mail"},
        "alerts": {"night": {"channel": "pager", "threshold": 0.9}},
        "extra": [{"any": "thing"}],
    }

    assert fill(Everything, raw, "plugins.x", base=Path("/home/me")) == Everything(
        name="x",
        count=3,
        share=1.0,
        strict=True,
        folder=Path("/home/me/models"),
        patience=Seconds(90.0),
        brands=("Kisqali", "Fabhalta"),
        numbers=(1, 2),
        labels={"de": "Wert"},
        mode="exact",
        alert=Alert("mail"),
        alerts={"night": Alert("pager", 0.9)},
        extra=[{"any": "thing"}],
    )


def test_what_is_not_written_takes_its_default():
    """Only fields without a default are required."""
    assert Everything("x") == fill(Everything, {"name": "x"}, "plugins.x")


def test_all_faults_are_reported_with_their_paths():
    """Unknown keys, missing keys and wrong types of every kind, in one error."""
    raw = {
        "count": True,
        "share": "much",
        "strict": 1,
        "folder": 3,
        "patience": -1,
        "brands": "Kisqali",
        "numbers": [1, 2.5],
        "labels": {"de": 1, "a.b": []},
        "mode": "slow",
        "alert": {"chanel": "mail"},
        "alerts": {"night": []},
        "computed": 8,
        "zzz": 1,
    }

    assert problems(Everything, raw) == {
        "plugins.x.name": "is missing",
        "plugins.x.count": "must be a whole number; it is the truth value 'True'",
        "plugins.x.share": "must be a number; it is the text 'much'",
        "plugins.x.strict": "must be true or false; it is the number '1'",
        "plugins.x.folder": "must be a path (a text); it is the number '3'",
        "plugins.x.patience": "must be a finite number of seconds, not negative; it is '-1'",
        "plugins.x.brands": "must be a list; it is the text 'Kisqali'",
        "plugins.x.numbers[1]": "must be a whole number; it is the number '2.5'",
        "plugins.x.labels.de": "must be a text; it is the number '1'",
        'plugins.x.labels."a.b"': "must be a text; it is a list",
        "plugins.x.mode": "must be one of fast, exact; it is the text 'slow'",
        "plugins.x.alert.chanel": "is not a setting; did you mean 'channel'?",
        "plugins.x.alert.channel": "is missing",
        "plugins.x.alerts.night": "must be a table; it is a list",
        "plugins.x.computed": ("is not a setting; did you mean 'count'?"),
        "plugins.x.zzz": (
            "is not a setting; known here: alert, alerts, brands, count, extra, folder, labels, "
            "mode, name, numbers, patience, share, strict"
        ),
    }


@pytest.mark.parametrize("share", [float("nan"), float("inf"), 10**400])
def test_numbers_must_be_finite(share):
    """TOML can write nan and inf, and integers that no float holds; no setting means them."""
    found = problems(Everything, {"name": "x", "share": share})

    assert "must be a finite number" in found["plugins.x.share"]


@pytest.mark.parametrize(
    ("folder", "what"),
    [("", "must be a path"), ("a\0b", "must be a path"), ("~nobody-of-that-name/x", "home folder")],
)
def test_paths_that_cannot_be_are_refused(folder, what):
    """An empty path, a NUL and the home of an unknown user are faults."""
    assert what in problems(Everything, {"name": "x", "folder": folder})["plugins.x.folder"]


def test_paths_without_a_base_and_of_the_home_folder(monkeypatch):
    """A tilde is the user's home, an absolute path itself, and without a base paths stay."""
    monkeypatch.setenv("HOME", "/home/me")

    def folder(raw: str, base: Path | None) -> Path | None:
        return fill(Everything, {"name": "x", "folder": raw}, "plugins.x", base=base).folder

    assert folder("~/models", Path("/srv")) == Path("/home/me/models")
    assert folder("/data", Path("/srv")) == Path("/data")
    assert folder("models", None) == Path("models")


def test_rules_of_the_class_are_faults_like_any_other():
    """What validators and the record itself refuse gets a path too."""
    assert problems(Checked, {"k": 0, "mode": 3, "high": "x"}) == {
        "plugins.x.k": "'k' must be >= 1: 0",
        "plugins.x.mode": "must be a text; it is the number '3'",
        "plugins.x.high": "must be a number; it is the text 'x'",
    }
    assert set(problems(Checked, {"mode": "c", "k": 0})) == {"plugins.x.mode", "plugins.x.k"}
    assert problems(Checked, {"low": 0.6, "high": 0.55, "middle": 0.5}) == {
        "plugins.x.middle": "is not between low and high"
    }
    assert problems(Record, {"low": 2}) == {"plugins.x.low": "is above high"}


def test_a_rule_that_raises_without_words_is_named_by_its_type():
    """An error without a message still says what it was."""

    @attrs.frozen
    class Silent:
        """Refuses everything."""

        def __attrs_post_init__(self) -> None:
            raise ValueError

    assert problems(Silent, {}) == {"plugins.x": "ValueError"}


def test_a_class_that_cannot_be_filled_is_the_plugins_fault():
    """No attrs class, or fields of other types: refused with all of them, before any value."""

    @attrs.frozen
    class Odd:
        """Fields that TOML cannot give."""

        a: set[str]
        b: int | str
        c: tuple[int, str]
        d: Mapping[int, str]
        e: bytes
        f: tuple[bytes, ...] = ()

    with pytest.raises(DefinitionError) as caught:
        fill(Odd, {}, "plugins.x")
    assert [problem.where.rpartition(".")[2] for problem in caught.value.problems] == list("abcdef")
    with pytest.raises(DefinitionError, match="is no attrs class"):
        fill(dict, {}, "plugins.x")


def test_a_class_whose_types_are_imported_for_type_checking_only_is_refused():
    """An annotation that cannot be evaluated at run time is named, with what to do."""

    @attrs.frozen
    class Unresolved:
        """A type that only a type checker sees."""

        a: "Nowhere"  # noqa: F821 - that is the point

    with pytest.raises(DefinitionError, match="import it at run time"):
        fill(Unresolved, {}, "plugins.x")


def test_faults_show_no_secrets():
    """Given secrets, and those that the table itself shows to be secret, are masked."""
    raw = {"name": "x", "count": "given-one", "extra": {"password": "own-one"}, "share": "own-one"}

    assert problems(Everything, raw, secrets=["given-one"]) == {
        "plugins.x.count": "must be a whole number; it is the text ***",
        "plugins.x.share": "must be a number; it is the text ***",
    }


def test_settings_fill_the_table_of_a_plugin(tmp_path):
    """``Settings.plugin`` knows path, folder, file and secrets; without a table: the defaults."""
    path = tmp_path / "kpisdk.toml"
    path.write_text(
        '[plugins.x]\nname = "${N}"\nfolder = "m"\n[plugins.y]\nname = 3\ncount = "${N}"'
    )
    settings = load_settings(tmp_path, None, {"N": "hidden"})

    assert settings.plugin("x", Everything) == Everything("hidden", folder=tmp_path / "m")
    assert Settings().plugin("z", Checked) == Checked()
    with pytest.raises(SettingsError) as caught:
        settings.plugin("y", Everything)
    assert str(caught.value) == (
        f"{path}: 2 problems\n"
        "  - plugins.y.name: must be a text; it is the number '3'\n"
        "  - plugins.y.count: must be a whole number; it is the text ***"
    )


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(30, 30.0), (0.5, 0.5), ("30", 30.0), ("30s", 30.0), (" 2M ", 120.0), ("1.5 h", 5400.0),
     ("500ms", 0.5), ("1d", 86400.0), (0, 0.0)],
)  # fmt: skip
def test_durations(value, seconds):
    """Numbers are seconds; texts carry a unit."""
    assert seconds == parse_seconds(value)


@pytest.mark.parametrize(
    "value",
    [-1, float("nan"), float("inf"), 10**400, True, None, [], "", "s", "-1s", "1w", "1m30s", "٣s",
     "9" * 1_000_000],
)  # fmt: skip
def test_other_durations_are_refused(value):
    """Negative, infinite, compound or otherwise unreadable durations are faults."""
    with pytest.raises(ValueError, match="must be a"):
        parse_seconds(value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from([field.name for field in attrs.fields(Everything)]) | st.text()


@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_any_table_fills_or_is_refused_with_paths(raw):
    """Whatever a table holds, the outcome is a record or a SettingsError, each fault placed."""
    try:
        record = fill(Everything, raw, "plugins.x")
    except SettingsError as error:
        assert all(fault.where.startswith("plugins.x") for fault in error.problems)  # noqa: PT017
        return
    assert record.name == raw["name"]

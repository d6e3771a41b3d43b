"""Errors: one root, typed fields, a sentence; they survive pickling and copying."""

from __future__ import annotations

import copy
import datetime as dt
import importlib
import pickle
import pkgutil
import sys

import attrs
import pytest

import kpisdk
from kpisdk import errors
from kpisdk.errors import Problem

for _module in pkgutil.walk_packages(kpisdk.__path__, "kpisdk."):
    if not _module.name.endswith("__main__"):
        importlib.import_module(_module.name)


def subclasses(cls: type) -> list[type]:
    """A class and all below it that belong to the core."""
    below = [each for child in cls.__subclasses__() for each in subclasses(child)]
    # attrs makes a class anew to give it slots; what it was made from is not the class we import.
    is_ours = getattr(sys.modules[cls.__module__], cls.__name__, None) is cls
    return [cls, *below] if is_ours and cls.__module__.startswith("kpisdk.") else below


KINDS = sorted(set(subclasses(errors.KpisdkError)), key=lambda cls: cls.__name__)


def sample(cls: type) -> errors.KpisdkError:
    """An error with a plausible value in each of its fields."""
    values = {}
    for field in attrs.fields(cls):
        kind = str(field.type)
        if "Problem" in kind:
            values[field.name] = (Problem("a.b", "is wrong"), Problem("c", "too"))
        elif "float" in kind:
            values[field.name] = 1.5
        elif "int" in kind:
            values[field.name] = 3
        elif "datetime" in kind:
            values[field.name] = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
        elif "LogicalType" in kind:
            values[field.name] = kpisdk.LogicalType.INT
        elif "tuple" in kind or "Sequence" in kind:
            values[field.name] = ("alpha", "beta")
        else:
            values[field.name] = "words"
    return cls(**values)


@pytest.mark.parametrize("cls", KINDS, ids=lambda cls: cls.__name__)
def test_every_error_pickles_and_copies(cls):
    """Type, fields and sentence are the same on the other side."""
    error = sample(cls)

    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is cls
        assert str(again) == str(error)
        assert attrs.asdict(again) == attrs.asdict(error)


@pytest.mark.parametrize("cls", KINDS, ids=lambda cls: cls.__name__)
def test_every_error_is_a_sentence_with_an_exit_code(cls):
    """Scripts read 1 (failed) or 2 (usage) off the exit code, and 3 of a gate's own fault."""
    error = sample(cls)

    assert error.message.strip()
    assert error.exit_code in ((1, 2, 3) if cls.__name__ == "UnhandledError" else (1, 2))


def test_one_problem_is_one_line_and_more_are_a_list():
    """All faults are said, each with its place."""
    one, two = Problem("a", "is wrong"), Problem("b", "is missing")

    assert str(errors.ProblemsError("The file", [one])) == "The file: a: is wrong"
    assert str(errors.ProblemsError("The file", [one, two])) == (
        "The file: 2 problems\n  - a: is wrong\n  - b: is missing"
    )


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("brnd", ("brand", "region"), "There is no slice 'brnd'. Did you mean brand?"),
        ("zzz", ("brand", "region"), "There is no slice 'zzz'. Known: brand and region."),
        ("zzz", (), "There is no slice 'zzz'. None is installed."),
        ("BRAND", ("brand",), "There is no slice 'BRAND'. Did you mean brand?"),
    ],
)
def test_unknown_names_propose_what_there_is(name, known, said):
    """The nearest names; else all; else that there is none."""
    assert str(errors.UnknownNameError("slice", name, known)) == said


def test_long_values_are_cut_and_counted():
    """A value of a megabyte stays readable."""
    said = str(errors.UnknownNameError("KPI", "x" * 1_000_000, ("A-1",)))

    assert "(1000000 characters)" in said
    assert len(said) < 300


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b"), "a and b"),
        (("a", "b", "c"), "a, b and c"),
        (tuple("abcdefghijklmnop"), "a, b, c, d, e, f, g, h, i, j, k, l and 4 more"),
    ],
)
def test_lists_read_as_sentences(words, said):
    """Commas, an and, and a count of what is too much."""
    assert errors.listed(words) == said


def test_the_root_says_its_own_docstring():
    """An error without a sentence of its own still says something."""
    assert str(errors.KpisdkError()).startswith("Root of all errors")


def test_a_class_without_docstring_says_its_name():
    """The last resort is the name of the class."""

    class SilentError(errors.KpisdkError):
        pass

    assert SilentError().message == "SilentError"


@attrs.define(eq=False)
class TemplateError(errors.KpisdkError):
    """A class of a plugin's, with everything that a template may hold."""

    name: str
    known: tuple[str, ...]
    day: dt.date
    seconds: float
    type: kpisdk.LogicalType

    template = (
        "{{{name:quoted}}} {name!r} {shout}: {known:listed}; {known:joined}; {day:iso}; "
        "{seconds:g}; {seconds:.3f}; {type.value}"
    )

    @property
    def shout(self):
        """A property, which a template takes like a field."""
        return self.name.upper()


def test_a_template_is_filled_with_fields_properties_and_their_formatters():
    """Values are written as they are: braces in a value are no part of the template."""
    error = TemplateError("a{name}", ("b", "c"), dt.date(2025, 3, 1), 1.5, kpisdk.LogicalType.INT)

    assert str(error) == (
        "{'a{name}'} 'a{name}' A{NAME}: b and c; b; c; 2025-03-01; 1.5; 1.500; int"
    )


def test_a_class_adds_formatters_of_its_own():
    """What a plugin writes in a way of its own is one word in its templates."""

    @attrs.define(eq=False)
    class ShareError(errors.KpisdkError):
        share: float

        template = "The share is {share:percent}."
        formatters = {**errors.KpisdkError.formatters, "percent": lambda share: f"{share:.0%}"}

    assert str(ShareError(0.25)) == "The share is 25%."


def test_a_template_that_names_no_field_is_refused_when_the_class_is_made():
    """Its error would fail in the moment in which it is shown."""
    with pytest.raises(TypeError, match=r"template of MisspeltError names naem, no field of it"):

        class MisspeltError(errors.UnknownNameError):
            template = "There is no {naem}."


def test_a_template_under_a_message_of_its_own_is_refused():
    """The message would win, and the template would never be read."""

    class OldError(errors.KpisdkError):
        @property
        def message(self):
            return "As it was."

    with pytest.raises(TypeError, match="NewError has a template, and a message that does not"):

        class NewError(OldError):
            template = "As it should be."


def test_a_class_that_writes_its_own_message_needs_no_template():
    """As plugins did before there were templates, a field of that name included."""

    @attrs.define(eq=False)
    class OlderError(errors.QueryError):
        template: str

        @property
        def message(self):
            return f"The {self.template} of {self.source} failed."

    assert str(OlderError("db", "why", "{letter}")) == "The {letter} of db failed."


def test_of_two_names_that_differ_in_case_the_first_is_proposed():
    """One proposal for one reading of what was typed."""
    assert errors.nearest("brnd", ("Brand", "BRAND", "region")) == ("Brand",)

"""``--lang`` and ``LANG``: people are answered in their language, programs never."""

from __future__ import annotations

import io
import sys

import attrs
import pytest

from kpisdk import Note, Translation, hookimpl
from kpisdk.builtin.reports.plugin import kpisdk_reports
from kpisdk.cli import main
from kpisdk.cli.installation import Installation
from kpisdk.cli.report_output import rendered
from kpisdk.contracts.results import Report
from kpisdk.plugins import loading as loading_room

NARROW = "\u202f"


class Breton:
    """A third party's plugin that speaks a language which the core does not, and French."""

    name = "breton"
    __version__ = "1.0"

    def __init__(self, make_kpi):
        self.make_kpi = make_kpi

    @hookimpl
    def kpisdk_kpis(self):
        texts = {
            "br": {"name": "Feur degemer", "definition": "Lodenn"},
            "fr": {"name": "Taux de visite", "definition": "part des visites faites"},
        }
        yield self.make_kpi("VI-VI-001", workstream="visits", name="Visits", translations=texts)

    @hookimpl
    def kpisdk_translations(self):
        yield Translation("br", {"{n} visits are lost.": "Kollet eo {n} gweladenn."})
        yield Translation("fr", {"{n} visits are lost.": "Visites perdues : {n}."})


@pytest.fixture
def told(tmp_path, monkeypatch, capsys, make_kpi):
    """``told(LANG, *arguments)``: exit code, standard output and error of a command."""
    monkeypatch.setattr(loading_room, "installed_points", tuple)

    def run(lang: str, *arguments: str) -> tuple[int, str, str]:
        here = Installation(tmp_path, {"LANG": lang}, [Breton(make_kpi)])
        code = main(arguments, here)
        return (code, *capsys.readouterr())

    return run


def test_a_third_party_s_records_are_listed_in_the_languages_that_it_brings(told):
    """Headings that the core has no words for stay English; the names are the plugin's."""
    french = told("", "list", "--lang", "fr")[1].splitlines()

    assert french[0].split() == [
        *("id", "nom", "domaine", "unité", "sens", "cible", "alerte", "critique", "fenêtre")
    ]
    assert french[1].split("  ")[1] == "Taux de visite"
    assert "0,6" in french[1]
    assert "plus haut = mieux" in french[1]
    assert "30 derniers jours" in french[1]
    assert "Feur degemer" in told("", "list", "--lang", "br")[1]
    assert "Lodenn" in told("", "dictionary", "export", "--lang", "br")[1]


@pytest.mark.parametrize("lang", ["fr", "fr_FR", "fr_FR.UTF-8", "fr_CA@euro"])
def test_lang_is_the_default_and_the_option_wins(told, lang):
    """Whatever follows the language in LANG."""
    assert "Taux de visite" in told(lang, "list")[1]
    assert "Visits" in told(lang, "list", "--lang", "en")[1]
    assert "Feur degemer" in told(lang, "list", "--lang", "br")[1]


@pytest.mark.parametrize("lang", ["", "C", "C.UTF-8", "POSIX", "en_GB.UTF-8", "de_DE", "french"])
def test_a_lang_that_nothing_speaks_is_english_without_a_word(told, lang):
    """Nobody asked for it by name."""
    code, out, err = told(lang, "list")

    assert (code, err) == (0, "")
    assert out.startswith("id         name    workstream")


def test_an_unknown_language_names_those_there_are(told):
    """In the language that the error itself can be told in."""
    english = "Error: There is no language 'de'. There are en, br and fr.\n"
    french = f"Erreur{NARROW}: Il n'y a pas de langue 'de'. Il y a en, br et fr.\n"

    assert told("", "list", "--lang", "de") == (2, "", english)
    assert told("fr", "list", "--lang", "de") == (2, "", french)
    assert told("", "dictionary", "export", "--lang", "de") == (2, "", english)


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_machine_formats_of_a_list_are_the_same_bytes_in_every_language(told, form):
    """Scripts read them."""
    plain = told("", "list", "--format", form)

    assert told("fr_FR.UTF-8", "list", "--format", form) == plain
    assert told("", "list", "--lang", "fr", "--format", form) == plain


def test_a_dictionary_for_programs_is_in_another_language_only_if_asked_for_by_name(told):
    """LANG chooses for md and html; the texts of CSV and JSON change with --lang alone."""
    plain = told("", "dictionary", "export")[1]

    assert told("fr", "dictionary", "export")[1] == plain
    asked = told("", "dictionary", "export", "--lang", "fr")[1]
    assert "part des visites faites" in asked
    assert asked.splitlines()[0] == plain.splitlines()[0]
    page = told("fr", "dictionary", "export", "--format", "md")[1]
    assert page.startswith("| indicateur | définition | objectif |")


@pytest.fixture
def shown(tmp_path, monkeypatch, make_kpi, make_result):
    """``shown(language, format)``: a report with a warning of the third party, rendered."""
    monkeypatch.setattr(loading_room, "installed_points", tuple)
    lost = make_result(
        "VI-VI-001", name="Visits", value=0.125, warnings=(Note("lost", "7 visits are lost."),)
    )

    def show(language: str, name: str, wide: bool = False) -> str:
        here = Installation(tmp_path, {}, [Breton(make_kpi)])
        here.answer_in(language)
        (form,) = (each for each in kpisdk_reports() if each.name == name)
        return rendered(here, Report((lost,)), form, None, wide, here.registry.kpis)

    return show


@pytest.mark.parametrize(("name", "wide"), [("table", False), ("table", True), ("md", False)])
def test_a_report_is_told_in_french_with_its_codes_in_english(shown, name, wide):
    """Name, headings, figures, statuses, the plugin's warning and the summary."""
    text = shown("fr", name, wide)

    for told in ("nom", "Taux de visite", "valeur", "0,125", "bon", "sans", "objet"):
        assert told in text
    assert f"- VI-VI-001{NARROW}: lost{NARROW}: Visites perdues{NARROW}: 7." in text
    assert f"1 résultat{NARROW}: 1 bon." in text
    for english in ("name", "value", "good", "visits", "result:", "not applicable"):
        assert english not in text


@pytest.mark.parametrize("name", ["json", "jsonl", "csv", "openmetrics"])
def test_a_report_for_programs_is_the_same_bytes_in_every_language(shown, name):
    """Names and sentences included: what is kept and compared knows no language."""
    assert shown("fr", name) == shown("en", name)


@attrs.define
class Latin:
    """A stream of an encoding without the narrow no-break space."""

    kept: io.BytesIO

    def stream(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(self.kept, encoding="latin-1", write_through=True)


def test_a_terminal_without_the_narrow_space_gets_a_plain_one(tmp_path, monkeypatch, make_kpi):
    r"""And no ``\u202f`` in the middle of a sentence."""
    monkeypatch.setattr(loading_room, "installed_points", tuple)
    latin = Latin(io.BytesIO())
    monkeypatch.setattr(sys, "stderr", latin.stream())
    here = Installation(tmp_path, {"LANG": "fr_FR"}, [Breton(make_kpi)])
    here.note("Warning: 7 visits are lost.")

    assert latin.kept.getvalue() == b"Avertissement : Visites perdues : 7.\n"

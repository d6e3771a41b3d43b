"""Sentences in another language: found by their English form, whole or not at all."""

from __future__ import annotations

import pytest

from kpisdk import Language, Translation
from kpisdk.contracts.typography import NARROW
from kpisdk.errors import DefinitionError

SENTENCES = {
    "Warning: {sentence}": "Avertissement : {sentence}",
    "{n} visits of {who} are left out.": "Visites de {who} écartées : {n}.",
    "Nothing else is known.": "On ne sait rien d'autre.",
    "Only {what}.": "Seulement {what}.",
}
FRENCH = Language("fr", (Translation("fr", SENTENCES, {"nobody": "personne", "good": "bon"}),))


def test_a_sentence_is_told_with_what_stands_in_its_places():
    """Names and numbers are taken over, known words are translated, order is the language's."""
    assert FRENCH.text("12 visits of Anna {x} are left out.") == (
        f"Visites de Anna {{x}} écartées{NARROW}: 12."
    )
    assert FRENCH.text("3 visits of nobody are left out.") == (
        f"Visites de personne écartées{NARROW}: 3."
    )


def test_sentences_in_a_row_and_around_one_another_are_told_whole_or_not_at_all():
    """Half a sentence in one language and half in another is worse than English."""
    both = "3 visits of A are left out. Nothing else is known."
    told = f"Visites de A écartées{NARROW}: 3. On ne sait rien d'autre."

    assert FRENCH.text(both) == told
    assert FRENCH.text(f"Warning: {both}") == f"Avertissement{NARROW}: {told}"
    for unknown in (
        "Warning: The disk is full.",
        "3 visits of A are left out. The disk is full.",
        "Only A. The disk is full.",
    ):
        assert FRENCH.known(unknown) is None
        assert FRENCH.text(unknown) == unknown


def test_english_says_everything_as_it_was_made():
    """And a word that nobody translated is the word."""
    assert Language().text("Nothing else is known.") == "Nothing else is known."
    assert (FRENCH.word("good"), FRENCH.word("ugly")) == ("bon", "ugly")


def test_of_two_translations_of_a_sentence_the_first_counts():
    """The core comes first, so that no plugin rewords it."""
    first = Translation("fr", {"Yes.": "Oui."})
    second = Translation("fr", {"Yes.": "Si.", "No.": "Non."})
    both = Language("fr", (first, second))

    assert (both.text("Yes."), both.text("No.")) == ("Oui.", "Non.")


def test_a_translation_with_faults_names_them_all():
    """A place that only one of the two forms has would be lost, or never filled."""
    with pytest.raises(DefinitionError) as caught:
        Translation("French", {"{n} rows": "{m} lignes", "Yes.": "Oui."})

    wheres = [problem.where for problem in caught.value.problems]
    assert wheres == ["language", "sentences.{n} rows"]


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("0.25", "0,25"),
        ("-12,345.6", f"-12{NARROW}345,6"),
        (">= 0.6", ">= 0,6"),
        ("[0.1, -0.2]", f"[0,1{NARROW}; -0,2]"),
        ("+0.02 (+4.2 %)", f"+0,02 (+4,2{NARROW}%)"),
        ("1e-05", "1e-05"),
        # a date, a name and a version are no figures
        ("2026-01-03", "2026-01-03"),
        ("v1.2.3", "v1.2.3"),
        ("absent", "absent"),
    ],
)
def test_figures_have_a_comma_and_narrow_spaces_in_french_alone(english, french):
    """Those that people read; a machine never sees them."""
    assert FRENCH.figures(english) == french
    assert Language("de").figures(english) == english

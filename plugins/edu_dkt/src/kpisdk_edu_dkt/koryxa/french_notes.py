"""Remarks on an events log in French: the school's analysis has no line in another language.

Remarks are made in English, where they are counted. Each sentence that this plugin makes is known
here with its translation; of a remark that the core makes, the code says what it is about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kpisdk import Language, Note, Reason, Result, Translation

SENTENCES: Mapping[str, str] = {
    "The file is not UTF-8; it was read as Latin-1. Names with accents may be wrong.": (
        "Le fichier n'est pas en UTF-8 ; il a été lu en Latin-1. Les noms accentués peuvent être "
        "faux."
    ),
    "The file's columns are separated by {mark}.": (
        "Les colonnes du fichier sont séparées par {mark}."
    ),
    "Lines that are no rows, left out (the first is line {first}): {n}.": (
        "Lignes qui ne sont pas des enregistrements, écartées (la première est la ligne {first}) : "
        "{n}."
    ),
    "Values of {column} that are no {kind}, read as missing: {n}.": (
        "Valeurs de `{column}` qui ne sont pas des {kind}, lues comme absentes : {n}."
    ),
    "Events of another module than m1, left out: {n}.": (
        "Événements d'un autre module que m1, écartés : {n}."
    ),
    "Events that name no user, left out: {n}.": ("Événements sans utilisateur, écartés : {n}."),
    "Events that lie in the future, left out: {n}.": (
        "Événements datés dans le futur, écartés : {n}."
    ),
    "Events that repeat another one in every column and change no value: {n}.": (
        "Événements qui en répètent un autre dans toutes les colonnes et ne changent aucune "
        "valeur : {n}."
    ),
    "Events that repeat another one in all of {columns} and change no value: {n}.": (
        "Événements qui en répètent un autre dans toutes ces colonnes : {columns}, et ne changent "
        "aucune valeur : {n}."
    ),
    "Users in more than one cohort, each counted in that of the first event: {n}.": (
        "Inscrits présents dans plusieurs cohortes, comptés dans celle de leur premier événement : "
        "{n}."
    ),
    "Events without a timestamp, which count but are nobody's first: {n}.": (
        "Événements sans horodatage, qui comptent mais ne sont le premier de personne : {n}."
    ),
    "Events without a value of {column}, which leave the largest as it is: {n}.": (
        "Événements sans valeur de `{column}`, qui ne changent pas la plus grande : {n}."
    ),
    "Values of {column} that are negative or beyond counting, left out: {n}.": (
        "Valeurs de `{column}` négatives ou trop grandes pour un compte, écartées : {n}."
    ),
    "Fractional values of {column}, cut to the whole number below: {n}.": (
        "Valeurs fractionnaires de `{column}`, ramenées à l'entier inférieur : {n}."
    ),
    "Users without any readable value of {column}, who count as users: {n}.": (
        "Inscrits sans aucune valeur lisible de `{column}`, comptés comme inscrits : {n}."
    ),
    "Users who began less than 48 h before the data end and may still run it: {n}.": (
        "Inscrits arrivés moins de 48 h avant la fin des données, qui peuvent encore l'exécuter : "
        "{n}."
    ),
    "Users with untimed events in theme 2 only, left out of the median: {n}.": (
        "Inscrits dont tous les événements du thème 2 sont sans horodatage, exclus de la médiane : "
        "{n}."
    ),
    "Users who have not reached theme 2 yet, and are not in the median: {n}.": (
        "Inscrits qui n'ont pas encore atteint le thème 2, absents de la médiane : {n}."
    ),
}
"""English sentence of this plugin -> the French one, with the same places in braces."""

WORDS: Mapping[str, str] = {
    "a tab": "une tabulation",
    "a semicolon": "un point-virgule",
    "a bar": "une barre verticale",
    "UTC timestamps": "horodatages UTC",
    "numbers": "nombres",
}
"""What may stand in a place of a sentence -> the French words."""

_CODES: Mapping[str, str] = {
    "never_occurs": "ce que compte l'indicateur n'apparaît nulle part dans les données",
    "share_above_one": "une part dépasse 1",
    "few_rows": "la valeur repose sur peu d'inscrits",
    "fell_back": "la première manière de calculer ne donnait rien ; une autre a répondu",
    "not_counted": "un contrôle des événements n'a pas pu être fait",
    "stale": "les données ne sont plus récentes",
    "unit_unknown": "l'unité de l'intervalle n'est pas dans les données ; il compte des lignes",
}

_REASONS: Mapping[Reason, str] = {
    Reason.NO_ROWS: "aucune ligne ne contient ce qu'il faut",
    Reason.ZERO_DENOMINATOR: "le dénominateur est nul",
    Reason.MISSING_TABLE: "la table n'existe pas",
    Reason.MISSING_COLUMN: "une colonne manque",
    Reason.WRONG_TYPE: "une colonne n'a pas le type attendu",
    Reason.UNSUPPORTED_SLICE: "ce découpage n'est pas possible",
    Reason.NOT_FINITE: "les données contiennent des valeurs infinies ou indéfinies",
    Reason.QUERY_FAILED: "la source a refusé la requête",
    Reason.TIMEOUT: "la requête a dépassé le temps permis",
    Reason.SOURCE_UNAVAILABLE: "la source ne répond pas",
}


_FRENCH = Language("fr", (Translation("fr", SENTENCES, WORDS),))


def in_french(note: Note) -> str:
    """A remark in French; one that nobody translated is named by its code, without its words."""
    known = _FRENCH.known(note.message)
    if known is not None:
        # The evidence has plain spaces throughout, as the school's own files have.
        return known.replace("\u202f", " ")
    about = _CODES.get(note.code, "remarque du calcul ; son texte est sur la sortie d'erreur")
    return f"{about[0].upper()}{about[1:]}."


def absence_in_french(result: Result) -> str:
    """Why a result has no value, in French, with the names that its message quotes."""
    reason = _REASONS.get(Reason(result.reason), "") if result.reason else ""
    names = [name for name in re.findall(r"'([^']+)'", result.message or "") if name]
    quoted = f" ({', '.join(f'`{name}`' for name in dict.fromkeys(names))})" if names else ""
    return f"{result.kpi_id} : pas de valeur, {reason or 'le calcul a échoué'}{quoted}."

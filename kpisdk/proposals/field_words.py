"""Names of columns and tables as words: which name the same thing, in three languages."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SAME = {
    "patient": ("patienten", "patients", "pat"),
    "hcp": ("arzt", "ärzte", "arztes", "doctor", "physician", "médecin", "medecin", "prescriber"),
    "brand": ("marke", "marque", "produkt", "product", "produit"),
    "date": ("datum", "tag", "day", "jour"),
    "timestamp": ("zeitstempel", "zeitpunkt", "horodatage", "datetime", "at", "time", "zeit"),
    "region": ("gebiet", "région"),
    "status": ("state", "zustand", "statut", "état", "etat"),
    "id": ("nr", "nummer", "number", "no", "kennung", "identifiant", "num", "key", "code", "uuid"),
    "type": ("art", "typ", "kind"),
    "value": ("wert", "valeur", "betrag", "amount", "montant"),
    "name": ("nom", "bezeichnung", "label"),
    "event": ("ereignis", "événement", "evenement"),
    "acceptance": ("annahme", "acceptation", "accepted"),
    "action": ("aktion", "maßnahme"),
    "taken": ("ergriffen", "prise"),
    "channel": ("kanal", "canal"),
    "delivery": ("zustellung", "livraison"),
    "priority": ("priorität", "prioritaet", "priorité"),
    "session": ("sitzung",),
    "user": ("nutzer", "benutzer", "utilisateur"),
    "group": ("gruppe", "groupe"),
    "flag": ("kennzeichen", "is", "indicator"),
    "trigger": ("auslöser", "signal", "alert", "déclencheur"),
    "outcome": ("ergebnis", "résultat", "result"),
    "lead": ("vorlauf", "délai"),
    "days": ("tage", "jours"),
    "change": ("änderung", "aenderung", "changement"),
    "previous": ("vorheriger", "vorherige", "précédent", "prev"),
    "control": ("kontrolle", "kontroll", "contrôle"),
    "count": ("anzahl", "nombre"),
    "metric": ("kennzahl", "indicateur", "measure"),
    "confidence": ("konfidenz", "confiance"),
    "diagnosis": ("diagnose", "diagnostic"),
    "survey": ("umfrage", "enquête"),
    "score": ("punktzahl", "note"),
    "treatment": ("behandlung", "traitement"),
    "prediction": ("vorhersage", "prédiction"),
    "profile": ("profil",),
    "journey": ("verlauf", "parcours"),
}
"""Words of the fields that KPIs are made of, with those that people write for them."""

GENERIC = frozenset(
    (
        "id",
        "date",
        "timestamp",
        "status",
        "type",
        "value",
        "name",
        "flag",
        "count",
        "score",
        "created",
    )
)
"""Words that many columns share: they alone make no two columns the same."""

_STOPS = frozenset(("the", "of", "der", "die", "das", "des", "de", "la", "le", "du", "d", "l"))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


_MEANT = {_folded(word): meant for meant, words in _SAME.items() for word in words}


# Every column of a source is held against every column of every dataset.
@lru_cache(maxsize=10_000)
def snake(name: str) -> str:
    """A name in small letters with underscores: ``Trigger ID`` and ``triggerId`` are one."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", _folded(apart)).strip("_")


@lru_cache(maxsize=10_000)
def words(name: str) -> frozenset[str]:
    """What a name says, word for word, in the words of the datasets."""
    said = (word for word in snake(name).split("_") if word and word not in _STOPS)
    return frozenset(_singular(_MEANT.get(word, word)) for word in said)


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 4 and not word.endswith("ss") else word


def alike(name: str, wanted: str) -> float:
    """How much two names say the same, from 0 to 1; an id is never another thing's id.

    1 is one name in another spelling; 0.9 the same words in another order or language.
    """
    if snake(name) == snake(wanted):
        return 1.0
    said, asked = words(name), words(wanted)
    if said == asked:
        return 0.9
    if ("id" in said) != ("id" in asked):
        return 0.0
    own, other = said - GENERIC, asked - GENERIC
    if not own or not other or ("id" in said and own != other):
        return 0.0
    return 0.8 * len(said & asked) / len(said | asked)

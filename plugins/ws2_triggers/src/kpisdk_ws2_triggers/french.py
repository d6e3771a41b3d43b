"""The records' texts in French, by KPI; the records themselves are in English."""

from collections.abc import Mapping

_DAILY = {"unit": "ratio", "granularity": "déclencheur", "refresh": "quotidien"}
_WEEKLY = {**_DAILY, "refresh": "hebdomadaire"}
_OPERATIONS = {"owner": "Exploitation des déclencheurs"}

FRENCH: Mapping[str, Mapping[str, str]] = {
    "WS2-TR-001": {
        **_DAILY,
        **_OPERATIONS,
        "name": "Précision des déclencheurs",
        "definition": "part des déclencheurs au résultat suivi dont le résultat est positif",
        "objective": "envoyer des déclencheurs qui aboutissent",
        "numerator": "déclencheurs suivis dont la valeur du résultat dépasse zéro",
        "denominator": "déclencheurs suivis dont la valeur du résultat est connue",
        "segment": "déclencheurs dont le résultat est suivi",
        "gaming_risk": "ne suivre que les résultats qui ont des chances d'être positifs",
        "controls": "surveiller la part des déclencheurs dont le résultat est suivi",
    },
    "WS2-TR-002": {
        **_DAILY,
        **_OPERATIONS,
        "name": "Rappel des déclencheurs",
        "definition": (
            "part des prescriptions et conversions dont le patient avait reçu un déclencheur le "
            "jour même ou avant"
        ),
        "objective": "voir les occasions avant qu'elles se présentent",
        "numerator": "événements précédés d'un déclencheur pour le même patient",
        "denominator": "prescriptions et conversions dont le patient est connu",
        "granularity": "événement de traitement",
        "segment": "prescriptions et conversions",
        "gaming_risk": "envoyer une fois un déclencheur pour chaque patient",
        "controls": "lire avec WS2-TR-001 (précision) et WS2-TR-005 (fausses alertes)",
    },
    "WS2-TR-003": {
        **_WEEKLY,
        **_OPERATIONS,
        "name": "Gain du taux d'action",
        "definition": (
            "de combien les déclencheurs mènent plus souvent à une action que dans le groupe témoin"
        ),
        "objective": "montrer que les déclencheurs changent ce que font les délégués",
        "numerator": "taux d'action du groupe traité moins celui du groupe témoin",
        "denominator": "taux d'action du groupe témoin",
        "segment": "déclencheurs affectés au groupe traité ou au groupe témoin",
        "gaming_risk": "affecter au groupe traité les actions déjà probables",
        "controls": "affectation au hasard ; surveiller la taille du groupe témoin",
    },
    "WS2-TR-004": {
        **_DAILY,
        **_OPERATIONS,
        "name": "Taux d'acceptation",
        "definition": "part des déclencheurs remis que les délégués ont acceptés",
        "objective": "envoyer des déclencheurs qui méritent une action aux yeux des délégués",
        "numerator": "déclencheurs dont acceptance_status vaut accepted",
        "denominator": "déclencheurs qui ont un acceptance_status (remis)",
        "segment": "déclencheurs remis",
        "gaming_risk": "accepter sans agir",
        "controls": "lire avec WS2-TR-003 (gain d'action)",
    },
    "WS2-TR-005": {
        **_DAILY,
        **_OPERATIONS,
        "name": "Taux de fausses alertes",
        "definition": "part des déclencheurs marqués comme faux positifs, parmi ceux jugés",
        "objective": "garder la confiance des délégués dans les déclencheurs",
        "numerator": "déclencheurs marqués comme faux positifs",
        "denominator": "déclencheurs marqués dans un sens ou dans l'autre",
        "segment": "tous les déclencheurs",
        "gaming_risk": "ne pas marquer les déclencheurs douteux",
        "controls": "surveiller la part des déclencheurs sans marque",
    },
    "WS2-TR-006": {
        **_DAILY,
        **_OPERATIONS,
        "name": "Taux de contournement",
        "definition": "part des déclencheurs remis que les délégués ont contournés",
        "objective": "garder les déclencheurs en accord avec le jugement des délégués",
        "numerator": "déclencheurs dont acceptance_status vaut overridden",
        "denominator": "déclencheurs qui ont un acceptance_status (remis)",
        "segment": "déclencheurs remis",
        "gaming_risk": "refuser ou ignorer les déclencheurs au lieu de les contourner",
        "controls": "lire avec WS2-TR-004 (acceptation)",
    },
    "WS2-TR-007": {
        **_WEEKLY,
        **_OPERATIONS,
        "name": "Délai d'aboutissement",
        "definition": "nombre médian de jours entre un déclencheur et son résultat",
        "objective": "raccourcir le chemin du déclencheur au résultat",
        "numerator": "jours du déclencheur au résultat",
        "unit": "jours",
        "segment": "déclencheurs dont le délai est connu",
        "gaming_risk": "déclencher tard, quand le résultat est proche",
        "controls": "lire avec WS2-TR-002 (rappel)",
    },
    "WS2-TR-008": {
        **_WEEKLY,
        **_OPERATIONS,
        "name": "Taux d'échec des changements (CFR)",
        "definition": "part des déclencheurs modifiés qui font moins bien que les précédents",
        "objective": "modifier les déclencheurs sans les dégrader",
        "numerator": "déclencheurs modifiés dont change_failed est vrai",
        "denominator": "déclencheurs qui en remplacent un autre et dont change_failed est connu",
        "segment": "déclencheurs modifiés",
        "gaming_risk": "ne pas noter quel déclencheur a été remplacé",
        "controls": "surveiller le nombre de changements",
    },
}
"""Dictionary fields and names by KPI id."""

"""The dictionary's texts of knowledge tracing in French; the records are in English."""

from collections.abc import Mapping

_EVERY_ROW = {"granularity": "réponse", "refresh": "à la demande"}
_RELIABLE = "des prédictions sur lesquelles un parcours adaptatif peut s'appuyer"

FRENCH: Mapping[str, Mapping[str, str]] = {
    "EDU-DKT-001": {
        **_EVERY_ROW,
        "name": "AUC au pas suivant",
        "definition": (
            "capacité du modèle à distinguer, avant qu'elles soient données et d'après les "
            "précédentes, les bonnes réponses des mauvaises"
        ),
        "objective": _RELIABLE,
        "formula": "P(p d'une bonne réponse > p d'une mauvaise) + P(égalité) / 2",
        "unit": "score",
        "gaming_risk": "répéter une même réponse, ou juger sur des élèves vus à l'apprentissage",
        "controls": "une réponse répétée compte une fois ; les élèves déjà vus sont signalés",
    },
    "EDU-DKT-002": {
        **_EVERY_ROW,
        "name": "Exactitude au pas suivant",
        "definition": "part des réponses que le modèle prévoit, avec un seuil d'un demi",
        "objective": _RELIABLE,
        "formula": "réponses où (p >= 0,5) égale le résultat / réponses",
        "unit": "%",
        "gaming_risk": "dans une classe qui réussit presque toujours, tout modèle paraît exact",
        "controls": "lire avec l'AUC et le taux de base",
    },
    "EDU-DKT-003": {
        **_EVERY_ROW,
        "name": "Erreur de calibration au pas suivant",
        "definition": "écart moyen entre les probabilités prédites et ce qui arrive",
        "objective": "des probabilités qui veulent dire ce qu'elles disent",
        "formula": (
            "somme, sur 15 classes de même largeur, de part des réponses x "
            "|résultat moyen - p moyenne|, moins ce que le hasard y ajoute"
        ),
        "unit": "score",
        "gaming_risk": "prédire le taux de base pour tous est bien calibré et inutile",
        "controls": "lire avec l'AUC",
    },
    "EDU-DKT-004": {
        **_EVERY_ROW,
        "name": "Part des couples élève-compétence maîtrisés",
        "definition": (
            "part des compétences travaillées dans lesquelles la probabilité de réussir un "
            "exercice moyen atteint le niveau de maîtrise"
        ),
        "objective": "des élèves qui maîtrisent ce qu'ils travaillent",
        "numerator": "couples travaillés dont la maîtrise atteint le niveau",
        "denominator": "couples travaillés",
        "formula": "couples travaillés avec maîtrise >= 0,8 / couples travaillés",
        "unit": "%",
        "granularity": "élève x compétence",
        "gaming_risk": "ne travailler que le facile ; un modèle dont les têtes ne savent rien",
        "controls": "un modèle qui échoue au test des têtes permutées est refusé",
    },
    "EDU-DKT-005": {
        **_EVERY_ROW,
        "name": "Gain d'AUC sur les comptages",
        "definition": (
            "ce que le modèle ajoute à une régression logistique sur les bonnes et mauvaises "
            "réponses passées, ajustée sur les mêmes élèves"
        ),
        "objective": "un réseau qui vaut ce qu'il coûte",
        "formula": "AUC du modèle - AUC de la régression logistique sur les comptages",
        "unit": "score",
        "gaming_risk": "une référence faible",
        "controls": "la référence est ajustée jusqu'à son minimum et livrée avec le modèle",
    },
}
"""Dictionary fields by KPI id."""

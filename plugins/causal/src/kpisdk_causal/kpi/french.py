"""The records' texts in French, by KPI; the records themselves are in English."""

from collections.abc import Mapping

_EVERY = {"unit": "effet", "owner": "Inférence causale", "refresh": "à la demande"}
_OF_ROWS = {
    **_EVERY,
    "refresh": "hebdomadaire",
    "granularity": "prédiction ; ou une ligne de la table brute",
    "source": "ml_predictions, ou la table brute qui est nommée",
}
_OF_PATHS = "causal_paths, ou la table brute qui est nommée"

FRENCH: Mapping[str, Mapping[str, str]] = {
    "CM-001": {
        **_OF_ROWS,
        "name": "Effet moyen du traitement (ATE)",
        "definition": "effet moyen d'un traitement sur un résultat, pour l'ensemble des unités",
        "objective": "savoir ce qu'un traitement produit, et non ce qui l'accompagne",
        "gaming_risk": "omettre un facteur de confusion qui réduirait l'effet",
        "controls": (
            "contrôle du recouvrement, équilibre, réfutations et ensemble d'ajustement dans le "
            "résultat"
        ),
    },
    "CM-002": {
        **_OF_ROWS,
        "name": "Effet moyen conditionnel (CATE)",
        "definition": "effet moyen d'un traitement dans un segment, et dans chacun",
        "objective": "savoir pour qui un traitement agit",
        "segment": "segment_assignment, ou la colonne de segment de la table brute",
        "gaming_risk": "découper des segments jusqu'à ce que l'un d'eux paraisse bon",
        "controls": "valeurs p corrigées du nombre de segments, test d'égalité des effets",
    },
    "CM-003": {
        **_EVERY,
        "name": "Impact causal",
        "definition": "taille d'effet des chemins causaux validés, par intervention",
        "objective": "savoir ce qu'une intervention a changé",
        "formula": "causal_effect_size de l'analyse causale",
        "granularity": "chemin validé ; ou une période",
        "source": _OF_PATHS,
        "gaming_risk": "ne valider que les chemins aux grands effets",
        "controls": "nombre de chemins et niveau de confiance pour chaque intervention",
    },
    "CM-004": {
        **_EVERY,
        "name": "Résultat contrefactuel",
        "definition": "résultat qu'un patient aurait eu sous l'autre traitement",
        "objective": "expliquer une décision par ce qui aurait pu arriver d'autre",
        "granularity": "patient",
        "source": _OF_ROWS["source"],
        "gaming_risk": "lire l'estimation d'un seul patient comme si elle était certaine",
        "controls": "intervalle, hypothèse et recouvrement dans le résultat",
    },
    "CM-005": {
        **_EVERY,
        "name": "Effet de médiation",
        "definition": "part de l'effet total qui passe par des médiateurs",
        "objective": "savoir comment un traitement agit",
        "numerator": "effet indirect",
        "denominator": "effet total",
        "unit": "ratio",
        "granularity": "chemin validé ; ou une ligne de la table brute",
        "source": _OF_PATHS,
        "gaming_risk": "appeler médiateur une conséquence du résultat",
        "controls": "contrôle du graphe, et pas de part là où l'effet total peut être 0",
    },
}
"""Dictionary fields and names by KPI id."""

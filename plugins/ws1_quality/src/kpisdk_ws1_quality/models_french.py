"""The texts of the model records in French; the records themselves are in English."""

from collections.abc import Mapping

_DAILY = {
    "unit": "score",
    "granularity": "prédiction",
    "segment": "prédictions au résultat connu",
    "owner": "Science des données",
    "refresh": "quotidien",
}

FRENCH: Mapping[str, Mapping[str, str]] = {
    "WS1-MP-001": {
        **_DAILY,
        "name": "AUC de la courbe ROC",
        "definition": (
            "probabilité que le modèle classe un positif tiré au sort au-dessus d'un négatif tiré "
            "au sort ; une égalité compte pour moitié"
        ),
        "objective": "classer patients et professionnels par un modèle qui les distingue",
        "numerator": "paires d'un positif et d'un négatif bien classées",
        "denominator": "paires d'un positif et d'un négatif",
        "gaming_risk": "ne juger que les prédictions faciles",
        "controls": "comparer le chiffre stocké avec le chiffre calculé",
    },
    "WS1-MP-002": {
        **_DAILY,
        "name": "AUC précision-rappel",
        "definition": (
            "précision moyenne : la précision à chaque palier du rappel, les scores égaux comptant "
            "pour un seul"
        ),
        "objective": "trouver les rares positifs sans les noyer dans les fausses alertes",
        "numerator": "précision à chaque palier du rappel",
        "gaming_risk": "une population plus riche en positifs le relève sans meilleur modèle",
        "controls": "lire avec la part des positifs",
    },
    "WS1-MP-003": {
        **_DAILY,
        "name": "Score F1",
        "definition": (
            "moyenne harmonique de la précision et du rappel, une prédiction de 0,5 ou plus valant "
            "oui"
        ),
        "objective": "dire oui à bon escient sans trop manquer",
        "numerator": "deux fois les vrais positifs",
        "denominator": "positifs prédits et positifs réels",
        "gaming_risk": "déplacer les probabilités autour du seuil de 0,5",
        "controls": "lire avec WS1-MP-006 (calibration)",
    },
    "WS1-MP-004": {
        **_DAILY,
        "name": "Rappel dans les K premiers",
        "definition": "part de tous les positifs qui figurent parmi les K plus hautes prédictions",
        "objective": "atteindre les positifs avec les visites possibles",
        "numerator": "positifs parmi les K plus hautes prédictions",
        "denominator": "positifs",
        "gaming_risk": "augmenter K",
        "controls": "K vaut 100 sauf demande contraire",
    },
    "WS1-MP-005": {
        **_DAILY,
        "name": "Score de Brier",
        "definition": "écart quadratique moyen entre la probabilité prédite et le résultat",
        "objective": "donner des probabilités sur lesquelles on peut planifier",
        "numerator": "écarts au carré de la probabilité et du résultat",
        "denominator": "prédictions au résultat connu",
        "gaming_risk": "un résultat rare le rend petit pour tout modèle",
        "controls": "lire avec WS1-MP-002 (AUC précision-rappel)",
    },
    "WS1-MP-006": {
        **_DAILY,
        "name": "Pente de calibration",
        "definition": (
            "pente de la régression logistique du résultat sur le logit de la prédiction ; 1 est "
            "l'idéal, moins trahit un excès de confiance"
        ),
        "objective": "donner des probabilités qui veulent dire ce qu'elles disent",
        "numerator": "variation du logit du résultat",
        "denominator": "variation du logit de la prédiction",
        "unit": "pente",
        "refresh": "hebdomadaire",
        "gaming_risk": "ramener toutes les probabilités vers le milieu relève la pente",
        "controls": "une pente au-dessus de 1,15 porte un avertissement",
    },
    "WS1-MP-007": {
        **_DAILY,
        "name": "Couverture SHAP",
        "definition": (
            "part des prédictions pour lesquelles une explication (valeurs SHAP) est stockée"
        ),
        "objective": "pouvoir dire pourquoi chaque prédiction a été faite",
        "numerator": "prédictions dont les valeurs SHAP ne sont pas vides",
        "denominator": "prédictions",
        "unit": "ratio",
        "segment": "toutes les prédictions",
        "gaming_risk": "stocker des documents vides",
        "controls": "documents vides et illisibles comptent comme absents",
    },
    "WS1-MP-008": {
        **_DAILY,
        "name": "Écart d'équité (delta de rappel)",
        "definition": (
            "plus grand rappel moins le plus petit entre les groupes d'un attribut des patients, "
            "une prédiction de 0,5 ou plus valant oui"
        ),
        "objective": "trouver aussi bien les patients de chaque groupe",
        "numerator": "plus grand rappel moins le plus petit entre les groupes",
        "segment": "prédictions au résultat connu pour des patients au groupe connu",
        "refresh": "hebdomadaire",
        "gaming_risk": "laisser vide l'attribut de certains patients",
        "controls": "les lignes sans groupe sont comptées dans les détails",
    },
    "WS1-MP-009": {
        **_DAILY,
        "name": "Dérive des variables (PSI)",
        "definition": (
            "indice moyen de stabilité de la population (PSI) des variables du modèle, production "
            "contre entraînement"
        ),
        "objective": "remarquer que le modèle voit d'autres données qu'à l'entraînement",
        "numerator": "indices de stabilité des variables",
        "denominator": "variables connues à l'entraînement et en production",
        "unit": "PSI",
        "granularity": "variable",
        "segment": "toutes les prédictions",
        "gaming_risk": "noyer une variable qui dérive dans la moyenne de nombreuses stables",
        "controls": "les détails du résultat donnent chaque variable et la plus grande dérive",
    },
}
"""Dictionary fields and names by KPI id."""

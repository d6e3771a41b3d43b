"""The dictionary's texts in French, in which the school works; the records are in English."""

from collections.abc import Mapping

_EVERY_ROW = {
    "granularity": "cohorte",
    "segment": "nouveaux inscrits du module m1",
    "source": "school_events",
    "owner": "KORYXA",
    "refresh": "hebdo",
}

FRENCH: Mapping[str, Mapping[str, str]] = {
    "EDU-KX-001": {
        **_EVERY_ROW,
        "definition": "part des inscrits qui ont validé le module 1",
        "objective": "faire aboutir davantage d'inscrits au module 1",
        "numerator": "validated_users",
        "denominator": "enrolled_users",
        "formula": "validated_users / enrolled_users",
        "unit": "%",
        "gaming_risk": "valider sans avoir appris",
        "controls": "lire avec support_ticket_rate, les quiz et les projets rendus",
    },
    "EDU-KX-002": {
        **_EVERY_ROW,
        "definition": "nombre de tickets d'aide par inscrit",
        "objective": "repérer la friction : garde-fou de la complétion",
        "numerator": "support_tickets",
        "denominator": "enrolled_users",
        "formula": "support_tickets / enrolled_users",
        "unit": "ratio",
        "gaming_risk": "clore des tickets sans rien résoudre",
        "controls": "suivre les tickets rouverts et la satisfaction",
    },
    "EDU-KX-003": {
        **_EVERY_ROW,
        "definition": "part des inscrits qui exécutent le notebook au plus 48 h après leur début",
        "objective": "voir tôt qui s'engage (indicateur avancé)",
        "numerator": "users_notebook_48h",
        "denominator": "enrolled_users",
        "formula": "users_notebook_48h / enrolled_users",
        "unit": "%",
        "gaming_risk": "ouvrir le notebook sans y travailler",
        "controls": "contrôler les cellules exécutées et leurs sorties",
    },
    "EDU-KX-004": {
        **_EVERY_ROW,
        "definition": "part des inscrits qui ont terminé une étape du thème 2",
        "objective": "situer une forte perte dans le parcours",
        "numerator": "users_completed_theme2",
        "denominator": "enrolled_users",
        "formula": "users_completed_theme2 / enrolled_users",
        "unit": "%",
        "gaming_risk": "une seule étape achevée suffit à compter",
        "controls": "fixer par écrit ce que terminer le thème 2 veut dire",
    },
    "EDU-KX-005": {
        **_EVERY_ROW,
        "definition": "médiane des heures entre le premier événement et le premier du thème 2",
        "objective": "diagnostiquer un démarrage lent",
        "numerator": "median_hours",
        "denominator": "",
        "formula": "median(t_theme2_first_event - t_first_event)",
        "unit": "heures",
        "gaming_risk": "horodatages absents ou incomplets",
        "controls": "vérifier le suivi des événements et les fuseaux horaires",
    },
    "EDU-KX-006": {
        **_EVERY_ROW,
        "definition": "part des inscrits qui ont rendu le mini-projet",
        "objective": "juger la qualité sur une preuve de pratique",
        "numerator": "users_project_submitted",
        "denominator": "enrolled_users",
        "formula": "users_project_submitted / enrolled_users",
        "unit": "%",
        "gaming_risk": "rendre un projet vide",
        "controls": "relire le contenu rendu selon des critères fixés",
    },
}
"""Dictionary fields by KPI id."""

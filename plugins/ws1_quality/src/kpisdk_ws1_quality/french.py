"""The texts of the data-quality records in French; the records themselves are in English."""

from collections.abc import Mapping

_DAILY = {"unit": "ratio", "owner": "Ingénierie des données", "refresh": "quotidien"}
_TRACKED = {
    **_DAILY,
    "granularity": "source et jour",
    "segment": "la date de suivi la plus récente",
}

FRENCH: Mapping[str, Mapping[str, str]] = {
    "WS1-DQ-001": {
        **_DAILY,
        "name": "Couverture de la source - patients",
        "definition": "part des patients de l'univers de référence que la source contient",
        "objective": "voir les patients que les modèles doivent servir",
        "numerator": "patients distincts de l'univers qui ont un parcours",
        "denominator": (
            "patients distincts nommés par l'univers en vigueur, à défaut son effectif total"
        ),
        "granularity": "patient",
        "segment": "patients de l'univers de référence en vigueur",
        "gaming_risk": "réduire l'univers au lieu d'élargir la source",
        "controls": (
            "surveiller la taille de l'univers ; une part au-dessus de 1 porte un avertissement"
        ),
    },
    "WS1-DQ-002": {
        **_DAILY,
        "name": "Couverture de la source - professionnels de santé",
        "definition": (
            "part des professionnels de santé de l'univers de référence qui sont couverts et "
            "prioritaires"
        ),
        "objective": "atteindre les professionnels qui comptent le plus",
        "numerator": "professionnels distincts couverts, de niveau de priorité 1 ou 2",
        "denominator": "effectif total de l'univers des professionnels en vigueur",
        "granularity": "professionnel de santé",
        "segment": "professionnels de santé de niveau de priorité 1 et 2",
        "gaming_risk": "relever le niveau de professionnels couverts de toute façon",
        "controls": "surveiller le nombre de professionnels par niveau",
    },
    "WS1-DQ-003": {
        **_TRACKED,
        "name": "Taux d'appariement entre sources",
        "definition": (
            "part des enregistrements que l'on peut relier aux remboursements, aux dossiers "
            "médicaux et aux sources spécialisées"
        ),
        "objective": "suivre un même patient dans toutes les sources",
        "numerator": (
            "enregistrements reçus fois taux d'appariement, sur toutes les sources et tous les taux"
        ),
        "denominator": "enregistrements reçus, une fois par taux connu",
        "gaming_risk": "apparier avec moins d'exigence",
        "controls": "relire à la main un échantillon d'appariements",
    },
    "WS1-DQ-004": {
        **_TRACKED,
        "name": "Gain de la combinaison des sources",
        "definition": (
            "gain de valeur dû à la combinaison des sources, sur les enregistrements combinables"
        ),
        "objective": "combiner les sources là où cela paie",
        "numerator": "gain de la combinaison, pondéré par les enregistrements éligibles",
        "denominator": "enregistrements éligibles",
        "gaming_risk": "ne déclarer éligibles que les enregistrements faciles",
        "controls": "surveiller le nombre d'enregistrements éligibles",
    },
    "WS1-DQ-005": {
        **_DAILY,
        "name": "Taux de complétude",
        "definition": "part des parcours qui nomment un patient, une marque et une date",
        "objective": "garder des parcours exploitables pour chaque marque",
        "numerator": "parcours dont aucun champ critique n'est NULL",
        "denominator": "parcours créés dans la fenêtre",
        "granularity": "parcours de patient",
        "segment": "tous les parcours",
        "gaming_risk": "remplir les champs de valeurs factices",
        "controls": "compter les valeurs distinctes ; chercher celles qui reviennent trop souvent",
    },
    "WS1-DQ-006": {
        **_DAILY,
        "name": "Cohérence géographique",
        "definition": (
            "plus grand écart entre la part d'une région dans la source et dans l'univers des "
            "patients"
        ),
        "objective": "apprendre de chaque région à la mesure de ses patients",
        "numerator": "plus grande différence absolue des deux parts d'une région",
        "granularity": "région",
        "segment": "patients dont la région est connue, source et univers",
        "refresh": "hebdomadaire",
        "gaming_risk": "laisser vide la région des patients en surnombre",
        "controls": "surveiller dans les détails les lignes sans région",
    },
    "WS1-DQ-007": {
        **_DAILY,
        "name": "Retard des données (médiane)",
        "definition": "nombre médian de jours d'un événement dans sa source à l'entrepôt",
        "objective": "agir sur ce qui s'est passé cette semaine, et non le mois dernier",
        "numerator": "jours de source_timestamp à ingestion_timestamp",
        "unit": "jours",
        "granularity": "parcours de patient",
        "segment": "parcours chargés dans la fenêtre",
        "gaming_risk": "dater la source au moment de l'extraction",
        "controls": "lire le 95e centile avec la médiane",
    },
    "WS1-DQ-008": {
        **_DAILY,
        "name": "Qualité des étiquettes (IAA)",
        "definition": "accord moyen des annotateurs dans les groupes qui étiquettent la même chose",
        "objective": "entraîner les modèles sur des étiquettes qui font l'accord",
        "numerator": "paires d'annotations d'un groupe qui disent la même chose",
        "denominator": "paires d'annotations de ce groupe",
        "unit": "score",
        "granularity": "groupe d'annotations",
        "segment": "groupes de deux annotateurs ou plus",
        "owner": "Science des données",
        "refresh": "hebdomadaire",
        "gaming_risk": (
            "laisser les annotateurs voir les étiquettes des autres, ou leur donner des cas faciles"
        ),
        "controls": "annoter à l'aveugle ; tirer les cas au sort",
    },
    "WS1-DQ-009": {
        **_DAILY,
        "name": "Délai de mise à disposition (TTR)",
        "definition": "nombre médian d'heures des données sources à la fin d'un traitement réussi",
        "objective": "livrer les données tant qu'elles sont fraîches",
        "numerator": "heures de source_data_timestamp à run_completed_at",
        "unit": "heures",
        "granularity": "exécution de la chaîne",
        "segment": "exécutions au statut success",
        "gaming_risk": "dire partielles les exécutions lentes",
        "controls": "surveiller la part des exécutions qui réussissent",
    },
}
"""Dictionary fields and names by KPI id."""

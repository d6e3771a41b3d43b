"""The records' texts in French, by KPI; the records themselves are in English."""

from collections.abc import Mapping

_USERS = {
    "numerator": "utilisateurs distincts dont une session a commencé dans la fenêtre",
    "unit": "nombre",
    "granularity": "utilisateur",
    "segment": "tous les utilisateurs",
    "owner": "Produit plateforme",
    "refresh": "quotidien",
    "gaming_risk": "sessions ouvertes par des scripts ou sur des comptes partagés",
}
_STRATEGY = {"unit": "ratio", "owner": "Stratégie commerciale", "refresh": "hebdomadaire"}
_ANALYTICS = {"unit": "nombre", "owner": "Analyse commerciale", "refresh": "quotidien"}

FRENCH: Mapping[str, Mapping[str, str]] = {
    "WS3-BI-001": {
        **_USERS,
        "name": "Utilisateurs actifs par mois (MAU)",
        "definition": "utilisateurs distincts qui ont ouvert une session ces 30 derniers jours",
        "objective": "faire utiliser la plateforme",
        "controls": "lire avec WS3-BI-002 (usage par semaine) ; écarter les comptes de service",
    },
    "WS3-BI-002": {
        **_USERS,
        "name": "Utilisateurs actifs par semaine (WAU)",
        "definition": "utilisateurs distincts qui ont ouvert une session ces 7 derniers jours",
        "objective": "faire revenir chaque semaine sur la plateforme",
        "controls": "lire avec WS3-BI-001 (usage par mois) ; écarter les comptes de service",
    },
    "WS3-BI-003": {
        **_STRATEGY,
        "name": "Taux de patients touchés",
        "definition": "part des patients éligibles pour qui au moins un déclencheur a été envoyé",
        "objective": "atteindre les patients qui peuvent en bénéficier",
        "numerator": "patients éligibles distincts avec un déclencheur dans la fenêtre",
        "denominator": "patients distincts dont un parcours a is_eligible vrai",
        "granularity": "patient",
        "segment": "patients éligibles",
        "gaming_risk": "envoyer un déclencheur pour chaque patient, utile ou non",
        "controls": "lire avec WS2-TR-001 (précision) et WS3-BI-009 (conversion)",
    },
    "WS3-BI-004": {
        **_STRATEGY,
        "name": "Couverture des professionnels de santé",
        "definition": "part des professionnels de santé prioritaires (niveaux 1 et 2) couverts",
        "objective": "être présent là où cela compte le plus",
        "numerator": "professionnels de niveau 1 ou 2 dont coverage_status est vrai",
        "denominator": "professionnels de niveau 1 ou 2 dont coverage_status est connu",
        "granularity": "professionnel de santé",
        "segment": "professionnels de santé prioritaires",
        "gaming_risk": "abaisser le niveau des professionnels qui ne sont pas couverts",
        "controls": "surveiller le nombre de professionnels à chaque niveau",
    },
    "WS3-BI-005": {
        **_ANALYTICS,
        "name": "Total des prescriptions (TRx)",
        "definition": "nombre de prescriptions dans la fenêtre",
        "objective": "suivre le volume des prescriptions",
        "numerator": "événements de prescription, que le patient soit connu ou non",
        "granularity": "prescription",
        "segment": "toutes les prescriptions",
        "gaming_risk": "enregistrer plusieurs fois une même prescription",
        "controls": "surveiller les événements en double d'un même patient et d'un même jour",
    },
    "WS3-BI-006": {
        **_ANALYTICS,
        "name": "Nouvelles prescriptions (NRx)",
        "definition": "nombre de prescriptions de la fenêtre qui sont la première de leur patient",
        "objective": "suivre combien de traitements commencent",
        "numerator": "événements de prescription dont sequence_number vaut 1",
        "granularity": "prescription",
        "segment": "premières prescriptions",
        "gaming_risk": "donner le numéro 1 à toute prescription",
        "controls": "lire avec WS3-BI-005 (toutes les prescriptions)",
    },
    "WS3-BI-007": {
        **_ANALYTICS,
        "name": "Nouveaux patients de la marque (NBRx)",
        "definition": (
            "patients dont la toute première prescription de la marque tombe dans la fenêtre"
        ),
        "objective": "suivre combien de patients commencent avec une marque",
        "numerator": (
            "patients distincts dont la première prescription de la marque est dans la fenêtre"
        ),
        "granularity": "patient",
        "segment": "une marque",
        "gaming_risk": "charger un historique court, qui fait passer d'anciens patients pour neufs",
        "controls": "vérifier jusqu'où remonte l'historique",
    },
    "WS3-BI-008": {
        **_STRATEGY,
        "name": "Part des prescriptions (TRx)",
        "definition": "prescriptions de la marque, en part de toutes les prescriptions",
        "objective": "gagner des prescriptions sur les autres marques",
        "numerator": "prescriptions de la marque",
        "denominator": "prescriptions de toutes les marques, et sans marque",
        "granularity": "prescription",
        "segment": "une marque",
        "owner": "Analyse commerciale",
        "gaming_risk": "laisser les prescriptions des concurrents hors des données",
        "controls": "surveiller le total avec la part",
    },
    "WS3-BI-009": {
        **_STRATEGY,
        "name": "Taux de conversion",
        "definition": (
            "part des déclencheurs remis dont le patient a une prescription dans les 30 jours"
        ),
        "objective": "transformer les déclencheurs en traitements",
        "numerator": "déclencheurs remis suivis d'une prescription pour le même patient",
        "denominator": "déclencheurs remis dont le patient est connu",
        "granularity": "déclencheur",
        "segment": "déclencheurs remis",
        "gaming_risk": "viser des patients qui vont recevoir une prescription de toute façon",
        "controls": "comparer avec le groupe témoin (WS2-TR-003)",
    },
    "WS3-BI-010": {
        "name": "Retour sur investissement (ROI)",
        "definition": (
            "retour sur investissement moyen enregistré ; à défaut, moyenne des estimations que "
            "portent les activités des agents"
        ),
        "objective": "montrer que la plateforme rapporte plus qu'elle ne coûte",
        "numerator": "valeur obtenue",
        "denominator": "coût engagé",
        "unit": "multiple",
        "granularity": "mesure enregistrée, à défaut activité d'agent",
        "segment": "lignes dont le retour est connu",
        "owner": "Direction financière",
        "refresh": "mensuel",
        "gaming_risk": "n'enregistrer que le retour des activités réussies",
        "controls": "le résultat dit quelle table a répondu ; surveiller le nombre de lignes",
    },
}
"""Dictionary fields and names by KPI id."""

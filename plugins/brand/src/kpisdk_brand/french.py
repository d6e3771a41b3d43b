"""The records' texts in French, by KPI; the records themselves are in English."""

from collections.abc import Mapping

_WEEKLY = {"unit": "ratio", "granularity": "patient", "refresh": "hebdomadaire"}

FRENCH: Mapping[str, Mapping[str, str]] = {
    "BR-001": {
        **_WEEKLY,
        "name": "Remi - % non contrôlés sous antihistaminiques",
        "definition": (
            "part des patients atteints d'urticaire chronique (CSU) sous antihistaminiques dont "
            "les symptômes ne sont pas contrôlés"
        ),
        "objective": "savoir combien de patients les antihistaminiques ne soulagent pas",
        "numerator": "parmi eux, patients à la réponse insuffisante, non contrôlée ou réfractaire",
        "denominator": "patients avec un diagnostic de CSU et un événement antihistaminique",
        "segment": "patients CSU sous antihistaminiques",
        "owner": "Équipe de marque Remibrutinib",
        "gaming_risk": "ne pas enregistrer les réponses",
        "controls": "surveiller la part des événements antihistaminiques qui ont une réponse",
    },
    "BR-002": {
        "name": "Remi - Évolution de l'intention de prescrire",
        "definition": (
            "évolution moyenne de l'intention de prescrire des professionnels de santé depuis leur "
            "enquête précédente"
        ),
        "objective": "rendre les professionnels plus disposés à prescrire Remibrutinib",
        "numerator": "score moins celui de l'enquête précédente du professionnel sur la marque",
        "unit": "points",
        "granularity": "enquête",
        "segment": "enquêtes Remibrutinib de qualité exploitable",
        "owner": "Équipe de marque Remibrutinib",
        "refresh": "mensuel",
        "gaming_risk": "n'interroger que des professionnels déjà convaincus",
        "controls": "surveiller qui est interrogé et combien d'enquêtes sont dites inexploitables",
    },
    "BR-003": {
        **_WEEKLY,
        "name": "Fabhalta - % testés pour l'HPN",
        "definition": (
            "part des patients atteints d'HPN (PNH), ou éligibles et anémiques, qui ont été testés "
            "pour l'HPN"
        ),
        "objective": "trouver les patients atteints d'HPN",
        "numerator": "parmi eux, patients avec une cytométrie en flux, un panel HPN ou un test GPI",
        "denominator": "patients avec un diagnostic d'HPN, ou d'anémie et is_eligible",
        "segment": "patients à tester",
        "owner": "Équipe de marque Fabhalta",
        "gaming_risk": "ne déclarer éligibles que les patients anémiques déjà testés",
        "controls": "surveiller le nombre de patients éligibles",
    },
    "BR-004": {
        **_WEEKLY,
        "name": "Kisqali - Adoption après diagnostic",
        "definition": (
            "nombre médian de jours du premier diagnostic à la première prescription de Kisqali"
        ),
        "objective": "commencer le traitement peu après le diagnostic",
        "numerator": "jours du premier diagnostic à la première prescription de Kisqali",
        "unit": "jours",
        "segment": "patients au diagnostic daté, avec une prescription de Kisqali plus tardive",
        "owner": "Équipe de marque Kisqali",
        "gaming_risk": "n'enregistrer le diagnostic qu'au début du traitement",
        "controls": "surveiller le nombre d'écarts négatifs ou nuls",
    },
    "BR-005": {
        **_WEEKLY,
        "name": "Kisqali - Oncologues atteints",
        "definition": "part des oncologues pour qui un déclencheur Kisqali a été envoyé",
        "objective": "atteindre les oncologues qui peuvent prescrire Kisqali",
        "numerator": "parmi eux, ceux qui ont un déclencheur Kisqali dans la fenêtre",
        "denominator": "professionnels de santé d'une spécialité d'oncologie",
        "granularity": "professionnel de santé",
        "segment": "oncologues",
        "owner": "Équipe de marque Kisqali",
        "gaming_risk": "envoyer un déclencheur à chaque oncologue, utile ou non",
        "controls": "lire avec WS2-TR-004 (acceptation)",
    },
}
"""Dictionary fields and names by KPI id."""

"""The core's sentences and words in French."""

from __future__ import annotations

from collections.abc import Mapping

from kpisdk.contracts.translations import Translation

_WORDS: Mapping[str, str] = {
    # headings
    "name": "nom",
    "workstream": "domaine",
    "unit": "unité",
    "direction": "sens",
    "target": "cible",
    "window": "fenêtre",
    "value": "valeur",
    "interval": "intervalle",
    "status": "statut",
    "period": "période",
    "trend": "tendance",
    "change": "évolution",
    "data through (UTC)": "données jusqu'au (UTC)",
    "kpi name": "indicateur",
    "definition": "définition",
    "objective": "objectif",
    "numerator": "numérateur",
    "denominator": "dénominateur",
    "formula": "formule",
    "granularity": "granularité",
    "segment": "segment",
    "owner": "responsable",
    "refresh": "actualisation",
    "guardrail": "garde-fou",
    "gaming risk": "risque de détournement",
    "controls": "contrôles",
    "calculation type": "type de calcul",
    "primary library": "bibliothèque principale",
    "sampling": "échantillonnage",
    # statuses, which are thresholds too, and what stands where there is no value
    "good": "bon",
    "warning": "alerte",
    "critical": "critique",
    "unknown": "inconnu",
    "absent": "absent",
    "not applicable": "sans objet",
    # units, where they stand by themselves
    "count": "nombre",
    "days": "jours",
    "hours": "heures",
    "multiplier": "multiple",
    "slope": "pente",
    "psi": "PSI",
    "effect": "effet",
    # which way is better
    "higher": "plus haut = mieux",
    "lower": "plus bas = mieux",
    "context": "selon le contexte",
    # why there is no interval
    "census": "recensement",
    "stored": "stocké",
    "too few units": "trop peu d'unités",
    "undefined": "non défini",
    "not asked": "non demandé",
    # windows
    "all": "tout",
    "newest day": "dernier jour connu",
    "the beginning": "le début",
    "each period": "chaque période",
    # facts of the dictionary
    "direct": "direct",
    "derived": "dérivé",
    "sample by row": "échantillon par ligne",
}

_LABELS: Mapping[str, str] = {
    "last {n} days": "{n} derniers jours",
    "last {n} days, {m} days old": "{n} jours, il y a {m} jours",
    "last {n} weeks": "{n} dernières semaines",
    "last {n} months": "{n} derniers mois",
    "{n} KPI": "{n} indicateur",
    "{n} KPIs": "{n} indicateurs",
    "{figure} days": "{figure} jours",
    "{figure} hours": "{figure} heures",
    "{word} (undecided)": "{word} (indécis)",
    "{moment} (stale)": "{moment} (périmé)",
    "(stale)": "(périmé)",
    "{amount} from {since}": "{amount} depuis {since}",
    "{amount} (undecided) from {since}": "{amount} (indécis) depuis {since}",
    "no change known from {since}": "pas d'évolution connue depuis {since}",
    "sample by {column}": "échantillon par {column}",
    "sample by day of {column}": "échantillon par jour de {column}",
}

_OF_REPORTS: Mapping[str, str] = {
    "Absent, by reason:": "Absents, par raison :",
    "{n} result: {parts}.": "{n} résultat : {parts}.",
    "{n} results: {parts}.": "{n} résultats : {parts}.",
    "{n} results.": "{n} résultats.",
    "Intervals are at 95 % unless they say otherwise.": (
        "Les intervalles sont à 95 % sauf mention contraire."
    ),
    "Independent are the units, not their rows: {units}.": (
        "Ce sont les unités qui sont indépendantes, non leurs lignes : {units}."
    ),
    "Only {filters}.": "Seulement {filters}.",
    "With {parameters}.": "Avec {parameters}.",
    "As of {moment} UTC.": "Au {moment} UTC.",
    "Source: {name} ({kind}).": "Source : {name} ({kind}).",
    "Source: {name} ({kind}), synthetic data.": "Source : {name} ({kind}), données de synthèse.",
    ("Source: {name} ({kind}), perhaps synthetic data (its mark in kpisdk_meta cannot be read)."): (
        "Source : {name} ({kind}), peut-être des données de synthèse (leur marque dans "
        "kpisdk_meta est illisible)."
    ),
    (
        "Statuses are decided together, up to {n} at once: at most 5 % of such families have one "
        "that is wrongly decided (holm)."
    ): (
        "Les statuts sont décidés ensemble, jusqu'à {n} à la fois : au plus 5 % de telles familles "
        "en ont un de mal décidé (holm)."
    ),
    (
        "Statuses are decided together, up to {n} at once: at most 5 % of the decided ones are "
        "wrong on average (bh)."
    ): (
        "Les statuts sont décidés ensemble, jusqu'à {n} à la fois : en moyenne, au plus 5 % de "
        "ceux qui sont décidés sont faux (bh)."
    ),
    "Left out for want of room: {columns} (--wide shows them).": (
        "Omis faute de place : {columns} (--wide les montre)."
    ),
    "Each trend has one row, that of its newest period; --wide has a row for each period.": (
        "Chaque tendance a une ligne, celle de sa dernière période ; --wide donne une ligne par "
        "période."
    ),
    "A sparkline shows the last {n} periods.": "La courbe montre les {n} dernières périodes.",
    "Warning: {sentence}": "Avertissement : {sentence}",
    "WARNING: {sentence}": "AVERTISSEMENT : {sentence}",
    "Error: {sentence}": "Erreur : {sentence}",
    "Note: {sentence}": "Remarque : {sentence}",
    "{n} of {all} KPIs have no texts in {language}; as written.": (
        "indicateurs sans textes en {language}, laissés tels quels : {n} sur {all}."
    ),
    "There is no language {name}. There are {first} and {last}.": (
        "Il n'y a pas de langue {name}. Il y a {first} et {last}."
    ),
}

_OF_VALUES: Mapping[str, str] = {
    "There are no thresholds to judge the value by.": (
        "Il n'y a pas de seuils pour juger la valeur."
    ),
    "No more is known.": "On n'en sait pas plus.",
    "The newest data are older than two periods of the KPI's frequency.": (
        "Les données les plus récentes ont plus de deux périodes de retard sur la fréquence de "
        "l'indicateur."
    ),
    "The interval reaches into another status.": "L'intervalle déborde sur un autre statut.",
    (
        "The interval reaches into another status, or would among so many that are decided "
        "together."
    ): (
        "L'intervalle déborde sur un autre statut, ou le ferait parmi tant de statuts décidés "
        "ensemble."
    ),
    "Answered by {source}; other values of this KPI come from elsewhere.": (
        "Réponse tirée de {source} ; d'autres valeurs de cet indicateur viennent d'ailleurs."
    ),
    "Only 1 row stands behind the value (fewer than {least}).": (
        "La valeur ne repose que sur 1 ligne (moins de {least})."
    ),
    "Only {n} rows stand behind the value (fewer than {least}).": (
        "La valeur ne repose que sur {n} lignes (moins de {least})."
    ),
    "The numerator {top} exceeds {bottom}.": "Le numérateur {top} dépasse {bottom}.",
    "The value {value} is above 1, which no share is.": (
        "La valeur {value} dépasse 1, ce qu'une part ne peut pas."
    ),
    (
        "The value {value} is above 1, which no share is; if it can be, declare the KPI's "
        "value_range."
    ): (
        "La valeur {value} dépasse 1, ce qu'une part ne peut pas ; si elle le peut, déclarez le "
        "value_range de l'indicateur."
    ),
    (
        "Nothing in the whole of {table} matches what this zero counts; check that the source "
        "records it at all."
    ): (
        "Rien dans toute la table {table} ne correspond à ce que compte ce zéro ; vérifiez que la "
        "source l'enregistre."
    ),
    "Period {label} is unfinished: data count up to {moment}.": (
        "La période {label} n'est pas finie : les données comptent jusqu'à {moment}."
    ),
    "The window {label} is unfinished: data count up to {moment}.": (
        "La fenêtre {label} n'est pas finie : les données comptent jusqu'à {moment}."
    ),
    "Period {label} is not covered whole: the window has its rows from {start} to {end} only.": (
        "La période {label} n'est pas couverte entière : la fenêtre n'en a les lignes que de "
        "{start} à {end}."
    ),
    "There is nothing to compare with: {sentence}": "Il n'y a rien à comparer : {sentence}",
    (
        "The rows of {table} begin at {start}, and {label} ends before: nothing is known of it. "
        "Ask for a later window."
    ): (
        "Les lignes de {table} commencent à {start}, et {label} finit avant : on n'en sait rien. "
        "Demandez une fenêtre plus tardive."
    ),
    "No row holds what the formula needs.": (
        "Aucune ligne ne contient ce qu'il faut à la formule."
    ),
    "No row lies in the window and slice.": (
        "Aucune ligne ne tombe dans la fenêtre et le découpage."
    ),
    "Table {table} holds no rows.": "La table {table} n'a aucune ligne.",
    "Column {column} of {table} holds no value in any row.": (
        "La colonne {column} de {table} n'a de valeur dans aucune ligne."
    ),
    (
        "No row of {table} has {value} as its {column}; group by {column} to see the values that "
        "there are."
    ): (
        "Aucune ligne de {table} n'a {value} dans {column} ; regroupez par {column} pour voir les "
        "valeurs qui existent."
    ),
    "The value came out as {value}: the data hold infinities or not-a-numbers.": (
        "La valeur obtenue est {value} : les données contiennent des valeurs infinies ou "
        "indéfinies."
    ),
    "table {table} does not exist.": "la table {table} n'existe pas.",
    "table {table} does not exist; there are {tables} (map it with {setting}).": (
        "la table {table} n'existe pas ; il y a {tables} (indiquez la bonne avec {setting})."
    ),
    "{kpi} cannot be sliced by {column}. It can be sliced by: {columns} and {last}.": (
        "{kpi} ne se découpe pas par {column}. Découpages possibles : {columns} et {last}."
    ),
    "{kpi} cannot be sliced by {column}. It can be sliced by: {columns}.": (
        "{kpi} ne se découpe pas par {column}. Découpages possibles : {columns}."
    ),
}

FRENCH = Translation(
    language="fr", sentences={**_OF_REPORTS, **_OF_VALUES, **_LABELS}, words=_WORDS
)
"""What the core says to people, in French."""

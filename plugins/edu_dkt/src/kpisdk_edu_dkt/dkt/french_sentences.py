"""What reports, notes and warnings of knowledge tracing say, in French."""

from __future__ import annotations

from collections.abc import Mapping

_OF_REPORTS: Mapping[str, str] = {
    "{source}: {rows} rows, {answers} answers of {students} students": (
        "{source} : {rows} lignes, {answers} réponses de {students} élèves"
    ),
    (
        "{n} rows repeat a problem under another skill and are scored once; {m} answer the problem "
        "before once more"
    ): (
        "Lignes qui répètent un problème sous une autre compétence, comptées une fois : {n} ; qui "
        "répondent encore au problème précédent : {m}"
    ),
    "Problems have no ids: whether rows repeat an answer cannot be known": (
        "Les problèmes n'ont pas d'identifiant : on ne peut savoir si des lignes répètent une "
        "réponse"
    ),
    "{n} students are left out, as the model was fitted on them": (
        "Élèves écartés, car le modèle a été ajusté sur eux : {n}"
    ),
    "difficulty is the one after the answer; an item has that of the row before": (
        "difficulty est celle d'après la réponse ; un exercice a celle de la ligne précédente"
    ),
    (
        "WARNING: {n} student ids are among those that the model was fitted on; on them it looks "
        "better than it is (--unseen leaves them out)"
    ): (
        "AVERTISSEMENT : élèves sur lesquels le modèle a été ajusté, et où il paraît meilleur "
        "qu'il n'est : {n} (--unseen les écarte)"
    ),
    "{n} answers have no prediction (first ones)": "Réponses sans prédiction (les premières) : {n}",
    "{n} answers on unknown skills, {m} in unknown phases": (
        "Réponses sur des compétences inconnues : {n} ; dans des phases inconnues : {m}"
    ),
    "AUC gain over logistic regression on counts: {gain}": (
        "Gain d'AUC sur la régression logistique des comptages : {gain}"
    ),
    "({n} more skills: --format json)": "(autres compétences : {n}, avec --format json)",
    "Outputs may be called mastery.": "Les sorties peuvent être appelées maîtrise.",
    "Outputs may NOT be called mastery.": "Les sorties ne peuvent PAS être appelées maîtrise.",
    "answers {place}": "réponses {place}",
    "skill {name}": "compétence {name}",
}

_CHANCE = (
    "aucun intervalle de l'AUC n'est au-dessus de 0,5 : rien ne montre encore que le modèle "
    "prédit mieux que le hasard, et ce qu'on appelle ici maîtrise peut n'être que hasard"
)
_LEAKS = (
    "si elle est écrite après la réponse, rien de ce qui est dit de ce modèle ne tient. Retirez "
    "la colonne, ou relevez-la avant."
)

_OF_WARNINGS: Mapping[str, str] = {
    (
        "no interval of the AUC lies above 0.5, so that nothing yet shows that the model predicts "
        "better than chance: what is called mastery here may be chance, too."
    ): f"{_CHANCE}.",
    (
        "No interval of the AUC lies above 0.5, so that nothing yet shows that the model predicts "
        "better than chance: what is called mastery here may be chance, too."
    ): f"{_CHANCE[0].upper()}{_CHANCE[1:]}.",
    (
        "{column} tells the answer of its own row (in {rows} of {all} rows nearly without "
        "exception): if it is written after the answer, nothing that is said of this model holds. "
        "Leave the column out, or record it before."
    ): (
        "{column} donne la réponse de sa propre ligne (dans {rows} lignes sur {all}, presque sans "
        f"exception) : {_LEAKS}"
    ),
    (
        "{column} tells the answer of its own row (AUC {auc} by itself): if it is written after "
        "the answer, nothing that is said of this model holds. Leave the column out, or record it "
        "before."
    ): f"{{column}} donne la réponse de sa propre ligne (AUC {{auc}} à elle seule) : {_LEAKS}",
    (
        "{column} tells the answer of its own row: if it is written after the answer, nothing "
        "that is said of this model holds. Leave the column out, or record it before."
    ): f"{{column}} donne la réponse de sa propre ligne : {_LEAKS}",
    (
        "Column {column} tells the answer of its own row, as if it had been written after the "
        "answer."
    ): (
        "La colonne {column} donne la réponse de sa propre ligne, comme si elle avait été écrite "
        "après la réponse."
    ),
    (
        "{n} student ids are among those that the model was fitted on; it looks too good on them."
    ): "Élèves sur lesquels le modèle a été ajusté, et où il paraît trop bon : {n}.",
    "{n} rows repeat an answer under another skill; each answer is scored once.": (
        "Lignes qui répètent une réponse sous une autre compétence ; chaque réponse compte une "
        "fois : {n}."
    ),
    "{n} answers have no prediction, as the model has no start step.": (
        "Réponses sans prédiction, car le modèle n'a pas de pas de départ : {n}."
    ),
    "{n} answers are on skills that the model does not know.": (
        "Réponses sur des compétences que le modèle ne connaît pas : {n}."
    ),
    "{n} answers are in phases that the model does not know.": (
        "Réponses dans des phases que le modèle ne connaît pas : {n}."
    ),
    "There is no answer to be predicted in this slice.": (
        "Il n'y a pas de réponse à prédire dans ce découpage."
    ),
    "All answers are right, or all are wrong: the AUC is not defined.": (
        "Toutes les réponses sont bonnes, ou toutes mauvaises : l'AUC n'est pas définie."
    ),
    (
        "No model is named. Give --param model=FOLDER, or set model in [plugins.edu_dkt] of "
        "kpisdk.toml; `kpisdk dkt train` makes one."
    ): (
        "Aucun modèle n'est nommé. Donnez --param model=DOSSIER, ou model dans [plugins.edu_dkt] "
        "de kpisdk.toml ; `kpisdk dkt train` en fait un."
    ),
}

_OF_NOTES: Mapping[str, str] = {
    (
        "--unseen: {n} of {all} student(s) left out, with {rows} row(s), as the model was fitted "
        "on them"
    ): (
        "--unseen : élèves écartés, car le modèle a été ajusté sur eux : {n} sur {all}, avec leurs "
        "lignes : {rows}"
    ),
    "{n} answer(s) on unknown skills, answered by the unknown head": (
        "Réponses sur des compétences inconnues, traitées par la tête réservée à celles-ci : {n}"
    ),
    "{n} answer(s) in unknown phases": "Réponses dans des phases inconnues : {n}",
    "{n} row(s) were not in the order of t and were sorted": (
        "Lignes qui n'étaient pas dans l'ordre de t et ont été triées : {n}"
    ),
    "Model written to {place} (weights sha256 {digest}, unknown ids: {policy})": (
        "Modèle écrit dans {place} (sha256 des poids : {digest}, identifiants inconnus : {policy})"
    ),
    "There are no test students: the model was not judged.": (
        "Il n'y a pas d'élèves de test : le modèle n'a pas été jugé."
    ),
}

SENTENCES: Mapping[str, str] = {**_OF_REPORTS, **_OF_WARNINGS, **_OF_NOTES}
"""English sentence of knowledge tracing -> the French one, with the same places in braces."""

WORDS: Mapping[str, str] = {
    "model": "modèle",
    "this model": "ce modèle",
    "base rate": "taux de base",
    "student running mean": "moyenne courante de l'élève",
    "student skill running mean": "moyenne courante par compétence",
    "logistic regression on counts": "régression logistique des comptages",
    "oracle": "oracle",
    "metric": "mesure",
    "this model, and its interval": "ce modèle, et son intervalle",
    "accuracy": "exactitude",
    "part": "partie",
    "first attempts on a skill": "premiers essais sur une compétence",
    "knowledge check": "contrôle des connaissances",
    "AUC lost when heads are permuted": "AUC perdue quand on permute les têtes",
    "move after a right answer": "mouvement après une bonne réponse",
    "share that rises": "part qui monte",
    "move after a wrong answer": "mouvement après une mauvaise réponse",
    "share that falls": "part qui baisse",
    "student_id": "élève",
    "skill_id": "compétence",
    "mastery": "maîtrise",
    "practised": "travaillée",
}
"""Headings and names of rows -> the French words."""

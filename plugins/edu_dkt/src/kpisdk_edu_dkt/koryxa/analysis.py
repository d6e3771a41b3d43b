"""The guardrail analysis as Markdown, in French: by cohort, country, device and channel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kpisdk import (
    Contrast,
    Interval,
    IntervalReason,
    Movement,
    Note,
    Result,
    Reversal,
    Verdict,
)
from kpisdk_edu_dkt.koryxa.evidence import COHORT, GUARDRAIL, PRINCIPAL, Evidence, Groups
from kpisdk_edu_dkt.koryxa.french_notes import absence_in_french, in_french
from kpisdk_edu_dkt.koryxa.kpis import KPIS

_TITLES = {
    "cohort_id": "Par cohorte",
    "country": "Par pays",
    "device": "Par appareil",
    "acquisition_channel": "Par canal d'acquisition",
}
_VERDICTS = {
    Verdict.SAFE: "amélioré et sûr",
    Verdict.HARM_NOT_RULED_OUT: "amélioré, dégât non exclu",
    Verdict.HARMFUL: "amélioré mais nuisible",
    Verdict.NOT_IMPROVED: "pas amélioré",
    Verdict.UNDECIDED: "indécis",
}
_MARGIN = KPIS[0].guardrails[0].margin
_NAMES = {PRINCIPAL: "La complétion", GUARDRAIL: "Le taux de tickets"}


def analysis(evidence: Evidence, figures: Sequence[str] = ()) -> bytes:
    """The document.

    Args:
        evidence: what it is about.
        figures: file names of the figure, of which the last one is shown and all are named.
    """
    lines = [*_head(evidence), *_method()]
    for groups in evidence.groups:
        lines += ["", f"## {_TITLES[groups.column]} (`{groups.column}`)", ""]
        if groups.column == COHORT and figures:
            files = ", ".join(f"`{name}`" for name in figures)
            lines += [
                f"![complétion et tickets par cohorte]({figures[-1]})",
                "",
                f"Figure : {files}.",
                "",
            ]
        lines += _groups(groups)
    lines += ["", "## Qualité des données", ""]
    lines += [f"- `{note.code}` : {_remark(note, evidence)}" for note in evidence.notes] or [
        "- Aucune valeur n'a été écartée ni modifiée."
    ]
    lines += ["", "## Lecture", "", *_reading()]
    return ("\n".join(lines) + "\n").encode()


def _remark(note: Note, evidence: Evidence) -> str:
    if note.code == "no_value":
        return absence_in_french(evidence.results[note.message.partition(":")[0]])
    return in_french(note)


def _head(evidence: Evidence) -> list[str]:
    return [
        "# Analyse du garde-fou (thème 3)",
        "",
        f"- dataset: {_cell(evidence.dataset)}",
        f"- enrolled_users: {evidence.count(PRINCIPAL, 'denominator')}",
        f"- validated_users: {evidence.count(PRINCIPAL, 'numerator')}",
        f"- completion_rate_m1: {evidence.rounded(PRINCIPAL)}",
        f"- support_tickets: {evidence.count(GUARDRAIL, 'numerator')}",
        f"- support_ticket_rate: {evidence.rounded(GUARDRAIL)}",
    ]


def _method() -> list[str]:
    return [
        "",
        "## Méthode",
        "",
        (
            "- KPI principal : `completion_rate_m1` (plus haut = mieux). Garde-fou : "
            "`support_ticket_rate` (plus bas = mieux)."
        ),
        (
            "- Chaque cohorte est comparée à la précédente ; chaque pays, appareil ou canal à tous "
            "les autres réunis."
        ),
        (
            "- Intervalles à 95 % par inscrit : Wilson (taux), Student (tickets par inscrit) ; "
            "écarts de taux : Newcombe (1998) ; écarts de tickets : MOVER (Zou et Donner, 2008), "
            "écarts relatifs : MOVER (Donner et Zou, 2012)."
        ),
        (
            "- Un écart de complétion dont l'intervalle contient 0 ne décide rien. Le garde-fou "
            "n'est sûr que si tout l'intervalle de son écart relatif tient dans la marge : "
            f"{100 * _MARGIN:g} % de plus au maximum. Là où la référence peut être 0, il n'y a pas "
            "d'écart relatif, et aucune hausse n'est tolérée."
        ),
    ]


def _groups(groups: Groups) -> Iterator[str]:
    if groups.report is None:
        why = "aucun groupe." if groups.missing is None else absence_in_french(groups.missing)
        yield f"Pas d'analyse : {why}"
        return
    yield from _table(
        ("groupe", "inscrits", "complétion", "IC 95 %", "tickets par inscrit", "IC 95 %"),
        (
            (
                _cell(name) or "(aucun)",
                "–" if principal.n is None else str(principal.n),
                _value(principal),
                _interval(principal),
                _value(guardrail),
                _interval(guardrail),
            )
            for name, (principal, guardrail) in groups.values.items()
        ),
    )
    yield ""
    if not groups.report.contrasts:
        yield "Un seul groupe : rien à comparer."
        return
    yield from _table(
        (
            "de",
            "à",
            "écart de complétion",
            "écart de tickets",
            "écart relatif de tickets",
            "verdict",
            "raison",
        ),
        (_line(each) for each in groups.report.contrasts),
    )
    reversals = [(each, turned) for each in groups.report.contrasts for turned in each.reversals]
    if groups.column == COHORT:
        yield ""
        yield from (_reversal(*each) for each in reversals)
        if not reversals:
            yield (
                "Paradoxe de Simpson : aucun. Nulle part l'ensemble ne s'améliore pendant que la "
                "plupart des segments se dégradent."
            )


def _line(contrast: Contrast) -> tuple[str, ...]:
    baseline = "les autres" if contrast.baseline == "the rest" else _cell(contrast.baseline)
    current = "(aucun)" if contrast.current == "(none)" else _cell(contrast.current)
    return (
        baseline,
        current,
        _with_limits(contrast.principal.value, contrast.principal.interval),
        _with_limits(contrast.guardrail.value, contrast.guardrail.interval),
        _with_limits(contrast.guardrail.relative, contrast.guardrail.relative_interval),
        _VERDICTS.get(contrast.verdict, f"`{contrast.verdict}`"),
        _reason(contrast),
    )


def _reason(contrast: Contrast) -> str:
    if contrast.verdict is Verdict.NOT_IMPROVED:
        is_worse = contrast.principal.movement is Movement.WORSE
        return "la complétion baisse" if is_worse else "la complétion ne change pas"
    if contrast.verdict is Verdict.HARM_NOT_RULED_OUT:
        if not all(each.is_better_within for each in contrast.reversals):
            return "la plupart des segments se dégradent"
        return "une hausse des tickets au-delà de la marge n'est pas exclue"
    return _REASONS.get(contrast.verdict, "")


_REASONS = {
    Verdict.SAFE: "le garde-fou tient dans sa marge",
    Verdict.HARMFUL: "plus de tickets en même temps",
    Verdict.UNDECIDED: "la complétion ne permet pas de trancher",
}


def _reversal(contrast: Contrast, turned: Reversal) -> str:
    segments = ", ".join(_cell(str(each)) for each in turned.worse)
    return (
        f"**Paradoxe de Simpson** ({_cell(contrast.baseline)} → {_cell(contrast.current)}) : "
        f"{_NAMES[turned.kpi_id]} s'améliore dans l'ensemble et se dégrade dans "
        f"{len(turned.worse)} segments sur {turned.segments} de `{turned.column}` ({segments}) : "
        f"{_part(turned.parts.mix, turned.parts.mix_interval)} vient de leur mélange, "
        f"{_part(turned.parts.within, turned.parts.within_interval)} de l'intérieur des segments."
    )


def _reading() -> list[str]:
    return [
        (
            "- Une complétion qui monte avec les tickets est douteuse : l'aide supplémentaire peut "
            "porter le gain, et il ne passerait pas à l'échelle."
        ),
        "- Un verdict indécis n'est pas une bonne nouvelle : il manque des inscrits pour conclure.",
        (
            "- Les groupes ne sont pas tirés au sort : un écart entre pays, appareils ou canaux "
            "n'est pas un effet."
        ),
    ]


def _part(value: float, bounds: Interval | IntervalReason) -> str:
    return _with_limits(value, bounds if isinstance(bounds, Interval) else None)


def _with_limits(value: float | None, interval: Interval | None) -> str:
    if value is None:
        return "–"
    if interval is None:
        return f"{value:+.4f}"
    return f"{value:+.4f} [{interval.low:+.4f} ; {interval.high:+.4f}]"


def _value(result: Result) -> str:
    return "–" if result.value is None else f"{result.value:.4f}"


def _interval(result: Result) -> str:
    if result.interval is None:
        return "–"
    return f"[{result.interval.low:.4f} ; {result.interval.high:.4f}]"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _cell(text: str) -> str:
    """A name as it may stand in Markdown: one line, nothing in it that would be markup."""
    plain = " ".join(text.split())
    for mark in ("\\", "|", "*", "_", "`", "[", "]", "<", ">"):
        plain = plain.replace(mark, f"\\{mark}")
    return plain

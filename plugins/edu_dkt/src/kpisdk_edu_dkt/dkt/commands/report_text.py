"""A report as text for a terminal."""

from __future__ import annotations

from kpisdk import Language
from kpisdk_edu_dkt.dkt.commands.shared import as_table
from kpisdk_edu_dkt.dkt.evaluation.knowledge import CHANCE, is_beyond_chance
from kpisdk_edu_dkt.dkt.evaluation.metrics import METRICS, Score
from kpisdk_edu_dkt.dkt.evaluation.report import Report


def report_text(report: Report, language: Language | None = None) -> str:
    """The headline metrics beside the baselines, the parts, and the knowledge checks.

    Args:
        report: What is shown.
        language: In which language; English without one.
    """
    told = language or Language()
    parts = [
        "\n".join(map(told.text, _head(report))),
        _compared(report, told),
        _parts(report, told),
        _knowledge(report, told),
    ]
    return "\n\n".join(parts)


def _head(report: Report) -> list[str]:
    counted = f"{report.rows} rows, {report.events} answers of {report.students} students"
    lines = [f"{report.source}: {counted}"]
    if report.problems_known:
        lines.append(
            f"{report.repeats} rows repeat a problem under another skill and are scored once; "
            f"{report.retries} answer the problem before once more"
        )
    else:
        lines.append("Problems have no ids: whether rows repeat an answer cannot be known")
    if report.left_out_students:
        lines.append(
            f"{report.left_out_students} students are left out, as the model was fitted on them"
        )
    if report.difficulty_timing == "after":
        lines.append("difficulty is the one after the answer; an item has that of the row before")
    lines += [f"WARNING: {each.sentence}" for each in report.given_away]
    if report.learned_students:
        lines.append(
            f"WARNING: {report.learned_students} student ids are among those that the model was "
            "fitted on; on them it looks better than it is (--unseen leaves them out)"
        )
    if report.unscored:
        lines.append(f"{report.unscored} answers have no prediction (first ones)")
    if report.unknown_skills or report.unknown_phases:
        lines.append(
            f"{report.unknown_skills} answers on unknown skills, {report.unknown_phases} in "
            "unknown phases"
        )
    return lines


def _compared(report: Report, language: Language) -> str:
    rows = {"this model": report.model} | report.baselines
    columns: dict[str, list[object]] = {
        "model": [language.word(name.replace("_", " ")) for name in rows],
        "n": [scores["auc"].n for scores in rows.values()],
    }
    for name in METRICS:
        columns[name] = [_value(scores[name], language) for scores in rows.values()]
    text = as_table(columns, language)
    known = [name for name in METRICS if report.model[name].low is not None]
    if known:
        # in a table of their own: beside the values they are wider than a terminal
        intervals = {
            "metric": known,
            "this model, and its interval": [
                _shown(report.model[name], language) for name in known
            ],
        }
        text += f"\n\n{as_table(intervals, language)}"
    if report.gain is not None:
        shown = _shown(report.gain, language)
        text += f"\n\n{language.text(f'AUC gain over logistic regression on counts: {shown}')}"
    return text


def _parts(report: Report, language: Language) -> str:
    parts = {f"answers {place}": score for place, score in report.by_position.items()}
    parts["first attempts on a skill"] = report.first_attempts
    parts |= {f"skill {name}": score for name, score in list(report.by_skill.items())[:12]}
    columns: dict[str, list[object]] = {
        "part": [language.word(part) for part in parts],
        "n": [score.n for score in parts.values()],
        "auc": [_shown(score, language) for score in parts.values()],
    }
    hidden = len(report.by_skill) - 12
    more = language.text(f"({hidden} more skills: --format json)")
    return as_table(columns, language) + (f"\n{more}" if hidden > 0 else "")


def _knowledge(report: Report, language: Language) -> str:
    checks = report.knowledge
    columns: dict[str, list[object]] = {
        "knowledge check": [language.word(check) for check in _CHECKS],
        "value": [
            checks.heads_permuted_drop,
            checks.move_after_right,
            checks.rises_after_right,
            checks.move_after_wrong,
            checks.falls_after_wrong,
        ],
    }
    verdict = "may" if report.outputs_are_mastery else "may NOT"
    called = language.text(f"Outputs {verdict} be called mastery.")
    text = f"{as_table(columns, language)}\n\n{called}"
    is_known = report.bootstrap > 1  # without draws nobody asked for an interval
    if report.outputs_are_mastery and is_known and not is_beyond_chance(report.model["auc"].low):
        text += f"\n{language.text(f'WARNING: {CHANCE}.')}"
    return text


_CHECKS = (
    "AUC lost when heads are permuted",
    "move after a right answer",
    "share that rises",
    "move after a wrong answer",
    "share that falls",
)


def _value(score: Score, language: Language) -> str:
    if score.value is None:
        return f"- ({score.reason})"
    return language.figures(f"{score.value:.4f}")


def _shown(score: Score, language: Language) -> str:
    text = _value(score, language)
    if score.low is None:
        return text
    return f"{text} {language.figures(f'[{score.low:.4f}, {score.high:.4f}]')}"

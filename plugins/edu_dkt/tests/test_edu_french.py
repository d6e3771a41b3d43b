"""The school is answered in French: the evidence always, warnings and reports where asked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import attrs
import pytest

from kpisdk import Language, Translation
from kpisdk.command_line import Installation
from kpisdk_edu_dkt.dkt import french_sentences as dkt_french
from kpisdk_edu_dkt.dkt.commands.report_text import report_text
from kpisdk_edu_dkt.dkt.evaluation.knowledge import CHANCE
from kpisdk_edu_dkt.dkt.evaluation.leakage import GivenAway
from kpisdk_edu_dkt.plugin import kpisdk_translations

NARROW = "\u202f"
(TRANSLATION,) = kpisdk_translations()
FRENCH = Language("fr", (TRANSLATION,))

LOG = (
    "user_id,cohort_id,country,device,acquisition_channel,module_id,timestamp,event_type,theme_id,"
    "validated_m1,support_ticket_count,project_submitted,notebook_first_exec_time\n"
    "1,A,FR,web,ad,m1,2026-01-01T00:00:00Z,start,theme-1,0,0,0,\n"
    "1,A,FR,web,ad,m1,2026-01-02T00:00:00Z,complete,theme-2,1,2,1,2026-01-01T05:00:00Z\n"
    "2,B,FR,web,ad,m1,2026-01-03T00:00:00Z,start,theme-1,0,,0,\n"
    "3,B,FR,web,ad,m2,2026-01-03T00:00:00Z,start,theme-1,0,0,0,\n"
)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """``run(LANG, *arguments)``: exit code, standard output and error of ``kpisdk``."""
    from kpisdk.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text(LOG)

    def ran(lang: str, *arguments: str) -> tuple[int, str, str]:
        code = main(arguments, Installation(tmp_path, {"LANG": lang}))
        return (code, *capsys.readouterr())

    return ran


def test_the_warnings_of_an_export_are_french_and_its_files_do_not_change(run, tmp_path):
    """The evidence is in French in any case, byte for byte."""
    export = ("koryxa", "export", "--events", "log.csv", "--out")
    english = run("", *export, "plain")
    asked = run("", *export, "asked", "--lang", "fr")
    environment = run("fr_FR.UTF-8", *export, "environment")

    assert "Warning: Events of another module than m1, left out: 1.\n" in english[2]
    lost = f"Avertissement{NARROW}: Événements d'un autre module que m1, écartés{NARROW}: 1.\n"
    assert lost in asked[2]
    assert "Warning" not in asked[2]
    assert asked[2] == environment[2]
    assert {english[0], asked[0], environment[0]} == {0}
    for file in (tmp_path / "plain").iterdir():
        assert file.read_bytes() == (tmp_path / "asked" / file.name).read_bytes()
        assert file.read_bytes() == (tmp_path / "environment" / file.name).read_bytes()


def test_a_computed_report_of_the_school_is_french_but_for_its_codes(run):
    """Names, headings, figures, warnings, and why others are absent."""
    question = ("compute", "EDU-KX-002", "EDU-KX-005", "--source", "koryxa:log.csv")
    code, text, _ = run("fr_FR.UTF-8", *question, "--format", "md")

    assert code == 0
    for told in (
        "| Tickets d'aide par inscrit | 1,000 |",
        "| 24,0 heures |",
        f"counter_missing{NARROW}: Événements sans valeur de",
        f"few_rows{NARROW}: La valeur ne repose que sur 2 lignes (moins de 30).",
        f"2 résultats{NARROW}: 2 inconnu.",
    ):
        assert told in text.replace("\\_", "_").replace("\\`", "`")
    assert run("fr", *question, "--format", "json")[1].count("Support tickets per user") == 1


def _said(text: str) -> str:
    """A sentence with its numbers in the places of a template."""
    return re.sub(r"\{(\w+)\}", "7", text)


@pytest.mark.parametrize("english", dkt_french.SENTENCES)
def test_no_sentence_of_knowledge_tracing_falls_to_another_s_translation(english):
    """Each template is the one that its own sentences are told by."""
    expected = _said(dkt_french.SENTENCES[english])

    assert FRENCH.text(_said(english)).replace(NARROW, " ") == expected


@attrs.frozen
class _Faults:
    """The sentences that code makes, as code makes them."""

    telling = GivenAway("difficulty", 9, 10, None, None)
    alone = GivenAway("phase_type", 0, 10, 0.91, None)
    moving = GivenAway("mood", 0, 10, None, None)


@pytest.mark.parametrize(
    "sentence",
    [
        _Faults.telling.sentence,
        _Faults.alone.sentence,
        _Faults.moving.sentence,
        f"{CHANCE}.",
        f"{CHANCE[0].upper()}{CHANCE[1:]}.",
    ],
)
def test_what_the_evaluation_warns_of_is_known_in_french(sentence):
    """The sentences come from the code that makes them, and not from a list."""
    assert FRENCH.known(sentence) is not None
    warned = Language(
        "fr", (TRANSLATION, Translation("fr", {"WARNING: {sentence}": "! {sentence}"}))
    )
    assert warned.known(f"WARNING: {sentence}") == f"! {FRENCH.known(sentence)}"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory):
    """A model of a simulated class, judged on another one."""
    from kpisdk_edu_dkt.dkt.artefact.storing import load
    from kpisdk_edu_dkt.dkt.data.reading import read
    from kpisdk_edu_dkt.dkt.evaluation.report import evaluate

    folder: Path = tmp_path_factory.mktemp("french")
    from click.testing import CliRunner

    from kpisdk_edu_dkt.dkt.commands import dkt

    for arguments in (
        ("simulate", "--students", "120", "--skills", "3", "--longest", "20", "--seed", "5",
         "--output", f"{folder}/class.csv"),
        ("train", f"{folder}/class.csv", f"{folder}/model", "--epochs", "1", "--hidden", "8",
         "--device", "cpu", "--seed", "2"),
    ):  # fmt: skip
        assert CliRunner().invoke(dkt, arguments).exit_code == 0
    return evaluate(load(folder / "model"), read(folder / "class.csv"), draws=20)


def test_a_report_on_a_model_is_french_line_by_line(report):
    """Headings, rows, figures with a comma, warnings and the verdict; its JSON is as it was."""
    text, plain = report_text(report, FRENCH), report_text(report)

    assert len(text.splitlines()) == len(plain.splitlines())
    for told in (
        "modèle",
        "ce modèle",
        "régression logistique des comptages",
        "premiers essais sur une compétence",
        "contrôle des connaissances",
        "être appelées maîtrise.",
        f"{report.model['auc'].value:.4f}".replace(".", ","),
    ):
        assert told in text
    for english in ("this model", "answers", "skill ", "knowledge", "Outputs", "0.", "student ids"):
        assert english not in text.replace(report.source, "")
    assert json.dumps(report.as_json()) == json.dumps(report.as_json())
    assert "this model" in plain

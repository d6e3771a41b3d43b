"""The commands: a whole round, formats, exit codes, and help pages whose examples run."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kpisdk import KpisdkError
from kpisdk_edu_dkt.dkt.commands import dkt


def run(*arguments: object) -> Result:
    """Run ``kpisdk dkt`` with these arguments."""
    return CliRunner().invoke(dkt, [str(argument) for argument in arguments])


def done(*arguments: object) -> Result:
    """The same, which must succeed."""
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a simulated class and a model of it, made by the commands themselves."""
    folder = tmp_path_factory.mktemp("commands")
    done("simulate", "--students", 150, "--skills", 3, "--longest", 24, "--seed", 5,
         "--output", folder / "class.csv")  # fmt: skip
    done("train", folder / "class.csv", folder / "model", "--epochs", 2, "--hidden", 8,
         "--device", "cpu", "--seed", 2)  # fmt: skip
    return folder


def test_a_training_leaves_a_whole_folder(place: Path) -> None:
    """Artefact, history, curves and a checkpoint."""
    names = {path.name for path in (place / "model").iterdir()}

    assert names == {
        "model.safetensors", "config.json", "metrics.json", "card.md", "history.json",
        "curves.png", "curves.svg", "checkpoints",
    }  # fmt: skip


def test_training_prints_its_report_to_stdout_and_progress_to_stderr(place: Path) -> None:
    """JSON on stdout parses as it is; epochs and the policy for unknown ids are on stderr."""
    result = done("train", place / "class.csv", place / "again", "--epochs", 2, "--hidden", 8,
                  "--device", "cpu", "--format", "json", "--unknown", "error")  # fmt: skip
    report = json.loads(result.stdout)

    assert report["model"]["auc"]["n"] == report["events"]
    assert "logistic_regression_on_counts" in report["baselines"]
    assert "epoch 1: training loss" in result.stderr
    assert "unknown ids: error" in result.stderr


def test_a_training_can_be_resumed_from_the_command_line(place: Path, tmp_path: Path) -> None:
    """One epoch and then one more equal the two of the first model."""
    arguments = ("--hidden", 8, "--device", "cpu", "--seed", 2)
    done("train", place / "class.csv", tmp_path / "m", "--epochs", 1, *arguments)
    done("train", place / "class.csv", tmp_path / "m", "--epochs", 2, "--resume", *arguments)

    mine = (tmp_path / "m" / "model.safetensors").read_bytes()
    assert mine == (place / "model" / "model.safetensors").read_bytes()


def test_students_can_be_named_by_file(place: Path, tmp_path: Path) -> None:
    """With files for training and validation nobody is split, and without a test nobody judged."""
    done("simulate", "--students", 40, "--skills", 3, "--output", tmp_path / "v.csv")
    text = (tmp_path / "v.csv").read_text().splitlines()
    (tmp_path / "v.csv").write_text("\n".join([text[0], *(f"v{line}" for line in text[1:])]))
    base = ("train", place / "class.csv", tmp_path / "m", "--epochs", 1, "--device", "cpu")
    result = done(*base, "--valid", tmp_path / "v.csv")
    same = run(*base, "--valid", place / "class.csv", "--force")

    assert isinstance(same.exception, KpisdkError)
    assert "Give every student to one part" in same.exception.message

    assert "not judged" in result.stderr
    assert json.loads((tmp_path / "m" / "config.json").read_text())["provenance"]["split"] == (
        "by file"
    )
    assert run("train", "a", "b", "--test", "c").exit_code == 2


def test_evaluate_prints_a_table_or_json_and_exports_predictions(
    place: Path, tmp_path: Path
) -> None:
    """Both forms tell the same AUC; the CSV has one line for each answer."""
    path = tmp_path / "p.csv"
    table = done("evaluate", place / "model", place / "class.csv", "--draws", 0).stdout
    result = done("evaluate", place / "model", place / "class.csv", "--draws", 20,
                  "--format", "json", "--predictions", path)  # fmt: skip
    report = json.loads(result.stdout)

    assert f"{report['model']['auc']['value']:.4f}" in table
    assert report["model"]["auc"]["low"] < report["model"]["auc"]["value"]
    with path.open() as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == report["events"]
    assert all(0 < float(row["p"]) < 1 for row in rows)


def test_predict_gives_every_answer_a_probability(place: Path) -> None:
    """Table, CSV and JSON have the same rows."""
    base = ("predict", place / "model", place / "class.csv", "--format")
    told = json.loads(done(*base, "json").stdout)
    rows = list(csv.DictReader(io.StringIO(done(*base, "csv").stdout)))

    assert len(told) == len(rows)
    assert float(rows[3]["p"]) == told[3]["p"]
    assert len(done(*base, "table").stdout.splitlines()) == len(rows) + 2


def test_standard_input_is_read_like_a_file(place: Path) -> None:
    """``predict m -`` predicts what is piped in."""
    text = (place / "class.csv").read_text()
    piped = CliRunner().invoke(
        dkt, ["predict", str(place / "model"), "-", "--format", "csv"], input=text
    )

    assert piped.exit_code == 0, piped.output
    named = done("predict", place / "model", place / "class.csv", "--format", "csv")
    assert piped.stdout == named.stdout
    nothing = CliRunner().invoke(dkt, ["predict", str(place / "model"), "-"], input="")
    assert isinstance(nothing.exception, KpisdkError)
    assert "standard input: the file is empty" in nothing.exception.message
    twice = run("train", "-", "m", "--valid", "-")
    assert (twice.exit_code, "once only" in twice.output) == (2, True)


def test_a_report_fits_a_terminal(place: Path) -> None:
    """Values and intervals stand in tables of their own; 80 columns hold each of them."""
    result = done("evaluate", place / "model", place / "class.csv", "--draws", 20)
    _, _, tables = result.stdout.partition("\n\n")  # sentences wrap, tables do not
    rows = [line for line in tables.splitlines() if not line.startswith("WARNING")]

    assert any(line.startswith("auc ") and line.endswith("]") for line in rows)
    assert max(rows, key=len)[80:] == ""


def test_students_that_were_learned_from_are_told_and_can_be_left_out(place: Path) -> None:
    """The class of the training: a warning; with --unseen only the test students are judged."""
    base = ("evaluate", place / "model", place / "class.csv", "--draws", 0)
    told = json.loads((place / "model" / "config.json").read_text())["provenance"]["students"]
    result = done(*base, "--unseen", "--format", "json")
    fresh = json.loads(result.stdout)
    fitted = told["train"] + told["valid"]

    assert f"WARNING: {fitted} student ids" in done(*base).stdout
    assert (fresh["learned_students"], fresh["students"]) == (0, told["test"])
    assert fresh["left_out_students"] == fitted
    assert f"--unseen: {fitted} of {fitted + told['test']} student(s) left out" in result.stderr
    # nobody wrote problem ids: how many rows repeat an answer is not zero but unknown
    assert (fresh["repeats"], fresh["retries"]) == (None, None)
    assert "nobody can know" in (place / "model" / "card.md").read_text()


def test_the_report_tells_of_repeats_unknown_ids_and_what_has_no_prediction(
    place: Path, tmp_path: Path
) -> None:
    """Each fact is a line of the table form."""
    with (place / "class.csv").open() as handle:
        rows = list(csv.DictReader(handle))[:40]
    for row in rows:
        row["problem_id"] = row["t"]
        row["skill_id"] = "new" if row["t"] == "3" else row["skill_id"]
    with (tmp_path / "few.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    text = done("evaluate", place / "model", tmp_path / "few.csv", "--draws", 0).stdout
    done("train", place / "class.csv", tmp_path / "n", "--preset", "notebook", "--epochs", 1,
         "--hidden", 8, "--device", "cpu")  # fmt: skip
    blind = done("evaluate", tmp_path / "n", place / "class.csv", "--draws", 0).stdout

    assert "rows repeat a problem under another skill and are scored once" in text
    assert "answers on unknown skills" in text
    assert "150 answers have no prediction (first ones)" in blind
    assert "may NOT be called mastery" in blind


def test_without_matplotlib_a_model_is_trained_without_curves(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing picture is a remark that says what to install, not a failed training."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = done("train", place / "class.csv", tmp_path / "m", "--epochs", 1, "--hidden", 8,
                  "--device", "cpu")  # fmt: skip

    assert "No curves were drawn" in result.stderr
    assert "kpisdk-edu-dkt[plots]" in result.stderr
    assert (tmp_path / "m" / "model.safetensors").exists()


def test_the_template_is_valid_input(place: Path, tmp_path: Path) -> None:
    """What the command prints is accepted by the commands that read."""
    path = tmp_path / "template.csv"
    done("template", "--output", path)
    printed = done("template").stdout

    assert path.read_text() == printed
    # its skills are unknown to this model, and its gaps were never trained on: told, not guessed
    result = run("predict", place / "model", path)
    assert isinstance(result.exception, KpisdkError)
    assert "motivation" in result.exception.message


def test_unknown_skills_are_answered_and_counted(place: Path, tmp_path: Path) -> None:
    """Under the policy ``index`` the answer comes with a remark on stderr."""
    text = (place / "class.csv").read_text().splitlines()
    fields = text[1].split(",")
    fields[2] = "1000000000"
    (tmp_path / "new.csv").write_text("\n".join([text[0], ",".join(fields)]))
    result = done("predict", place / "model", tmp_path / "new.csv")

    assert "1 answer(s) on unknown skills" in result.stderr


def test_the_export_is_checked(place: Path, tmp_path: Path) -> None:
    """The remark says how far the graph is from the model."""
    result = done("export-onnx", place / "model", tmp_path / "m.onnx")

    assert "differs from the model by" in result.stderr
    assert (tmp_path / "m.onnx").stat().st_size > 1000


def test_bad_rows_are_refused_or_left_out_and_counted(place: Path, tmp_path: Path) -> None:
    """By default the file is refused; with ``skip`` the rest is used and the count is told."""
    text = (place / "class.csv").read_text()
    (tmp_path / "bad.csv").write_text(text + "0,999,0,7,0.5,0,3.0,0.5,0.5,0.5,hub\n")

    refused = run("predict", place / "model", tmp_path / "bad.csv")
    assert isinstance(refused.exception, KpisdkError)
    assert "column correct: '7'" in refused.exception.message
    skipped = done("predict", place / "model", tmp_path / "bad.csv", "--on-fault", "skip")
    assert "1 row(s) left out, column correct" in skipped.stderr


def test_a_difficulty_recorded_after_the_change_can_be_trained_on(
    place: Path, tmp_path: Path
) -> None:
    """A file in the notebook's own form trains with --difficulty-after, gaps and all."""
    with (place / "class.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    for row in rows:
        row["difficulty"] = row.pop("next_difficulty")
    with (tmp_path / "notebook.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    base = ("train", tmp_path / "notebook.csv", tmp_path / "m", "--epochs", 1, "--device", "cpu")
    unsaid = run(*base)
    assert isinstance(unsaid.exception, KpisdkError)
    assert "--difficulty-after, or --difficulty-before" in unsaid.exception.message
    done(*base, "--difficulty-after")
    # the model remembers: the same file needs no option, and the card says it
    report = done("evaluate", tmp_path / "m", tmp_path / "notebook.csv", "--draws", 0).stdout
    assert "difficulty is the one after the answer" in report
    assert "is the one after the change" in (tmp_path / "m" / "card.md").read_text()
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    columns = {column["name"]: column["masked"] for column in config["encoder"]["inputs"]}

    assert columns["difficulty"] is True
    assert columns["next_difficulty"] is False

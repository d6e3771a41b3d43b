"""Help pages, imports of notebooks, and failures of the commands: a sentence each."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result

from kpisdk import KpisdkError
from kpisdk_edu_dkt.dkt.artefact.storing import load, save
from kpisdk_edu_dkt.dkt.commands import dkt
from kpisdk_edu_dkt.dkt.data.interactions import Interactions
from kpisdk_edu_dkt.dkt.data.writing import write_csv
from kpisdk_edu_dkt.dkt.learning.training import Trained

COMMANDS = (
    "simulate",
    "template",
    "train",
    "evaluate",
    "predict",
    "mastery",
    "export-onnx",
    "import-notebook",
)


def run(*arguments: object) -> Result:
    """Run ``kpisdk dkt`` with these arguments."""
    return CliRunner().invoke(dkt, [str(argument) for argument in arguments])


def done(*arguments: object) -> Result:
    """The same, which must succeed."""
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_page_shows_an_example(command: str) -> None:
    """Each command explains itself and shows a whole command line."""
    page = done(command, "--help").output

    assert f"kpisdk dkt {command}" in page.split("Examples:")[1]


def test_mastery_of_one_student(
    dkt_trained: Trained, dkt_class: Interactions, tmp_path: Path
) -> None:
    """One row for each skill; an unknown student is an error; an unproven model is refused."""
    save(dkt_trained.model, tmp_path / "model")
    with (tmp_path / "class.csv").open("w") as handle:
        write_csv(dkt_class, handle)
    base = ("mastery", tmp_path / "model", tmp_path / "class.csv")
    rows = json.loads(done(*base, "--student", "7", "--format", "json").stdout)
    assert [row["skill_id"] for row in rows] == ["0", "1", "2", "3"]
    assert all(0 < row["mastery"] < 1 for row in rows)
    assert len(done(*base, "--format", "csv").stdout.splitlines()) == 300 * 4 + 1

    assert "better than chance" not in done(*base).stderr
    scores = dkt_trained.model.metrics["model"]
    unsure = scores | {"auc": scores["auc"] | {"low": 0.49}}
    metrics = dkt_trained.model.metrics | {"model": unsure}
    save(attrs.evolve(dkt_trained.model, metrics=metrics), tmp_path / "unsure")
    told = done("mastery", tmp_path / "unsure", tmp_path / "class.csv", "--student", "7")
    assert "no interval of the AUC lies above 0.5" in told.stderr
    assert "no interval of the AUC lies above 0.5" in (tmp_path / "unsure/card.md").read_text()

    lost = run(*base, "--student", "x")
    assert isinstance(lost.exception, KpisdkError)
    assert lost.exception.exit_code == 2
    save(attrs.evolve(dkt_trained.model, metrics={}), tmp_path / "model")
    refused = run(*base)
    assert isinstance(refused.exception, KpisdkError)
    assert "may not be called mastery" in refused.exception.message
    checks = dict(dkt_trained.model.metrics["knowledge"]) | {"rises_after_right": 0.49}
    falling = attrs.evolve(
        dkt_trained.model, metrics=dkt_trained.model.metrics | {"knowledge": checks}
    )
    save(falling, tmp_path / "model")
    refused = run(*base)
    assert isinstance(refused.exception, KpisdkError)
    assert "rise after right answers in a share of 0.4900" in refused.exception.message


def test_a_notebook_pair_is_imported(tmp_path: Path) -> None:
    """The folder is a model like any other, and the remark says what it may not be called."""
    state = {
        "gru.weight_ih_l0": torch.zeros(12, 8),
        "gru.weight_hh_l0": torch.zeros(12, 4),
        "gru.bias_ih_l0": torch.zeros(12),
        "gru.bias_hh_l0": torch.zeros(12),
        "out.weight": torch.zeros(2, 4),
        "out.bias": torch.zeros(2),
    }
    torch.save(state, tmp_path / "a.pt")
    np.savez(tmp_path / "b.npz", skill_categories=np.arange(2), phase_categories=np.array(["hub"]),
             scaler_mean=np.zeros(5), scaler_scale=np.ones(5))  # fmt: skip
    result = done("import-notebook", tmp_path / "a.pt", tmp_path / "b.npz", tmp_path / "m")

    assert "may not be called mastery" in result.stderr
    assert load(tmp_path / "m").encoder.skills == ("0", "1")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("train", "nowhere.csv", "m"), 2, "No such file"),
        (("evaluate", "nowhere", "nowhere.csv"), 1, "so no model"),
        (("export-onnx", "nowhere", "m.onnx"), 1, "so no model"),
        (("import-notebook", "a.pt", "b.npz", "m"), 1, "No such file"),
    ],
)
def test_failures_are_sentences_with_an_exit_code(
    arguments: tuple[str, ...],
    code: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """1 for what failed, 2 for what was asked wrongly."""
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)

    assert isinstance(result.exception, KpisdkError)
    assert (result.exception.exit_code, told in result.exception.message) == (code, True)


def test_an_output_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """A folder in place of the file."""
    (tmp_path / "taken").mkdir()
    result = run("template", "--output", tmp_path / "taken")

    assert isinstance(result.exception, KpisdkError)
    assert "could not be written" in result.exception.message

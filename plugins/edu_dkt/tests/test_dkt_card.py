"""The card of a model: what a reader must know of it."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from kpisdk_edu_dkt.dkt.artefact.model import Model
from kpisdk_edu_dkt.dkt.artefact.storing import load, save
from kpisdk_edu_dkt.dkt.learning.training import Trained


@pytest.fixture
def folder(dkt_trained: Trained, tmp_path: Path) -> Path:
    """A saved model."""
    save(dkt_trained.model, tmp_path / "model")
    return tmp_path / "model"


def test_the_card_says_what_matters(folder: Path) -> None:
    """Weights, seed, split, what is read, the baseline and the knowledge checks."""
    card = (folder / "card.md").read_text()

    for word in ("sha256", "seed: 1", "blake2b", "answer", "logistic regression", "permuted"):
        assert word in card


def test_a_model_that_was_never_judged_has_a_card_too(dkt_trained: Trained, tmp_path: Path) -> None:
    """Without test students there are no metrics, and the card says so."""
    bare: Model = attrs.evolve(dkt_trained.model, metrics={}, baseline=None)
    save(bare, tmp_path)

    assert "never judged" in (tmp_path / "card.md").read_text()
    assert load(tmp_path).baseline is None
    assert not load(tmp_path).is_mastery

"""Half precision without a GPU: what scales the loss is proved on the CPU, which scales exactly."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
import torch

from kpisdk_edu_dkt.dkt.data.splitting import Split
from kpisdk_edu_dkt.dkt.learning.options import TrainingOptions
from kpisdk_edu_dkt.dkt.learning.precision import Precision, precision_on
from kpisdk_edu_dkt.dkt.learning.training import train


@pytest.fixture
def half_on_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU in float16, with the loss scaled as on a GPU."""
    monkeypatch.setattr(
        "kpisdk_edu_dkt.dkt.learning.fitting.precision_on",
        lambda device, mixed: Precision(device.type, half=mixed),
    )


def stepped(precision: Precision, scale: float = 1.0) -> list[float]:
    """The weights after one step on a loss of 3 a - 4 b, times ``scale``, from a = b = 1."""
    weights = torch.ones(2, requires_grad=True)
    optimiser = torch.optim.SGD([weights], lr=1.0)
    loss = (weights * torch.tensor([3.0, -4.0])).sum() * scale
    precision.learn(loss, optimiser, clip=1.0)
    return [float(value) for value in weights.detach()]


@pytest.mark.parametrize("half", [True, False])
def test_gradients_are_clipped_as_they_are_and_not_as_they_are_scaled(half: bool) -> None:
    """(3, -4) has norm 5 and is clipped to (0.6, -0.8): one step leads to (0.4, 1.8)."""
    assert stepped(Precision("cpu", half=half)) == pytest.approx([0.4, 1.8], abs=1e-6)


def test_a_gradient_that_overflows_is_left_out_and_the_factor_halved() -> None:
    """Nothing is learned from it; the next step is taken with half the factor."""
    precision = Precision("cpu", half=True)
    before = precision.state["scale"]

    assert stepped(precision, scale=float("inf")) == [1.0, 1.0]
    assert precision.state["scale"] == before / 2
    assert stepped(precision) == pytest.approx([0.4, 1.8], abs=1e-6)


def test_full_precision_has_no_state_and_no_autocast() -> None:
    """On the CPU ``mixed`` changes nothing."""
    precision = precision_on(torch.device("cpu"), mixed=True)

    assert precision.state == {}
    with precision.computing():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.float32


def test_half_precision_learns_nearly_the_same(
    small: Split, quick: TrainingOptions, half_on_cpu: None
) -> None:
    """float16 where the CPU has it moves the validation loss by less than 0.01."""
    full = train(small, attrs.evolve(quick, mixed_precision=False), draws=0)
    half = train(small, quick, draws=0)

    assert half.history[-1].valid_loss == pytest.approx(full.history[-1].valid_loss, abs=0.01)


def test_a_resumed_training_goes_on_with_the_factor_that_it_had(
    small: Split,
    quick: TrainingOptions,
    half_on_cpu: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The factor grows at every fourth step: forgotten, it would begin anew and round elsewhere."""
    real = torch.amp.GradScaler
    monkeypatch.setattr(
        torch.amp, "GradScaler", lambda *args, **kw: real(*args, **kw, growth_interval=4)
    )
    unbroken = train(small, quick, draws=0)
    train(small, attrs.evolve(quick, epochs=1), checkpoints=tmp_path, draws=0)
    resumed = train(small, quick, checkpoints=tmp_path, resume=True, draws=0)

    for name, value in unbroken.model.weights.items():
        assert resumed.model.weights[name].tobytes() == value.tobytes(), name

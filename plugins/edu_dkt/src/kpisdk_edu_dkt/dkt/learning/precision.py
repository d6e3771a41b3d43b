"""Precision: a GPU computes the network in half of it, and the loss is scaled so that it can.

PyTorch runs cuDNN's recurrent layers in float16 under autocast, whatever type is asked for.
Gradients of a mean loss are too small for that type: many would become 0. So the loss is scaled up
and the gradients down again, by a factor that adapts itself (Micikevicius et al., 2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class Precision:
    """How a step computes: in full precision, or in float16 with a scaled loss.

    Args:
        device_type: such as ``cuda``.
        half: whether to compute in float16.
    """

    def __init__(self, device_type: str, *, half: bool) -> None:
        import torch

        self.device_type, self.half = device_type, half
        self._scaler = torch.amp.GradScaler(device_type, enabled=half)

    def computing(self) -> torch.amp.autocast_mode.autocast:
        """The context of a forward pass."""
        import torch

        return torch.autocast(self.device_type, dtype=torch.float16, enabled=self.half)

    def learn(self, loss: torch.Tensor, optimiser: torch.optim.Optimizer, clip: float) -> None:
        """One step of the optimiser, with gradients clipped to a norm of ``clip``.

        In half precision a step whose gradients overflow is left out, and the factor is halved.

        Args:
            loss: What is lowered.
            optimiser: The optimiser.
            clip: Largest norm of the gradients.
        """
        import torch

        optimiser.zero_grad(set_to_none=True)
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]  # torch's own gap
        self._scaler.unscale_(optimiser)
        weights = [weight for part in optimiser.param_groups for weight in part["params"]]
        torch.nn.utils.clip_grad_norm_(weights, clip)
        self._scaler.step(optimiser)
        self._scaler.update()

    @property
    def state(self) -> dict[str, Any]:
        """The factor and how long it has held; empty in full precision."""
        return dict(self._scaler.state_dict())

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self._scaler.load_state_dict(state)


def precision_on(device: torch.device, *, mixed: bool) -> Precision:
    """Half precision on CUDA, if ``mixed`` is wanted; elsewhere nothing changes.

    Args:
        device: Where the network computes.
        mixed: Whether half precision is wanted.
    """
    return Precision(device.type, half=mixed and device.type == "cuda")

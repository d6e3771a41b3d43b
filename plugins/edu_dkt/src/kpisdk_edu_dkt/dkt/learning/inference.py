"""The network without learning: predictions of batches, and what is kept of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpisdk_edu_dkt.dkt.arrays import AnyArray, Floats
from kpisdk_edu_dkt.dkt.features.architecture import Architecture
from kpisdk_edu_dkt.dkt.learning.batches import Group, Store, split_in_chunks
from kpisdk_edu_dkt.dkt.learning.checkpoint import load_weights

if TYPE_CHECKING:
    import torch

    from kpisdk_edu_dkt.dkt.learning.model import Batch, State, Tracer


class Seen:
    """Logits, answers and masks of many batches, left on their device until the end.

    Picking the events out of the padding at once would make a GPU wait at every step.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []

    def add(self, logit: torch.Tensor, batch: Batch) -> None:
        """Take in the (B, T) logits of a batch.

        Args:
            logit: (B, T) logits.
            batch: What they are of.
        """
        self._parts.append((logit.float(), batch.correct, batch.mask))

    def arrays(self) -> tuple[Floats, Floats]:
        """(logits, answers) of all events, in the order of the batches."""
        import torch

        logit, correct, mask = (
            torch.cat([part.reshape(-1) for part in parts]).cpu().double().numpy()
            for parts in zip(*self._parts, strict=True)
        )
        return logit[mask > 0], correct[mask > 0]


def carried(state: State | None, active: int) -> State | None:
    """The state that the next chunk begins with: that of the students who are still active.

    Args:
        state: Where the chunk before ended; None at the start.
        active: Number of students who go on.
    """
    if state is None:
        return None
    # cuDNN takes contiguous states only; half precision is for the step, not for what it leaves
    return tuple(part[:, :active].detach().float().contiguous() for part in state)


def predict_logits(
    model: Tracer, store: Store, groups: list[Group], chunk: int
) -> tuple[Floats, Floats]:
    """(logits, answers) of all events of some batches, in the order of the batches.

    Args:
        model: The network.
        store: The events on their device.
        groups: The batches.
        chunk: Steps after which long histories are cut; the state is carried over.
    """
    import torch

    model.eval()
    seen = Seen()
    with torch.no_grad():
        for group in groups:
            state: State | None = None
            for index, mask, active in split_in_chunks(group, chunk):
                batch = store.batch(index, mask)
                logit, state = model(batch, carried(state, active))
                seen.add(logit, batch)
    return seen.arrays()


def load_tracer(size: Architecture, weights: dict[str, AnyArray]) -> Tracer:
    """A network with given weights, ready to predict.

    Args:
        size: Sizes of the network.
        weights: Name -> values.
    """
    from kpisdk_edu_dkt.dkt.learning.model import Tracer

    model = Tracer(size)
    load_weights(model, weights)
    model.eval()
    return model

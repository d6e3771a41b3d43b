"""Batches: students of like length together, padded, picked by index from tensors made once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Booleans, Integers
from kpisdk_edu_dkt.dkt.features.encoder import Encoder
from kpisdk_edu_dkt.dkt.features.encoding import Encoded

if TYPE_CHECKING:
    import torch

    from kpisdk_edu_dkt.dkt.learning.model import Batch


@attrs.frozen(eq=False)
class Group:
    """The students of one batch, longest first.

    Attributes:
        first: (B,) first event of each student that is predicted.
        length: (B,) number of events of each, descending.
    """

    first: Integers
    length: Integers

    @property
    def events(self) -> int:
        """Number of events to predict."""
        return int(self.length.sum())


def group_students(
    encoded: Encoded,
    size: int,
    *,
    start: bool,
    rng: np.random.Generator | None = None,
    bucketed: bool = True,
) -> list[Group]:
    """Students into batches of ``size``, neighbours in length.

    Args:
        encoded: The events.
        size: Students in a batch.
        start: Whether first events are predicted (models with a start step).
        rng: Mixes students of equal length, and the order of the batches; None keeps both.
        bucketed: Whether neighbours in length share a batch; if not, batches are drawn at random.
    """
    skip = 0 if start else 1
    length = np.diff(encoded.offsets) - skip
    who = np.flatnonzero(length > 0)
    if rng is not None:
        who = rng.permutation(who)
    if bucketed:
        who = who[np.argsort(-length[who], kind="stable")]
    groups = []
    for at in range(0, len(who), size):
        members = who[at : at + size]
        members = members[np.argsort(-length[members], kind="stable")]
        groups.append(Group(encoded.offsets[:-1][members] + skip, length[members]))
    if rng is not None:
        rng.shuffle(groups)
    return groups


def split_in_chunks(group: Group, chunk: int) -> Iterator[tuple[Integers, Booleans, int]]:
    """A batch in chunks of at most ``chunk`` steps, for histories longer than one chunk.

    Args:
        group: The batch.
        chunk: Most steps in a chunk.

    Yields:
        (active, T) event index of each entry, (active, T) whether it is an event, and the number
        of students that are still active: the first ones, as the longest come first.
    """
    longest = int(group.length[0])
    for begin in range(0, longest, chunk):
        active = int(np.count_nonzero(group.length > begin))
        steps = np.arange(begin, min(begin + chunk, int(longest)))
        mask = steps[None, :] < group.length[:active, None]
        # padding points at the student's last event: a valid index whose loss is masked
        at = np.minimum(steps[None, :], group.length[:active, None] - 1)
        yield group.first[:active, None] + at, mask, active


class Store:
    """Encoded events as tensors on a device; batches are picked by index there."""

    def __init__(self, encoded: Encoded, device: torch.device) -> None:
        import torch

        self.device = device
        several = encoded.skill.shape[1] > 1
        self._several = several
        self._tensors = {
            name: torch.from_numpy(np.ascontiguousarray(getattr(encoded, name))).to(device)
            for name in (
                "token",
                "token_weight",
                "phase",
                "numbers",
                "skill",
                "skill_weight",
                "query_phase",
                "query",
                "counts",
                "correct",
            )
        }

    def batch(self, index: Integers, mask: Booleans) -> Batch:
        """The events at (B, T) indices.

        Args:
            index: (B, T) events.
            mask: (B, T) whether each entry is an event, and no padding.
        """
        import torch

        from kpisdk_edu_dkt.dkt.learning.model import Batch

        at = torch.from_numpy(index.astype(np.int64)).to(self.device, non_blocking=True)
        picked: dict[str, torch.Tensor | None] = {
            name: values[at] for name, values in self._tensors.items()
        }
        if not self._several:
            picked["token_weight"] = picked["skill_weight"] = None
        return Batch(
            **picked,  # type: ignore[arg-type]  # only the weights may be None
            mask=torch.from_numpy(mask.astype(np.float32)).to(self.device, non_blocking=True),
        )

    def mask_skills(self, encoded: Encoded, encoder: Encoder, hidden: Booleans) -> None:
        """Show the skills of some events as unknown, so that the unknown head is trained.

        Args:
            encoded: The events as they are, to undo an earlier call.
            encoder: Which index stands for unknown.
            hidden: (events,) the events to hide; both their head and their token.
        """
        import torch

        skill, token = encoded.skill, encoded.token
        strange = len(encoder.skills)
        skill = np.where(hidden[:, None], strange, skill)
        after_hidden = np.zeros_like(hidden)
        after_hidden[1:] = hidden[:-1]
        starts = encoder.tokens - 1 if encoder.options.start else -1
        replaced = (
            strange * 2 + token % 2 if encoder.options.answer else np.full_like(token, strange)
        )
        token = np.where(after_hidden[:, None] & (token != starts), replaced, token)
        self._tensors["skill"] = torch.from_numpy(skill).to(self.device)
        self._tensors["token"] = torch.from_numpy(token).to(self.device)

"""Several processes as one: who I am, my share of a batch, and sums over all of us.

``torchrun`` sets the environment; without it there is one process, and nothing here costs anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import attrs
import numpy as np

from kpisdk_edu_dkt.dkt.arrays import Booleans, Integers


@attrs.frozen
class ProcessGroup:
    """The processes that train one model.

    Attributes:
        rank: Number of this process, from 0.
        size: Number of processes.
        local_rank: Number of this process on its machine.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @property
    def leads(self) -> bool:
        """Whether this process writes files."""
        return self.rank == 0

    def share(self, index: Integers, mask: Booleans) -> tuple[Integers, Booleans]:
        """This process's students of a batch: every ``size``-th.

        A process that would be left without gets the first student with nothing to predict, as all
        processes must take part in every step.

        Args:
            index: (B, T) events of all students of the batch.
            mask: (B, T) whether each entry is an event, and no padding.
        """
        if self.size == 1:
            return index, mask
        mine, real = index[self.rank :: self.size], mask[self.rank :: self.size]
        if not len(mine):
            return index[:1], np.zeros_like(mask[:1])
        return mine, real

    def total(self, values: list[float]) -> list[float]:
        """The sums of some numbers over all processes."""
        if self.size == 1:
            return values
        import torch
        import torch.distributed as dist

        device = "cuda" if dist.get_backend() == "nccl" else "cpu"
        summed = torch.tensor(values, dtype=torch.float64, device=device)
        dist.all_reduce(summed)
        return [float(value) for value in summed.cpu()]


def process_group_of_environment() -> ProcessGroup:
    """The processes that ``torchrun`` describes, or this one alone."""
    return ProcessGroup(
        rank=int(os.environ.get("RANK", "0")),
        size=int(os.environ.get("WORLD_SIZE", "1")),
        local_rank=int(os.environ.get("LOCAL_RANK", "0")),
    )


@contextmanager
def assembled(processes: ProcessGroup, device_type: str) -> Iterator[None]:
    """The processes connected to one another while the block lasts: NCCL on CUDA, else gloo.

    Args:
        processes: The processes that train one model.
        device_type: ``cuda`` or another.
    """
    import torch.distributed as dist

    if processes.size == 1 or dist.is_initialized():
        yield
        return
    dist.init_process_group("nccl" if device_type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()
